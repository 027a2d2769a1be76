/** Batches, in this thread and by the Worker. */
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import {
  type AugmentRequest,
  type BatchOptions,
  type PlacedBatch,
  readBatches,
} from "../../../pipelines/batches/batch.ts";
import { affine, AUGMENT_OPTIONS, type AugmentOptions } from "../../../pipelines/strokes/augment.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { defaultsOf } from "../../../pipelines/base/option_table.ts";
import type { ShardIndex } from "../../../pipelines/shards/shard_index.ts";
import { readShard } from "../../../pipelines/shards/shard_reader.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";
import { smallData } from "../../tasks/runs.ts";
import { leaving } from "./own_augmentation.ts";
import { BatchWorkers, prefetchBatches } from "../../../pipelines/batches/prefetch.ts";
import { sliceBatch } from "../../../pipelines/batches/batch_builder.ts";

const FIELDS = ["stroke_index", "stroke_count", "label", "key_id"];
const AUGMENT = { flip: 0, rotate: 30, scale: [0.5, 1], shift: 0.3 };

/** The built-in augmentation with these options. */
const affinely = (options: Partial<AugmentOptions>): AugmentRequest => ({
  address: { url: affine.url, name: "affine", export: "affine" },
  options: { ...defaultsOf(AUGMENT_OPTIONS), ...options },
});

/** A test with prepared data: 97 train examples in shards of 40, 40 and 17, on a 16 x 16 grid. */
function test(name: string, fn: (data: string, index: ShardIndex) => Promise<void>, ignored = false): void {
  const fnOnData = async (folder: string) => await fn(`${folder}/data`, await smallData(`${folder}/data`));
  Deno.test({
    name: `batches: ${name}`,
    ignore: ignored || !may("read", "write"),
    sanitizeOps: true,
    sanitizeResources: true,
    fn: () => inTemporaryFolder(fnOnData),
  });
}

const options = (folder: string, given: Partial<BatchOptions> = {}): BatchOptions => ({
  ...{ folder, split: "train", batchSize: 10, fields: FIELDS, shuffleSeed: 1, epochs: 1 },
  ...given,
});

const read = (folder: string, given: Partial<BatchOptions> = {}) =>
  Array.fromAsync(readBatches(options(folder, given)));

/** The examples of batches, one after another, each as text. */
function examplesOf(batches: readonly PlacedBatch[], fields = FIELDS): string[] {
  return batches.flatMap(({ size, fields: values }) =>
    Array.from({ length: size }, (_, i) =>
      fields.map((name) => {
        const length = values[name].length / size;
        return values[name].subarray(i * length, (i + 1) * length).join();
      }).join(" "))
  );
}

const keysOf = (batches: readonly PlacedBatch[]) => examplesOf(batches, ["key_id"]);

test(
  "every example comes once an epoch, as its shard has it, in batches of B and a smaller last one",
  async (data, index) => {
    const stored: string[] = [];
    for (const shard of index.splits.train.shards) {
      const arrays = await readShard(data, shard, FIELDS);
      const fields = Object.fromEntries(FIELDS.map((name) => [name, arrays[name].data]));
      stored.push(...examplesOf([{ size: shard.examples, fields, epoch: 0, seen: 0 }]));
    }
    assertEquals(new Set(stored).size, 97);
    const batches = await read(data, { epochs: 2 });
    const sizes = [...Array(9).fill(10), 7];
    assertEquals(batches.map(({ size }) => size), [...sizes, ...sizes]);
    assertEquals(batches.map(({ epoch }) => epoch), [...Array(10).fill(0), ...Array(10).fill(1)]);
    assertEquals(batches.slice(10).map(({ seen }) => seen), [10, 20, 30, 40, 50, 60, 70, 80, 90, 97]);
    for (const epoch of [batches.slice(0, 10), batches.slice(10)]) {
      assertEquals(examplesOf(epoch).sort(), stored.sort());
    }
    const plain = await read(data, { shuffleSeed: undefined! });
    assertEquals(keysOf(plain).length, 97);
    const first = await readShard(data, index.splits.train.shards[0], ["key_id"]);
    assertEquals(keysOf(plain).slice(0, 40), [...first.key_id.data].map(String), "without a seed in the shards' order");
  },
);

test("the order depends on seed and epoch alone", async (data) => {
  const [first, second] = [await read(data, { firstEpoch: 0 }), await read(data, { firstEpoch: 1 })].map(keysOf);
  assertEquals(keysOf(await read(data, { epochs: 2 })), [...first, ...second]);
  assertEquals(keysOf(await read(data, { batchSize: 33 })), first);
  assertNotEquals(first, second);
  assertNotEquals(first, keysOf(await read(data, { shuffleSeed: 2 })));
  // Rows are shuffled too, not only shards: the first forty are not a shard's forty in its order.
  const plain = keysOf(await read(data, { shuffleSeed: undefined! }));
  assert(first.some((key, i) => i > 0 && plain.indexOf(key) !== plain.indexOf(first[i - 1]) + 1));
});

test("skipping any number of examples gives the rest of the stream, augmented or not", async (data) => {
  for (const augment of [{}, { augment: affinely(AUGMENT) }]) {
    const whole = await read(data, { ...augment, firstEpoch: 3, epochs: 2 });
    for (const skip of [0, 1, 10, 39, 40, 41, 79, 80, 81, 96, 97]) {
      const rest = await read(data, { ...augment, firstEpoch: 3, epochs: 2, skip });
      assertEquals(examplesOf(rest), examplesOf(whole).slice(skip), `after ${skip}`);
      assertEquals(rest[0].seen, skip === 97 ? 10 : Math.min(skip + 10, 97));
    }
    for (let i = 0; i < whole.length; i += 3) { // at a batch's end: the very batches
      const { epoch, seen } = whole[i];
      const rest = await read(data, { ...augment, firstEpoch: epoch, epochs: 5 - epoch, skip: seen });
      assertEquals(rest, whole.slice(i + 1));
    }
  }
});

test("the Worker gives exactly the same batches, augmented or not, however few it reads ahead", async (data) => {
  for (const given of [{}, { augment: affinely(AUGMENT), epochs: 2, skip: 25 }]) {
    const expected = await read(data, given);
    for (const ahead of [1, 4, 50]) {
      assertEquals(await Array.fromAsync(prefetchBatches(options(data, given), ahead)), expected);
    }
  }
});

test("Workers are kept for the next reading, but for those whose reading was left or failed", async (data) => {
  const expected = await read(data);
  const { Worker } = globalThis;
  let started = 0;
  globalThis.Worker = class extends Worker {
    constructor(...given: ConstructorParameters<typeof Worker>) {
      super(...given);
      started++;
    }
  };
  try {
    using workers = new BatchWorkers();
    const whole = (ahead?: number) => Array.fromAsync(workers.read(options(data), ahead));
    for (const ahead of [4, 1, 50]) assertEquals(await whole(ahead), expected);
    assertEquals(started, 1);
    for await (const { size } of workers.read(options(data))) {
      assertEquals(size, expected[0].size);
      break;
    }
    assertEquals(await Promise.all([whole(), whole()]), [expected, expected]);
    assertEquals(started, 3);
    await assertRejects(() => workers.read(options(`${data}/none`)).next(), InputError, "no index.json");
    assertEquals(await Promise.all([whole(), whole()]), [expected, expected]);
    assertEquals(started, 4);
  } finally {
    globalThis.Worker = Worker;
  }
});

test("augmentation redraws stroke_index alone, another way each epoch", async (data) => {
  const plain = await read(data, { epochs: 2 });
  const rest = ["stroke_count", "label", "key_id"];
  const augmented = await read(data, { epochs: 2, augment: affinely(AUGMENT) });
  assertEquals(examplesOf(augmented, rest), examplesOf(plain, rest));
  const maps = (batches: PlacedBatch[]) => examplesOf(batches, ["stroke_index"]);
  const unchanged = maps(augmented).filter((map, i) => map === maps(plain)[i]).length;
  assert(unchanged < 10, `${unchanged} of 194 maps are as they were`);
  const byKey = new Map(keysOf(augmented).slice(0, 97).map((key, i) => [key, maps(augmented)[i]]));
  const again = keysOf(augmented).slice(97).filter((key, i) => byKey.get(key) === maps(augmented)[97 + i]).length;
  assert(again < 5, `${again} of 97 maps are the same in both epochs`);
  assertEquals(
    maps(await read(data, { augment: affinely({ flip: 0, rotate: 0, scale: [1, 1], shift: 0 }) })),
    maps(plain).slice(0, 97),
  );

  // Half the size: half as wide and high, but for a cell that is only touched at either side.
  const side = (map: string, cell: (i: number) => number) => {
    const marked = map.split(",").flatMap((value, i) => value === "0" ? [] : [cell(i)]);
    return Math.max(...marked) - Math.min(...marked) + 1;
  };
  const half = maps(await read(data, { augment: affinely({ flip: 0, rotate: 0, scale: [0.5, 0.5], shift: 0 }) }));
  half.forEach((map, i) => {
    for (const cell of [(i: number) => i % 16, (i: number) => i >> 4]) {
      const [found, whole] = [side(map, cell), side(maps(plain)[i], cell)];
      assert(Math.abs(found - whole / 2) <= 1.5, `${whole} cells became ${found}`);
    }
  });
});

test("an augmentation that leaves strokes out leaves them out of the count, and one off the grid is refused", async (data) => {
  const leave = (options: { keep: number; move: number }) =>
    read(data, { augment: { address: { url: leaving.url, name: "leaving", export: "leaving" }, options } });
  const counts = (batches: PlacedBatch[]) => examplesOf(batches, ["stroke_count"]).map(Number);
  const plain = counts(await read(data));
  assert(plain.some((count) => count > 2));
  const left = await leave({ keep: 2, move: 0 });
  assertEquals(counts(left), plain.map((count) => Math.min(count, 2)));
  assertEquals(
    examplesOf(left, ["stroke_index"]).map((map) => Math.max(...map.split(",").map(Number)) <= 2).includes(false),
    false,
  );
  const refused = (options: Parameters<typeof leave>[0], words: string) =>
    assertRejects(() => leave(options), InputError, `augmentation leaving: it made ${words}`);
  await refused({ keep: 8, move: 0.5 }, "a coordinate of ");
  await refused({ keep: 8, move: 300 }, "a coordinate of ");
  await refused({ keep: 0, move: 0 }, "a drawing without strokes");
});

test("a field that is not there is refused", async (data) => {
  const words = "the quickdraw shards have no field image to make batches of; they have stroke_index, stroke_count";
  await assertRejects(() => read(data, { fields: ["image"] }), InputError, words);
  const prefetched = () => Array.fromAsync(prefetchBatches(options(data, { fields: ["image"] })));
  await assertRejects(prefetched, InputError, words);
});

test("a number that counts nothing, a split that is none, and more skipped than there is are refused", async (data) => {
  const cases: [given: object, words: string][] = [
    ...[0, -1, 1.5, NaN].map((
      batchSize,
    ): [object, string] => [{ batchSize }, "batchSize: expected a whole number, 1 or"]),
    [{ batchSize: undefined }, "batchSize: expected"],
    [{ skip: -1 }, "skip: expected a whole number, 0 or more; found -1"],
    [{ epochs: 1.5 }, "epochs: expected a whole number, 0 or more; found 1.5"],
    [{ firstEpoch: -1 }, "firstEpoch: expected a whole number, 0 or more; found -1"],
    [{ split: "tset" }, "split: expected"],
  ];
  for (const [given, words] of cases) {
    const wanted = { ...options(data), ...given };
    await assertRejects(() => readBatches(wanted).next(), RangeError, `batches: ${words}`);
    await assertRejects(() => prefetchBatches(wanted).next(), RangeError, `batches: ${words}`);
  }
  for (const ahead of [0, -1, 1.5, NaN]) {
    const words = "batches: ahead: expected a whole number, 1 or more";
    await assertRejects(() => prefetchBatches(options(data), ahead).next(), RangeError, words);
  }
  const words = `data ${data}: train has 97 examples, cannot skip 98`;
  await assertRejects(() => read(data, { skip: 98 }), InputError, words);
  await assertRejects(() => prefetchBatches(options(data, { skip: 98 })).next(), InputError, words);
});

test("a field whose length varies comes with its offsets, in the order of the others", async (data, index) => {
  const stored = new Map<string, string>();
  for (const shard of index.splits.train.shards) {
    const { key_id, stroke3, stroke3_offsets } = await readShard(data, shard);
    const offsets = [...stroke3_offsets.data].map(Number);
    [...key_id.data].forEach((key, i) =>
      stored.set(`${key}`, stroke3.data.subarray(3 * offsets[i], 3 * offsets[i + 1]).join())
    );
  }
  const given = { fields: ["stroke3", "key_id"] };
  const batches = await read(data, given);
  let found = 0;
  for (const { size, fields } of batches) {
    const offsets = [...fields.stroke3_offsets].map(Number);
    assertEquals([offsets[0], offsets.length, 3 * offsets[size]], [0, size + 1, fields.stroke3.length]);
    for (let i = 0; i < size; i++) {
      assertEquals(
        fields.stroke3.subarray(3 * offsets[i], 3 * offsets[i + 1]).join(),
        stored.get(`${fields.key_id[i]}`),
      );
      found++;
    }
  }
  assertEquals(found, 97);
  assertEquals(await Array.fromAsync(prefetchBatches(options(data, given))), batches);

  const [{ fields: all, size }] = batches;
  const parts = [sliceBatch(batches[0], 0, 4), sliceBatch(batches[0], 4, size)];
  assertEquals(parts.flatMap(({ fields }) => [...fields.stroke3]), [...all.stroke3]);
  assertEquals(parts.map(({ fields }) => fields.stroke3_offsets[0]), [0, 0]);
  assertEquals(parts[1].fields.stroke3_offsets.length, size - 4 + 1);
});

test("a shard that was changed ends the stream with an InputError that names it", async (data) => {
  const path = `${data}/train-00002.npz`;
  const bytes = await Deno.readFile(path);
  bytes[100] ^= 4;
  await Deno.writeFile(path, bytes);
  const given = options(data, { shuffleSeed: undefined! });
  for (const batches of [readBatches(given), prefetchBatches(given)]) {
    let examples = 0;
    const words = `shard ${path}: sha256 is `;
    await assertRejects(
      async () => {
        for await (const { size } of batches) examples += size;
      },
      InputError,
      words,
    );
    assertEquals(examples, 80); // the good shards' examples were delivered
    assertEquals(await batches.next(), { done: true, value: undefined });
  }
});

test("no data is an InputError from the Worker too", async (data) => {
  const none = options(`${data}/none`);
  await assertRejects(() => prefetchBatches(none).next(), InputError, `data ${data}/none: no index.json`);
});

test("the Worker is gone when its reader stops early or fails: nothing keeps the process alive", async (data) => {
  const module = new URL("../../../pipelines/batches/prefetch.ts", import.meta.url);
  const program = `
    import { BatchWorkers, prefetchBatches } from "${module}";
    const open = () => prefetchBatches(${JSON.stringify({ ...options(data), epochs: 1000 })});
    for await (const { size } of open()) {
      if (size !== 10) throw new Error("a batch of " + size);
      break;
    }
    const failing = open();
    await failing.next();
    await failing.throw(new Error("the reader failed")).catch(() => {});
    await open().return(); // never begun
    console.log("done");`;
  const args = ["eval", "--no-check", `--config=${new URL("../../../deno.json", import.meta.url).pathname}`, program];
  const process = new Deno.Command(Deno.execPath(), { args, stdout: "piped", signal: AbortSignal.timeout(20_000) });
  const { code, stdout } = await process.output();
  assertEquals([code, new TextDecoder().decode(stdout)], [0, "done\n"]);
}, !may("run"));
