/** Every file of `fixtures/broken/` does what its line of the table in `fixtures/broken/README.md` says. */
import { constants, gunzipSync } from "node:zlib";
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Dataset } from "../../../pipelines/dataset.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import { countExamples } from "../../../pipelines/shards/shard_index.ts";
import { svhn } from "../../../pipelines/datasets/svhn.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { FIXTURES, namesIn, prepareTo } from "../prepared.ts";

const BROKEN = `${FIXTURES}broken/`;

/** What the table says that a reader does, by file. */
function promises(): [file: string, promise: string][] {
  const lines = Deno.readTextFileSync(`${BROKEN}README.md`).split("\n").filter((line) => line.startsWith("| `"));
  return lines.map((line) => {
    const [, file, , promise] = line.split("|").map((cell) => cell.trim());
    return [file.replaceAll("`", ""), promise];
  });
}

/** Prepares a file with every reject allowed: the number of examples, and the list of rejects without details. */
async function read(folder: string, sources: string[], dataset?: Dataset) {
  const options = dataset === mnist ? { split: "train" } : {}; // their names say what is broken
  const settings = { sources, maxRejects: 1, damaged: "keep" as const, options, ...(dataset ? { dataset } : {}) };
  const index = await prepareTo(`${folder}/out`, settings);
  const text = await Deno.readTextFile(`${folder}/out/rejects.ndjson`);
  const rejects = text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
  for (const { detail } of rejects) assert(typeof detail === "string" && !detail.includes("\n"), `${detail}`);
  const counted = rejects.length === 0 ? {} : { [rejects[0].reason]: rejects.length };
  assertEquals(index.rejects, counted, "the index counts what the list holds");
  return { examples: countExamples(index), rejects: rejects.map(({ file, line, reason }) => [file, line, reason]) };
}

/** The whole lines that a cut or corrupt gzip still holds, by zlib's own account. */
function wholeLines(file: string): number {
  const bytes = Deno.readFileSync(BROKEN + file);
  return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }).toString().split("\n").length - 1;
}

/** Words that the message of an input error must have. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  "not an IDX file": ["not an IDX file"],
  "expected unsigned bytes": ["float32 [2,28,28]", "expected unsigned bytes"],
  "ends too soon": ["ends too soon"],
  "too many bytes": ["too many bytes"],
  "both counts": ["3 labels", "2 images"],
  "not a MAT-file": ["not a MAT-file of level 5"],
  HDF5: ["HDF5 (version 7.3)", "-v7"],
  "ends inside": ["the file ends inside the element at byte 128"],
  "broken zlib": ["the deflated element at byte 136 is broken"],
  "claims too much": ["an array claims 4294967288 bytes from"],
  "X and y": ["X uint8 [32,32,3,2]", "y uint8 [3,1]", "expected"],
};

async function check(folder: string, file: string, promise: string): Promise<void> {
  const path = BROKEN + file;
  const pair = [file, file.replace("labels-idx1", "images-idx3")].flatMap((name) => [
    BROKEN + name.replace("images-idx3", "labels-idx1"),
    BROKEN + name,
  ]);
  const [sources, dataset] = file.endsWith(".mat") ? [[path], svhn] : [pair, mnist];
  const [, line, reason] = /^rejects line (\d+) \((.*)\), reads the other two$/.exec(promise) ?? [];
  const [, error] = /^input error: (.*)$/.exec(promise) ?? [];
  if (line !== undefined) {
    assertEquals(await read(folder, [path]), { examples: 2, rejects: [[file, Number(line), reason]] });
  } else if (error !== undefined) {
    const failed = await assertRejects(() => read(folder, sources, dataset), InputError);
    for (const word of [file, ...WORDS[error]]) assert(failed.message.includes(word), failed.message);
    assert(!failed.message.includes("\n"), failed.message);
  } else if (promise === "refuses the file, or reads the whole lines and rejects the rest (truncated gzip)") {
    const lines = wholeLines(file);
    assert(lines > 0);
    await assertRejects(() => prepareTo(`${folder}/out`, { sources: [path] }), InputError, "--damaged keep");
    assertEquals(await read(folder, [path]), { examples: lines, rejects: [[file, lines + 1, "truncated gzip"]] });
  } else if (promise === "refuses the file, or reads its lines and rejects it (broken gzip)") {
    await assertRejects(() => prepareTo(`${folder}/out`, { sources: [path] }), InputError, "--damaged keep");
    assertEquals(await read(folder, [path]), { examples: 40, rejects: [[file, 41, "broken gzip"]] });
  } else if (promise === "reads nothing, rejects nothing" || promise === "the same") {
    await assertRejects(() => read(folder, [path]), InputError, "the sources hold no usable example");
    assertEquals(await namesIn(folder), []);
  } else if (promise === "reads both lines") {
    assertEquals(await read(folder, [path]), { examples: 2, rejects: [] });
  } else if (promise === "rejects the example (label out of range)") {
    assertEquals(await read(folder, sources, dataset), { examples: 1, rejects: [[file, 2, "label out of range"]] });
  } else {
    assertEquals(promise, "belongs to the other");
  }
}

for (const [file, promise] of may("read") ? promises() : []) {
  Deno.test({
    name: `broken/${file}: ${promise}`,
    ignore: FAST || !may("read", "write"),
    sanitizeOps: true,
    sanitizeResources: true,
    fn: () => inTemporaryFolder((folder) => check(folder, file, promise)),
  });
}

Deno.test({
  name: "every file of fixtures/broken is in its table",
  ignore: !may("read"),
  fn: () => {
    const files = [...Deno.readDirSync(BROKEN)].map(({ name }) => name).filter((name) => name !== "README.md");
    assertEquals(promises().map(([file]) => file).sort(), files.sort());
  },
});
