/** Shards elsewhere: the batches of a folder here, in a cache that stays small; what goes wrong is one line. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { type BatchOptions, readBatches } from "../../../pipelines/batches/batch.ts";
import { prefetchBatches } from "../../../pipelines/batches/prefetch.ts";
import { arithmetic } from "../../../pipelines/datasets/arithmetic/arithmetic.ts";
import { defaultsOf } from "../../../pipelines/base/option_table.ts";
import type { Dataset } from "../../../pipelines/dataset.ts";
import { withRemoteOptions } from "../../../pipelines/sources/remote_folder.ts";
import { readShard, readShardIndex } from "../../../pipelines/shards/shard_reader.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";
import { CAN_MOUNT, leave, onSmallDisk } from "../../small_disk.ts";
import { CAN_RUN } from "../../tasks/command.ts";
import { embedded, namesIn, prepareTo } from "../../tasks/prepared.ts";
import { type Answer, answerWith, type Asked, HostileServer, MAY_SERVE } from "../sources/hostile_server.ts";

/** Prepared shards, a server that serves them, and the address of its folder. */
interface Bench {
  readonly folder: string;
  readonly local: string;
  readonly server: HostileServer;
  /** The address with a cache of its own, and a limit in bytes. */
  address(limit?: number): string;
  /** Bytes of all files of the cache. */
  held(): Promise<number>;
}

type Change = (answer: Answer, asked: Asked, count: number) => Answer;

function test(name: string, fn: (bench: Bench) => Promise<void>, change: Change = (answer) => answer): void {
  const ignore = !may("read", "write") || !MAY_SERVE;
  const inFolder = async (folder: string): Promise<void> => {
    const local = `${folder}/shards`;
    await prepareTo(local, { sources: embedded("sun", "eye"), shardSize: 32 });
    const files = new Map<string, Uint8Array>();
    for (const file of await namesIn(local)) files.set(`/data/${file}`, await Deno.readFile(`${local}/${file}`));
    await using server = new HostileServer((asked, count) => {
      const body = files.get(asked.path);
      return change(body ? answerWith(body, `"${body.length}"`, asked) : { status: 404 }, asked, count);
    });
    const cache = `${folder}/cache`;
    await fn({
      ...{ folder, local, server },
      address: (limit = 10e6) => withRemoteOptions(server.url("/data/index.json"), { cache, limit }),
      held: async () => {
        let bytes = 0;
        for await (const { name } of Deno.readDir(cache)) {
          bytes += await Deno.stat(`${cache}/${name}`).then(({ size }) => size, () => 0); // removed just now
        }
        return bytes;
      },
    });
  };
  Deno.test({ name: `remote shards: ${name}`, ignore, fn: () => inTemporaryFolder(inFolder) });
}

const READ: Omit<BatchOptions, "folder"> = {
  ...{ split: "train", batchSize: 25, fields: ["stroke_index", "stroke3", "label"], shuffleSeed: 4, epochs: 2 },
};

test("the batches are those of the folder here, in a Worker too, and what is there is not fetched again", async (bench) => {
  const { local, server } = bench;
  const address = bench.address();
  assertEquals(await readShardIndex(address), await readShardIndex(local));
  const expected = await Array.fromAsync(readBatches({ folder: local, ...READ }));
  assertEquals(await Array.fromAsync(readBatches({ folder: address, ...READ })), expected);
  const { length } = server.asked;
  assertEquals(await Array.fromAsync(prefetchBatches({ folder: address, ...READ })), expected);
  assertEquals(server.asked.slice(length).map(({ path }) => path), ["/data/index.json"]);
  const { shards } = (await readShardIndex(local)).splits.train;
  const fetched = server.asked.map(({ path }) => path).filter((path) => path.endsWith(".npz"));
  assertEquals(fetched.sort(), shards.map(({ file }) => `/data/${file}`));
});

test("the cache never holds more than its limit, and the batches are the same", async (bench) => {
  const { local, server } = bench;
  const { shards } = (await readShardIndex(local)).splits.train;
  assert(shards.length >= 10, `${shards.length} shards`);
  const index = (await Deno.stat(`${local}/index.json`)).size;
  const limit = 2 * index + 3 * Math.max(...shards.map(({ bytes }) => bytes));
  const expected = await Array.fromAsync(readBatches({ folder: local, ...READ }));
  let [place, most] = [0, 0];
  for await (const batch of readBatches({ folder: bench.address(limit), ...READ })) {
    assertEquals(batch, expected[place++]);
    most = Math.max(most, await bench.held());
  }
  assertEquals(place, expected.length);
  assert(most <= limit && most > limit / 3, `${most} of ${limit} bytes`);
  const fetched = server.asked.filter(({ path }) => path.endsWith(".npz")).length;
  assert(fetched > shards.length && fetched <= 2 * shards.length + 2, `${fetched} of ${shards.length}`);
});

test("shards come before they are asked for", async (bench) => {
  const batches = readBatches({ folder: bench.address(), ...READ });
  await batches.next();
  for (let i = 0; i < 100 && bench.server.asked.length < 4; i++) await new Promise((wake) => setTimeout(wake, 20));
  assertEquals(bench.server.asked.filter(({ path }) => path.endsWith(".npz")).length, 3);
  await batches.return(undefined);
});

test("connections that are cut are gone on with where they were cut", async ({ local, address, server }) => {
  const expected = await Array.fromAsync(readBatches({ folder: local, ...READ, epochs: 1 }));
  assertEquals(await Array.fromAsync(readBatches({ folder: address(), ...READ, epochs: 1 })), expected);
  const ranges = server.asked.filter(({ headers }) => headers.range !== undefined).length;
  assert(ranges >= 3, `${ranges} ranges`);
}, (answer, { path, headers }) => {
  return path.endsWith(".npz") && headers.range === undefined ? { ...answer, cut: 700 } : answer;
});

test("a shard that is not what the index says is refused, and never kept", async ({ address, folder }) => {
  const read = () => Array.fromAsync(readBatches({ folder: address(), ...READ }));
  const error = await assertRejects(read, InputError, "/data/: train-0");
  assert(
    /train-\d+\.npz: http.*: the sha256 is [0-9a-f]{64}, expected [0-9a-f]{64}$/.test(error.message),
    error.message,
  );
  assertEquals((await namesIn(`${folder}/cache`)).filter((name) => name.endsWith(".npz")), []);
}, (answer, { path }) => {
  return path.endsWith(".npz")
    ? { ...answer, body: answer.body!.map((byte, i) => i === 900 ? byte ^ 1 : byte) }
    : answer;
});

test("a file of the cache that the disk changed is fetched again", async ({ address, folder, local }) => {
  const { splits: { valid: { shards: [shard] } } } = await readShardIndex(local);
  const before = await readShard(address(), shard);
  const path = `${folder}/cache/${shard.sha256}.npz`;
  const bytes = await Deno.readFile(path);
  bytes[500] ^= 4;
  await Deno.writeFile(path, bytes);
  assertEquals(await readShard(address(), shard), before);
});

test("an index that was changed is refused", async ({ address, server }) => {
  const words = `${server.url("/data/index.json")}: its content is not what was written (sha256)`;
  await assertRejects(() => readShardIndex(address()), InputError, words);
}, (answer) => {
  const body = new TextEncoder().encode(
    new TextDecoder().decode(answer.body).replace('"duplicate"', '"duplikate"').replace('"sun"', '"son"'),
  );
  return { ...answer, body, headers: {} };
});

test(
  "no index there, no shard there, no leave to read",
  async ({ address, server, local }) => {
    const other = withRemoteOptions(server.url("/other/"), {});
    await assertRejects(() => readShardIndex(other), InputError, "/other/: no index.json there, so no finished shards");
    const { splits: { test: { shards: [shard] } } } = await readShardIndex(local);
    const says = `/data/: ${shard.file}: ${server.url(`/data/${shard.file}`)}: the server answers 404`;
    await assertRejects(() => readShard(address(), shard), InputError, says);
    await assertRejects(() => readShardIndex(server.url("/secret")), InputError, "index.json: the server answers 403");
  },
  (answer, { path }) =>
    path.startsWith("/secret") ? { status: 403 } : path.includes("/test-") ? { status: 404 } : answer,
);

test("a server elsewhere is not asked, whoever says so", async (bench) => {
  await using elsewhere = new HostileServer(() => ({ status: 200 }));
  const address = bench.server.url("/far/").replace("/far", `/far-${new URL(elsewhere.url("/")).port}`);
  const error = await assertRejects(
    () => readShardIndex(address),
    InputError,
    "which nobody named, so it is not asked",
  );
  assert(error.message.includes(`the server redirects to http://127.0.0.1:`), error.message);
  assertEquals(elsewhere.asked, []);
  assertEquals((await readShardIndex(bench.server.url("/here"))).dataset, "quickdraw");
}, (answer, { path }) => {
  const [, port] = /^\/far-(\d+)/.exec(path) ?? [];
  if (port !== undefined) return { status: 302, headers: { location: `http://127.0.0.1:${port}/data/index.json` } };
  return path.startsWith("/here") ? { status: 307, headers: { location: "/data/index.json" } } : answer;
});

test("a cache that has no room for a shard says so", async ({ address, server }) => {
  const read = () => readShardIndex(address(500)); // before anything is begun
  await assertRejects(read, InputError, "bytes, and the cache takes 500; --cache-limit makes it larger");
  assertEquals(server.asked.map(({ path }) => path), ["/data/index.json"]);
});

Deno.test({
  name: "remote shards: a disk that is full is one line, and what comes when there is room again is whole",
  ignore: !may("read", "write") || !MAY_SERVE || !CAN_RUN || !CAN_MOUNT,
  fn: () =>
    inTemporaryFolder((folder) =>
      onSmallDisk(async (disk) => {
        const local = `${folder}/shards`;
        await prepareTo(local, { sources: embedded("sun") });
        await using server = new HostileServer((asked) =>
          answerWith(Deno.readFileSync(local + asked.path), '"1"', asked)
        );
        const remote = withRemoteOptions(server.url("/"), { cache: `${disk}/cache` });
        const { splits: { train: { shards: [shard] } } } = await readShardIndex(local);
        const expected = await readShard(local, shard);
        for (const space of [0, 4096, 8192]) {
          await leave(disk, space);
          await assertRejects(() => readShard(remote, shard), InputError, "No space left on device");
          if (space === 0) {
            await assertRejects(() => readShardIndex(remote), InputError, "; --cache names another folder");
          }
        }
        await leave(disk, 2 ** 20);
        assertEquals(await readShard(remote, shard), expected);
      })
    ),
});

Deno.test({
  name: "remote shards: fields that are looked up in a bank, which comes too",
  ignore: !may("read", "write") || !MAY_SERVE,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const local = `${folder}/shards`;
      const options = { ...defaultsOf(arithmetic.options), max: 9 };
      await prepareTo(local, { dataset: arithmetic as Dataset, options });
      await using server = new HostileServer((asked) =>
        answerWith(Deno.readFileSync(local + asked.path), '"1"', asked)
      );
      const remote = withRemoteOptions(server.url("/"), { cache: `${folder}/cache` });
      const read = { split: "train", batchSize: 40, fields: ["query_image", "label"], epochs: 1 } as const;
      const expected = await Array.fromAsync(readBatches({ folder: local, ...read }));
      assertEquals(await Array.fromAsync(readBatches({ folder: remote, ...read })), expected);
    }),
});
