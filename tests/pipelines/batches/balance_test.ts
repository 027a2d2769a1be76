/** Batches in which every class comes equally often. */
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { type BatchOptions, type PlacedBatch, readBatches } from "../../../pipelines/batches/batch.ts";
import { BalancedOrder } from "../../../pipelines/batches/example_order.ts";
import { prefetchBatches } from "../../../pipelines/batches/prefetch.ts";
import type { ShardIndex } from "../../../pipelines/shards/shard_index.ts";
import { readShard } from "../../../pipelines/shards/shard_reader.ts";
import { affine } from "../../../pipelines/strokes/augment.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { quickdraw } from "../../../pipelines/datasets/quickdraw/quickdraw.ts";
import { encodeDrawing } from "../../../pipelines/strokes/drawing_bytes.ts";
import { ShardWriter } from "../../../pipelines/shards/shard_writer.ts";
import { sealIndex } from "../../../pipelines/shards/index_hash.ts";

/** 60 of a, 3 of b, none of c in train, 12 of d: in shards of 20. */
const COUNTS = { a: 60, b: 3, d: 12 };
const FIELDS = ["stroke_index", "stroke_count", "label", "key_id", "stroke3"];

async function write(folder: string): Promise<ShardIndex> {
  const writer = await ShardWriter.create({
    folder,
    dataset: quickdraw,
    options: { fields: ["stroke_index", "stroke3"], size: 16 },
    shardSize: 20,
  });
  let key = 1n;
  for (const [className, count] of Object.entries(COUNTS)) {
    for (let i = 0; i < count; i++) {
      const xs = Array.from({ length: 2 + i % 3 }, (_, j) => (7 * i + 31 * j) % 256);
      await writer.add([{ key: key++, className, split: "train", payload: encodeDrawing([[xs, xs.toReversed()]]) }]);
    }
  }
  await writer.add([{ key: key++, className: "c", split: "valid", payload: encodeDrawing([[[0, 9], [0, 9]]]) }]);
  return await writer.finish({ sources: [], filters: {}, rejects: {} });
}

function test(name: string, fn: (data: string, index: ShardIndex) => Promise<void>, ignored = false): void {
  const fnOnData = async (folder: string) => await fn(`${folder}/data`, await write(`${folder}/data`));
  Deno.test({
    name: `balanced batches: ${name}`,
    ignore: ignored || !may("read", "write"),
    fn: () => inTemporaryFolder(fnOnData),
  });
}

const options = (folder: string, given: Partial<BatchOptions> = {}): BatchOptions => ({
  ...{ folder, split: "train", batchSize: 9, fields: FIELDS, shuffleSeed: 1, epochs: 1, balance: true },
  ...given,
});
const read = (folder: string, given: Partial<BatchOptions> = {}) =>
  Array.fromAsync(readBatches(options(folder, given)));
const keysOf = (batches: readonly PlacedBatch[]) => batches.flatMap(({ fields }) => [...fields.key_id].map(Number));
const labelsOf = (batches: readonly PlacedBatch[]) => batches.flatMap(({ fields }) => [...fields.label].map(Number));

/** How often each value comes. */
function countsOf(values: readonly number[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

test("each class comes equally often in every batch, an absent one never; an epoch is as long as ever", async (data) => {
  const batches = await read(data, { epochs: 4 });
  assertEquals(batches.map(({ size }) => size), Array(4).fill([9, 9, 9, 9, 9, 9, 9, 9, 3]).flat()); // 75 examples
  assertEquals(batches.map(({ seen }) => seen).slice(0, 9), [9, 18, 27, 36, 45, 54, 63, 72, 75]);
  for (const batch of batches) {
    assertEquals(countsOf(labelsOf([batch])), { 0: batch.size / 3, 1: batch.size / 3, 3: batch.size / 3 });
  }
});

test(
  "of a class each example comes once before any comes again, over epochs too, as its shard has it",
  async (data, index) => {
    const batches = await read(data, { epochs: 12 }); // 300 draws a class: 5 of each a, 100 of each b, 25 of each d
    const counts = countsOf(keysOf(batches));
    const expected = Array.from({ length: 75 }, (_, i) => [i + 1, i < 60 ? 5 : i < 63 ? 100 : 25]);
    assertEquals(counts, Object.fromEntries(expected));
    const keys = keysOf(batches);
    const ofA = keys.filter((key) => key <= 60);
    for (let pass = 0; pass < 5; pass++) assertEquals(new Set(ofA.slice(60 * pass, 60 * (pass + 1))).size, 60);
    assertNotEquals(ofA.slice(0, 60), ofA.slice(60, 120));

    const stored = new Map<number, string>();
    for (const shard of index.splits.train.shards) {
      const { key_id, stroke_index, stroke_count, label, stroke3, stroke3_offsets: { data: at } } = await readShard(
        data,
        shard,
      );
      [...key_id.data].forEach((key, i) => {
        const points = stroke3.data.subarray(3 * Number(at[i]), 3 * Number(at[i + 1]));
        const cells = stroke_index.data.subarray(256 * i, 256 * (i + 1));
        stored.set(Number(key), [label.data[i], stroke_count.data[i], cells, points].join());
      });
    }
    for (const { size, fields } of batches) {
      for (let i = 0; i < size; i++) {
        const points = fields.stroke3.subarray(
          3 * Number(fields.stroke3_offsets[i]),
          3 * Number(fields.stroke3_offsets[i + 1]),
        );
        const cells = fields.stroke_index.subarray(256 * i, 256 * (i + 1));
        assertEquals(
          [fields.label[i], fields.stroke_count[i], cells, points].join(),
          stored.get(Number(fields.key_id[i])),
        );
      }
    }
  },
  FAST,
);

test(
  "the order depends on seed and epoch alone; skipping gives the rest, augmented or not, in a Worker too",
  async (data) => {
    const augment = {
      address: { url: affine.url, name: "affine", export: "affine" },
      options: { flip: 0.5, rotate: 30, scale: [0.5, 1], shift: 0.1 },
    };
    for (const given of [{}, { augment }]) {
      const whole = await read(data, { ...given, epochs: 3 });
      assertEquals(keysOf(await read(data, { ...given, epochs: 3, batchSize: 7 })), keysOf(whole));
      assertNotEquals(keysOf(await read(data, { ...given, epochs: 3, shuffleSeed: 2 })), keysOf(whole));
      for (const i of [0, 4, 8, 13]) {
        const { epoch, seen } = whole[i];
        const rest = { ...given, firstEpoch: epoch, epochs: 3 - epoch, skip: seen };
        assertEquals(await read(data, rest), whole.slice(i + 1));
        assertEquals(await Array.fromAsync(prefetchBatches(options(data, rest))), whole.slice(i + 1));
      }
    }
  },
  FAST,
);

test("shards without labels are refused", async (data, index) => {
  const { label: _, ...fields } = index.fields;
  await Deno.writeTextFile(`${data}/index.json`, JSON.stringify(sealIndex({ ...index, fields })));
  await assertRejects(
    () => read(data, { fields: ["stroke_index"] }),
    InputError,
    "have no label to balance classes by",
  );
});

Deno.test("of a large class few shards are needed at a time; order is shuffled within and between them", () => {
  const labels = Array.from({ length: 10 }, () => Array.from({ length: 100 }, (_, row) => row % 2));
  const order = new BalancedOrder(labels, 5);
  const places = Array.from({ length: 1000 }, (_, number) => order.place(number));
  const shards = [...new Set(places.map(({ shard }) => shard))];
  assertEquals(shards.length, 10);
  assertNotEquals(shards, shards.toSorted((a, b) => a - b));
  const first = places.slice(0, 100);
  assertEquals(new Set(first.map(({ shard }) => shard)).size, 1); // both classes go through the shards side by side
  assertEquals(new Set(first.map(({ row }) => row)).size, 100);
  assertNotEquals(first.map(({ row }) => row), first.map(({ row }) => row).toSorted((a, b) => a - b));
  // Any draw follows from its number alone.
  const again = new BalancedOrder(labels, 5);
  for (const number of new Prng(1).permutation(3000)) {
    assertEquals(again.place(number), new BalancedOrder(labels, 5).place(number));
    if (number % 50 === 0) break;
  }
  assertEquals(new BalancedOrder(labels, 5).place(777), places[777]);
  const plain = new BalancedOrder(labels, undefined);
  assert(Array.from({ length: 6 }, (_, i) => plain.place(i)).every(({ shard, row }, i) => shard === 0 && row === i));
});
