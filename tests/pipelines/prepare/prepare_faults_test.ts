/** What goes wrong while `prepare` runs: one clear line, nothing half-made, the old output as it was. */
import { gzipSync } from "node:zlib";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { claimFolder } from "../../../pipelines/shards/output_folder.ts";
import { inTemporaryFolder } from "../../helpers.ts";
import { CAN_RUN, complaints, runTask } from "../../tasks/command.ts";
import { writeManyDrawings } from "./many_drawings.ts";
import { embedded, filesOf, namesIn, prepareTo } from "../../tasks/prepared.ts";

function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({ name: `prepare: ${name}`, ignore: !CAN_RUN, fn: () => inTemporaryFolder(fn) });
}

/** Runs prepare, which must fail with one line and exit code 2. */
async function refused(args: readonly string[]): Promise<string> {
  const run = await runTask("prepare", args);
  assertEquals([run.code, run.stdout, complaints(run).length], [2, "", 1], run.stderr);
  return complaints(run)[0];
}

test("a second run on the same output is refused, and does not touch what the first writes", async (folder) => {
  const out = `${folder}/out`;
  const lock = await claimFolder(out);
  await Deno.writeTextFile(`${out}.partial/journal.json`, "of the first");
  const before = await filesOf(`${out}.partial`);
  const line = await refused(["--output", `${out}/`, "--source", ...embedded("sun")]);
  assertEquals(line, `strokewise prepare: output ${out}: another run is writing it`);
  assertEquals(await filesOf(`${out}.partial`), before);
  lock.close();
  await prepareTo(out, { sources: embedded("sun") });
  assertEquals(await namesIn(folder), ["out"]);
});

test("an output that cannot be written", async (folder) => {
  const args = ["-t", "tmpfs", "-o", "ro", "tmpfs", folder];
  const mount = await new Deno.Command("mount", { args, stderr: "null" }).output().catch(() => ({ success: false }));
  if (!mount.success) await Deno.chmod(folder, 0o500); // not as root, who could write there
  try {
    const line = await refused(["--output", `${folder}/out`, "--source", ...embedded("sun")]);
    assertStringIncludes(line, mount.success ? "Read-only file system" : "Permission denied");
    assertStringIncludes(line, `${folder}/out.partial`);
  } finally {
    if (mount.success) await new Deno.Command("umount", { args: [folder] }).output();
    else await Deno.chmod(folder, 0o700);
  }
});

test("a source that grows or shrinks while it is read", async (folder) => {
  const source = await writeManyDrawings(`${folder}/many.ndjson`, 20_000);
  const { size } = await Deno.stat(source);
  for (const change of [-1000, 1000]) {
    let isChanged = false;
    const reading = prepareTo(`${folder}/out`, { sources: [source] }, () => {
      if (!isChanged) Deno.truncateSync(source, size + change);
      isChanged = true;
    });
    const words = `source ${source}: had ${size} bytes, ${size + change} were read: it was changed meanwhile`;
    await assertRejects(() => reading, InputError, words);
    assertEquals(await namesIn(folder), ["many.ndjson"]);
    await writeManyDrawings(source, 20_000);
  }
});

test("a source without any record is told, and a class without any drawing", async (folder) => {
  const texts = { "apple.ndjson": "", "bat.ndjson": "\n", "two.json": '{"cat":[],"dog":[[[[1,2],[3,4]]]],"sun":[]}' };
  const sources = [...embedded("sun"), ...Object.keys(texts).map((name) => `${folder}/${name}`)];
  for (const [name, text] of Object.entries(texts)) await Deno.writeTextFile(`${folder}/${name}`, text);
  const { notes } = await prepareTo(`${folder}/out`, { sources });
  assertEquals(notes?.slice(0, 2), [
    "classes without a drawing: cat, sun",
    "without any record: apple.ndjson, bat.ndjson",
  ]);
});

test("a broken gzip among good files is refused; kept, its size and hash are of the whole file", async (folder) => {
  const good = await writeManyDrawings(`${folder}/many.ndjson`, 1000);
  const bytes = await Deno.readFile(embedded("sun")[0]);
  bytes.fill(255, 1000, 1040);
  const broken = `${folder}/sun.ndjson.gz`;
  await Deno.writeFile(broken, bytes);
  const settings = { sources: [broken, good] };
  await assertRejects(() => prepareTo(`${folder}/out`, settings), InputError, "broken gzip: ");
  assertEquals(await namesIn(folder), ["many.ndjson", "sun.ndjson.gz"]);
  const index = await prepareTo(`${folder}/out`, { ...settings, damaged: "keep" });
  assertEquals(index.rejects, { "broken gzip": 1 });
  assertEquals(index.sources[0].bytes, bytes.length);
  assertEquals(index.sources[0].sha256, new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex());
});

const LINE = '{"word":"sun","drawing":[[[0,255],[0,9]]]}\n';
const MANY = Array.from({ length: 500 }, (_, i) => LINE.replace("9", `${i % 256},1`).replace("255", "7,255")).join("");

for (
  const [what, bytes, words] of [
    ["a gzip cut in two", gzipSync(MANY).subarray(0, -40), "truncated gzip"],
    ["a gzip whose checksum fails", gzipSync(MANY).with(-6, 7), "broken gzip"],
    ["a gzip with bytes behind it", new Uint8Array([...gzipSync(MANY), 1, 2, 3]), "broken gzip"],
    ["a last line that is cut", new TextEncoder().encode(MANY.slice(0, -20)), "truncated line"],
    ["a hole of zeros that ends lines", new TextEncoder().encode(MANY).fill(0, 5000, 9096), "zero bytes"],
    ["a line without an end", new TextEncoder().encode(MANY + `{"x":"${"y".repeat(2 ** 24)}`), "line too long"],
  ] as const
) {
  test(`${what} is no reject of many, however many are allowed`, async (folder) => {
    const source = `${folder}/sun.ndjson`;
    await Deno.writeFile(source, bytes);
    const run = () => prepareTo(`${folder}/out`, { sources: [source], maxRejects: 1 });
    const { message } = await assertRejects(run, InputError, words);
    assertStringIncludes(message, "--damaged keep");
    assertEquals(await namesIn(folder), ["sun.ndjson"]);
    const index = await prepareTo(`${folder}/out`, { sources: [source], damaged: "keep" });
    assertEquals([index.rejects, index.options.damaged], [{ [words]: 1 }, "keep"]);
  });
}

/** Workers that run another file than they were made with. */
async function withWorkers(text: string, folder: string, fn: () => Promise<void>): Promise<void> {
  await Deno.writeTextFile(`${folder}/worker.js`, text);
  const RealWorker = globalThis.Worker;
  globalThis.Worker = class extends RealWorker {
    constructor() {
      super(new URL(`file://${folder}/worker.js`), { type: "module" });
    }
  };
  try {
    await fn();
  } finally {
    globalThis.Worker = RealWorker;
  }
}

const JOBS = new URL("../../../pipelines/prepare/prepare_jobs.ts", import.meta.url);
const DEATHS: readonly [how: string, text: string, words: string, isExpected: boolean][] = [
  ["at its start", 'throw new Error("no luck")', "Error: no luck", true],
  ["while it parses", 'self.onmessage = () => { throw new Error("no luck") };', "a Worker died", true],
  [
    "while it packs",
    `import { parseChunk } from "${JOBS}"; self.onmessage = ({ data }) => {
       if (data.kind === "pack") throw new Error("no luck");
       self.postMessage({ reply: parseChunk(data) });
     };`,
    "a Worker died",
    true,
  ],
  [
    "of a defect that it reports",
    'self.onmessage = () => self.postMessage({ error: { name: "TypeError", message: "x is not a function" } });',
    "TypeError: x is not a function",
    false,
  ],
];

for (const [how, text, words, isExpected] of DEATHS) {
  test(`a Worker that dies ${how}`, async (folder) => {
    const sources = embedded("sun", "line");
    await prepareTo(`${folder}/out`, { sources });
    const before = await filesOf(`${folder}/out`);
    await withWorkers(text, folder, async () => {
      const run = prepareTo(`${folder}/out`, { sources, seed: 1, overwrite: true, workers: 2 });
      const error = await assertRejects(() => run, Error, words);
      assertEquals(error instanceof InputError, isExpected);
    });
    assertEquals(await filesOf(`${folder}/out`), before);
    assertEquals(await namesIn(folder), ["out", "worker.js"]);
  });
}
