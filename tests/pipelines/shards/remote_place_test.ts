/** Outputs and parts at S3: the files of a run here, the index last; whatever went wrong is gone on with. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { mergeParts } from "../../../pipelines/prepare/merge_parts.ts";
import { withRemoteOptions } from "../../../pipelines/sources/remote_folder.ts";
import { readBatches } from "../../../pipelines/batches/batch.ts";
import { readShardIndex } from "../../../pipelines/shards/shard_reader.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";
import { makeParts } from "../prepare/parts.ts";
import { embedded, filesOf, namesIn, prepareTo } from "../../tasks/prepared.ts";
import { MAY_SERVE } from "../sources/hostile_server.ts";
import { CREDENTIALS, S3Server } from "../sources/s3_server.ts";

interface Bench {
  readonly folder: string;
  readonly server: S3Server;
  address(bucket: string): string;
}

/** Makes the credentials those of the environment, but for some. */
function setCredentials(more: Readonly<Record<string, string>> = {}): void {
  for (const [name, value] of Object.entries({ ...CREDENTIALS, ...more })) Deno.env.set(name, value);
}

function test(name: string, fn: (bench: Bench) => Promise<void>): void {
  const ignore = !may("read", "write", "env") || !MAY_SERVE;
  const inFolder = async (folder: string): Promise<void> => {
    setCredentials();
    await using server = new S3Server();
    const options = { endpoint: server.endpoint, cache: `${folder}/cache` };
    await fn({ folder, server, address: (bucket) => withRemoteOptions(`s3://${bucket}`, options) });
  };
  Deno.test({ name: `S3: ${name}`, ignore, fn: () => inTemporaryFolder(inFolder) });
}

/** What is kept under a prefix, as `filesOf` gives it of a folder. */
const keptIn = (server: S3Server, prefix: string): Record<string, string> =>
  Object.fromEntries(server.namesIn(prefix).map((name) => [name, server.kept.get(prefix + name)!.bytes.toBase64()]));

const SETTINGS = { sources: embedded("sun", "eye"), shardSize: 64 };

test("what is put there is what a run here makes, the index last, and nothing is left here", async (bench) => {
  const { folder, server } = bench;
  const index = await prepareTo(`${folder}/here`, SETTINGS);
  assertEquals(await prepareTo(bench.address("bucket/deep/er"), SETTINGS), index);
  assertEquals(keptIn(server, "bucket/deep/er/"), await filesOf(`${folder}/here`));
  const puts = server.asked.filter((asked) => asked.startsWith("PUT"));
  assertEquals(puts.at(-1), "PUT bucket/deep/er/index.json");
  assertEquals(await namesIn(`${folder}/cache/uploads`), []);
});

test("it is read from there with signatures, and by nobody without", async (bench) => {
  const { folder } = bench;
  await prepareTo(`${folder}/here`, SETTINGS);
  await prepareTo(bench.address("bucket/x"), SETTINGS);
  const read = { split: "train", batchSize: 50, fields: ["stroke3", "label"], shuffleSeed: 1, epochs: 1 } as const;
  const expected = await Array.fromAsync(readBatches({ folder: `${folder}/here`, ...read }));
  assertEquals(await Array.fromAsync(readBatches({ folder: bench.address("bucket/x"), ...read })), expected);
  for (
    const [change, says] of [
      [{ AWS_SECRET_ACCESS_KEY: "not/the/secret" }, "403 Forbidden, SignatureDoesNotMatch"],
      [{ AWS_ACCESS_KEY_ID: "SOMEBODY" }, "403 Forbidden, InvalidAccessKeyId"],
      [{ AWS_REGION: "us-west-9" }, "403 Forbidden, AuthorizationHeaderMalformed"],
      [{ AWS_ACCESS_KEY_ID: "" }, "403 Forbidden, AccessDenied"],
    ] as const
  ) {
    setCredentials(change);
    const error = await assertRejects(() => readShardIndex(bench.address("bucket/x")), InputError, says);
    assert(error.message.startsWith("data s3://bucket/x: index.json: "), error.message);
    for (const secret of ["not/the/secret", "SOMEBODY", CREDENTIALS.AWS_SECRET_ACCESS_KEY]) {
      assert(!error.message.includes(secret), error.message);
    }
  }
  setCredentials();
});

test("who may not write is told before the work begins", async (bench) => {
  setCredentials({ AWS_SECRET_ACCESS_KEY: "x" });
  const error = await assertRejects(
    () => prepareTo(bench.address("bucket/x"), SETTINGS),
    InputError,
    "SignatureDoesNotMatch",
  );
  assertEquals([bench.server.asked, error.message.includes("s3://bucket/x")], [[], true]);
  setCredentials();
  bench.server.instead = (asked) => asked.startsWith("PUT") ? new Response(null, { status: 403 }) : undefined;
  const words = "output s3://bucket/x: PUT .strokewise-writes: the server answers 403 Forbidden; AWS_ACCESS_KEY_ID";
  await assertRejects(() => prepareTo(bench.address("bucket/x"), SETTINGS), InputError, words);
});

test("an output is replaced only when asked for and ours; what the new one lacks is gone then", async (bench) => {
  const { server } = bench;
  const output = bench.address("bucket/x");
  await prepareTo(output, { ...SETTINGS, shardSize: 16 });
  const before = keptIn(server, "bucket/x/");
  await assertRejects(
    () => prepareTo(output, SETTINGS),
    InputError,
    "output s3://bucket/x: already there; --overwrite",
  );
  assertEquals(keptIn(server, "bucket/x/"), before);
  server.kept.set("bucket/x/mine.txt", { bytes: new Uint8Array(3), sha256: null });
  const { splits } = await prepareTo(output, { ...SETTINGS, overwrite: true });
  const files = Object.values(splits).flatMap(({ shards }) => shards.map(({ file }) => file));
  assertEquals(
    server.namesIn("bucket/x/"),
    ["contact_sheet.png", "index.json", "mine.txt", "rejects.ndjson", ...files].sort(),
  );
  server.kept.set("bucket/y/index.json", { bytes: new TextEncoder().encode('{"a":1}'), sha256: null });
  const foreign = () => prepareTo(bench.address("bucket/y"), { ...SETTINGS, overwrite: true });
  await assertRejects(foreign, InputError, "output s3://bucket/y: already there and holds no strokewise shards");
});

test("a server that fails for a moment is asked again; nothing is put there twice", async (bench) => {
  const { server } = bench;
  let failures = 2;
  server.instead = (asked) => {
    return asked.startsWith("PUT bucket/x/train") && failures-- > 0 ? new Response(null, { status: 503 }) : undefined;
  };
  await prepareTo(bench.address("bucket/x"), SETTINGS);
  const puts = server.asked.filter((asked) => asked.startsWith("PUT bucket/x/t"));
  assertEquals(puts.length, new Set(puts).size + 2);
});

test("what cannot be put there is kept here; the same command puts what is not there yet, and reads nothing", async (bench) => {
  const { folder, server } = bench;
  const output = bench.address("bucket/x");
  server.instead = (asked) => asked.startsWith("PUT bucket/x/v") ? new Response(null, { status: 403 }) : undefined;
  const error = await assertRejects(() => prepareTo(output, SETTINGS), InputError, "the server answers 403 Forbidden");
  assert(/; all is made, in \S+\.partial, and the same command goes on from it$/.test(error.message), error.message);
  assert(server.namesIn("bucket/x/").length >= 2 && !server.kept.has("bucket/x/index.json"));
  server.instead = () => undefined;
  const before = server.namesIn("bucket/x/");
  server.asked.length = 0;
  const phases = new Set<string>();
  const index = await prepareTo(output, SETTINGS, ({ phase }) => phases.add(phase));
  assertEquals([...phases], []);
  const puts = server.asked.filter((asked) => asked.startsWith("PUT")).map((asked) =>
    asked.slice("PUT bucket/x/".length)
  );
  assertEquals(puts.filter((name) => before.includes(name)), []);
  assertEquals(await prepareTo(`${folder}/here`, SETTINGS), index);
  assertEquals(keptIn(server, "bucket/x/"), await filesOf(`${folder}/here`));
  assertEquals(await namesIn(`${folder}/cache/uploads`), []);
});

test("three parts there become a whole there, which is that of a run here", async (bench) => {
  const { folder, server } = bench;
  const index = await prepareTo(`${folder}/here`, SETTINGS);
  const parts: string[] = [];
  for (const [i, path] of (await makeParts(folder, 3, SETTINGS)).entries()) {
    for (const name of await namesIn(path)) {
      server.kept.set(`bucket/parts/${i}/${name}`, { bytes: await Deno.readFile(`${path}/${name}`), sha256: null });
    }
    parts.push(bench.address(`bucket/parts/${i}`));
  }
  assertEquals(await mergeParts({ parts, output: bench.address("bucket/whole"), workers: 1 }), index);
  assertEquals(keptIn(server, "bucket/whole/"), await filesOf(`${folder}/here`));
});

test("no files can be put to a web server", async ({ server }) => {
  const output = `${server.endpoint}/x`;
  await assertRejects(
    () => prepareTo(output, SETTINGS),
    InputError,
    "/x/: no files can be put there; expected s3://bucket",
  );
});
