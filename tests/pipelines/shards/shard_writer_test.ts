import { createHash } from "node:crypto";
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import type { Dataset, Row } from "../../../pipelines/dataset.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import type { ShardIndex } from "../../../pipelines/shards/shard_index.ts";
import { readShard } from "../../../pipelines/shards/shard_reader.ts";
import type { PackRequest } from "../../../pipelines/shards/pack_shard.ts";
import { claimFolder } from "../../../pipelines/shards/output_folder.ts";
import { ShardWriter } from "../../../pipelines/shards/shard_writer.ts";
import type { ShardWriterOptions } from "../../../pipelines/shards/writer_options.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";
import { filesOf, namesIn } from "../../tasks/prepared.ts";
import { SPLITS } from "../../../pipelines/base/split.ts";

/** A test in a folder of its own. */
function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({
    name: `ShardWriter: ${name}`,
    ignore: !may("read", "write"),
    sanitizeOps: true,
    sanitizeResources: true,
    fn: () => inTemporaryFolder(fn),
  });
}

/** A dataset of single bytes. */
const BYTES: Dataset = {
  ...mnist, // but for what the writer asks of a dataset
  name: "bytes",
  fields: () => ({
    value: { dtype: "uint8", shape: [] },
    label: { dtype: "uint8", shape: [] },
    key: { dtype: "uint64", shape: [] },
  }),
  pack: (rows) => ({
    value: { dtype: "uint8", shape: [rows.length], data: Uint8Array.from(rows, ({ payload }) => payload[0]) },
    label: { dtype: "uint8", shape: [rows.length], data: Uint8Array.from(rows, ({ label }) => label) },
    key: { dtype: "uint64", shape: [rows.length], data: BigUint64Array.from(rows, ({ key }) => key) },
  }),
  histogram: { name: "parity", of: ({ payload }) => payload[0] % 2 },
};

const NAMES = ["cat", "ant", "bee"];

/** Rows 0, 1, 2, …: key n, class by turns, value n modulo 251. */
function rowsUpTo(count: number): Row[] {
  return Array.from({ length: count }, (_, n) => ({
    key: BigInt(n),
    className: NAMES[n % 3],
    payload: Uint8Array.of(n % 251),
  }));
}

const REPORT = { sources: [], filters: {}, rejects: {} };

async function write(
  folder: string,
  rows: readonly Row[],
  options: Partial<ShardWriterOptions> = {},
): Promise<ShardIndex> {
  const writer = await ShardWriter.create({ folder, dataset: BYTES, ...options });
  for (let at = 0; at < rows.length; at += 100) await writer.add(rows.slice(at, at + 100));
  return await writer.finish(REPORT);
}

/** Every example as stored, split by split. */
async function stored(folder: string, index: ShardIndex) {
  const examples: { key: number; value: number; className: string; split: string }[] = [];
  for (const split of SPLITS) {
    for (const shard of index.splits[split].shards) {
      const { key, value, label } = await readShard(folder, shard);
      for (let i = 0; i < shard.examples; i++) {
        const className = index.classes[Number(label.data[i])];
        examples.push({ key: Number(key.data[i]), value: Number(value.data[i]), className, split });
      }
    }
  }
  return examples;
}

test("every row is stored once, under its class, which labels name in alphabetical order", async (folder) => {
  const index = await write(`${folder}/out`, rowsUpTo(3000));
  assertEquals(index.classes, ["ant", "bee", "cat"]);
  const examples = await stored(`${folder}/out`, index);
  for (const { key, value, className } of examples) assertEquals([value, className], [key % 251, NAMES[key % 3]]);
  const keys = examples.map(({ key }) => key);
  assertEquals(keys.toSorted((a, b) => a - b), Array.from({ length: 3000 }, (_, n) => n));
  assertEquals(index.fields, BYTES.fields({}));
});

test("the shuffle is global: neighbours in a split come from everywhere", async (folder) => {
  const index = await write(`${folder}/out`, rowsUpTo(3000), { shardSize: 500 });
  const train = (await stored(`${folder}/out`, index)).filter(({ split }) => split === "train").map(({ key }) => key);
  // Of a random permutation of n keys the correlation with its place has the standard deviation 1 / sqrt(n - 1).
  const n = train.length;
  const mean = train.reduce((sum, key) => sum + key) / n;
  const covariance = train.reduce((sum, key, i) => sum + (key - mean) * (i - (n - 1) / 2), 0) / n;
  const deviation = Math.sqrt(train.reduce((sum, key) => sum + (key - mean) ** 2, 0) / n * (n * n - 1) / 12);
  assert(Math.abs(covariance / deviation) < 5 / Math.sqrt(n - 1), `correlation ${covariance / deviation}`);
  // The steps between neighbours: mean |a - b| of two random numbers below 3000 is 1000, with deviation 707 / sqrt(n).
  const steps = train.slice(1).map((key, i) => Math.abs(key - train[i]));
  const step = steps.reduce((sum, step) => sum + step) / steps.length;
  assert(Math.abs(step - 1000) < 5 * 1000 / Math.sqrt(n), `mean step ${step}`);
});

test("the files depend on rows and seed alone, not on the order of the rows", async (folder) => {
  const rows = rowsUpTo(1000);
  await write(`${folder}/a`, rows, { seed: 7 });
  await write(`${folder}/b`, new Prng(1).shuffle([...rows]), { seed: 7 });
  await write(`${folder}/c`, rows, { seed: 8 });
  const [a, b, c] = await Promise.all(["a", "b", "c"].map((name) => filesOf(`${folder}/${name}`)));
  assertEquals(a, b);
  assertEquals(Object.keys(a), ["index.json", "test-00000.npz", "train-00000.npz", "valid-00000.npz"]);
  for (const name of Object.keys(a)) assertNotEquals(a[name], c[name]);
});

test("shards hold --shard-size examples each, and the index their size, count and sha256", async (folder) => {
  const { splits } = await write(`${folder}/out`, rowsUpTo(1000), { shardSize: 64 });
  for (const split of SPLITS) {
    const { shards, examples, perClass } = splits[split];
    assertEquals(shards.length, Math.ceil(examples / 64));
    assertEquals(perClass.reduce((sum, count) => sum + count), examples);
    for (const [i, shard] of shards.entries()) {
      assertEquals(shard.examples, i < shards.length - 1 ? 64 : examples - 64 * (shards.length - 1));
      const bytes = await Deno.readFile(`${folder}/out/${shard.file}`);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      assertEquals([shard.file, shard.bytes, shard.sha256], [
        ...[`${split}-${String(i).padStart(5, "0")}.npz`, bytes.length, sha256],
      ]);
    }
  }
  const files = SPLITS.flatMap((split) => splits[split].shards.map(({ file }) => file));
  assertEquals(await namesIn(`${folder}/out`), ["index.json", ...files.sort()]);
});

test("a row that comes again is left out and counted, wherever it comes", async (folder) => {
  const rows = rowsUpTo(600);
  const repeats = rows.filter((_, n) => n % 5 === 0);
  const index = await write(`${folder}/out`, [...rows, ...repeats, ...repeats]);
  assertEquals(index.filters, { duplicate: 240 });
  const examples = await stored(`${folder}/out`, index);
  assertEquals(examples.length, 600);
  for (const { key, value } of examples) assertEquals(value, key % 251);
  assertEquals(index.notes, []);
});

test("rows with one key but another class or payload are kept and counted", async (folder) => {
  const rows = rowsUpTo(100);
  const others = rows.flatMap((row) => [
    { ...row, payload: Uint8Array.of(255) },
    { ...row, className: "another" },
    { ...row, className: "another" },
  ]);
  const index = await write(`${folder}/out`, [...rows, ...others]);
  assertEquals(index.filters, { duplicate: 100 });
  assertEquals(index.notes, ["300 examples share their key with one of another class or content: all were kept"]);
  const examples = await stored(`${folder}/out`, index);
  assertEquals(new Set(examples.map(({ key, className, value }) => `${key} ${className} ${value}`)).size, 300);
});

test("counts per class and the histogram are those of the shards", async (folder) => {
  const index = await write(`${folder}/out`, rowsUpTo(500));
  const examples = await stored(`${folder}/out`, index);
  for (const split of SPLITS) {
    const perClass = index.classes.map((name) =>
      examples.filter((example) => example.split === split && example.className === name).length
    );
    assertEquals(index.splits[split].perClass, perClass);
  }
  const odd = examples.filter(({ value }) => value % 2 === 1).length;
  assertEquals(index.histograms, { parity: { 0: 500 - odd, 1: odd } });
});

test("--per-class keeps exactly so many, drawn across the splits, mixed", async (folder) => {
  const rows = rowsUpTo(3000).filter(({ className }, n) => className !== "bee" || n < 60); // 1000, 20 and 1000
  const index = await write(`${folder}/out`, rows, { perClass: 200 });
  assertEquals(index.filters, { "more than --per-class": 1600 });
  const examples = await stored(`${folder}/out`, index);
  const count = (name: string) => examples.filter(({ className }) => className === name).length;
  assertEquals(NAMES.map(count), [200, 200, 20]);
  assertEquals(index.splits.train.examples + index.splits.valid.examples + index.splits.test.examples, 420);
  // Drawn, not the first ones: the mean of 200 keys of 0..2999 is 1500 give or take 866 / sqrt(200) = 61.
  const cats = examples.filter(({ className }) => className === "cat").map(({ key }) => key);
  const mean = cats.reduce((sum, key) => sum + key) / 200;
  assert(Math.abs(mean - 1500) < 5 * 61, `mean key ${mean}`);
  // About a tenth of 420 in each of valid and test: 42 give or take 6.
  for (const split of ["valid", "test"] as const) assert(Math.abs(index.splits[split].examples - 42) < 31, split);
  // No class waits for the end: the rare one is spread over the whole of train.
  const train = examples.filter(({ split }) => split === "train");
  const places = train.flatMap(({ className }, i) => className === "bee" ? [i / train.length] : []);
  assert(Math.min(...places) < 0.5 && Math.max(...places) > 0.5, `${places}`);

  const other = await write(`${folder}/other`, rows, { perClass: 200, seed: 1 });
  const keys = new Set((await stored(`${folder}/other`, other)).map(({ key }) => key));
  assert(examples.some(({ key }) => !keys.has(key)), "another seed draws the same examples");
});

test("an example's own split counts; the key's hash decides for the others", async (folder) => {
  const rows = rowsUpTo(90).map((row, n) => ({ ...row, split: SPLITS[Math.floor(n / 30)] }));
  const index = await write(`${folder}/out`, rows);
  for (const { key, split } of await stored(`${folder}/out`, index)) assertEquals(split, SPLITS[Math.floor(key / 30)]);
});

test("there is no index, and no output, before all else is there", async (folder) => {
  const writer = await ShardWriter.create({ folder: `${folder}/out`, dataset: BYTES });
  assertEquals(writer.outputFolder, `${folder}/out.partial/output`);
  await writer.add(rowsUpTo(100));
  assertEquals(writer.classes, NAMES);
  let seen: string[] = [];
  await writer.finish(REPORT, undefined, async (partial) => {
    seen = [...await namesIn(folder), ...await namesIn(partial)];
  });
  assertEquals(seen, ["out.partial", "test-00000.npz", "train-00000.npz", "valid-00000.npz"]);
  assertEquals(await namesIn(folder), ["out"]);
});

test("what a killed run left behind is emptied", async (folder) => {
  (await claimFolder(`${folder}/out`)).close();
  await Deno.mkdir(`${folder}/out.partial/output`);
  await Deno.writeTextFile(`${folder}/out.partial/output/train-00009.npz`, "half");
  await write(`${folder}/out`, rowsUpTo(50));
  assertEquals(await namesIn(folder), ["out"]);
  assertEquals((await namesIn(`${folder}/out`)).includes("train-00009.npz"), false);
});

test("an output is replaced only if asked for and ours, and stays until the new one is there", async (folder) => {
  const out = `${folder}/out`;
  await write(out, rowsUpTo(50));
  const before = await filesOf(out);
  const options = { folder: out, dataset: BYTES, overwrite: true };
  await assertRejects(() => write(out, rowsUpTo(60)), InputError, `output ${out}: already there; --overwrite`);

  const aborted = await ShardWriter.create(options);
  await aborted.add(rowsUpTo(60));
  assertEquals(await filesOf(out), before);
  await aborted.abort();
  const empty = await ShardWriter.create(options);
  await assertRejects(() => empty.finish(REPORT), InputError, "no usable example");
  await empty.abort();
  assertEquals([await namesIn(folder), await filesOf(out)], [["out"], before]);

  const index = await write(out, rowsUpTo(60), options);
  assertEquals((await stored(out, index)).length, 60);
  assertEquals(await namesIn(folder), ["out"]);
});

test("a folder that holds no shards, or a file, is never replaced; an empty folder is", async (folder) => {
  await Deno.mkdir(`${folder}/mine`);
  await Deno.writeTextFile(`${folder}/mine/index.json`, "{}");
  await Deno.writeTextFile(`${folder}/file`, "text");
  const before = await filesOf(folder);
  for (const name of ["mine", "file"]) {
    const words = "already there and holds no strokewise shards, so it is not replaced";
    await assertRejects(() => write(`${folder}/${name}`, rowsUpTo(9), { overwrite: true }), InputError, words);
  }
  assertEquals(await filesOf(folder), before);
  await Deno.mkdir(`${folder}/empty`);
  assertEquals((await write(`${folder}/empty`, rowsUpTo(9), { overwrite: true })).classes.length, 3);
});

test("shards are cut by bytes too, and an example that none has room for is refused before anything is there", async (folder) => {
  const large = (side: number): Dataset => ({
    ...BYTES as unknown as Dataset,
    fields: () => ({
      ...(BYTES as unknown as Dataset).fields({} as never),
      more: { dtype: "uint8", shape: [side, side] },
    }),
  });
  const writeShard = ({ file, keys }: PackRequest) =>
    Promise.resolve({ file, examples: keys.length, bytes: 1, sha256: "0".repeat(64) });
  const create = (dataset: Dataset) => ShardWriter.create({ folder: `${folder}/out`, dataset, writeShard });
  await assertRejects(() => create(large(2 ** 15 + 1)), InputError, "and a shard 1073741824 at most");
  assertEquals(await namesIn(folder), []);
  const writer = await create(large(2 ** 14));
  await writer.add(rowsUpTo(9).map((row) => ({ ...row, split: "train" })));
  const { splits } = await writer.finish(REPORT);
  assertEquals(splits.train.shards.map(({ examples }) => examples), [3, 3, 3]);
});

test("more classes than a label has room for are refused", async (folder) => {
  const writer = await ShardWriter.create({ folder: `${folder}/out`, dataset: BYTES });
  const [row] = rowsUpTo(1);
  for (const from of [0, 40_000]) {
    const rows = Array.from({ length: 40_000 }, (_, i) => ({ ...row, className: `${from + i}` }));
    if (from === 0) await writer.add(rows);
    else await assertRejects(() => writer.add(rows), InputError, "more than 65536 classes");
  }
  await writer.abort();
  const few = await ShardWriter.create({ folder: `${folder}/out`, dataset: BYTES }); // whose labels are uint8
  await few.add(rowsUpTo(257).map((row, i) => ({ ...row, className: `${i}` })));
  await assertRejects(() => few.finish(REPORT), InputError, "257 classes: a label has room for 256");
  await few.abort();
});
