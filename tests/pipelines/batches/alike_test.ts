/** Batches of examples of like length. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { Prng } from "../../../pipelines/base/prng.ts";
import { type BatchOptions, type PlacedBatch, readBatches } from "../../../pipelines/batches/batch.ts";
import { alikeOrder } from "../../../pipelines/batches/example_order.ts";
import { quickdraw } from "../../../pipelines/datasets/quickdraw/quickdraw.ts";
import { ShardWriter } from "../../../pipelines/shards/shard_writer.ts";
import { affine, augment } from "../../../pipelines/strokes/augment.ts";
import { encodeDrawing } from "../../../pipelines/strokes/drawing_bytes.ts";
import { fromStroke3 } from "../../../pipelines/strokes/stroke.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";

Deno.test("rows are sorted by length, cut where the epoch's batches are, and the batches shuffled", () => {
  const lengths = [5, 1, 9, 7, 3, 8, 2, 6, 4, 10];
  const order = (before: number, seed: number | undefined) =>
    [
      ...alikeOrder(Uint32Array.from(lengths.keys()), {
        ...{ lengthOf: (row) => lengths[row], batchSize: 3, before, seed, mixed: [0] },
      }),
    ].map((row) => lengths[row]);
  assertEquals(order(0, undefined), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assertEquals(order(6, undefined), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  // The batch before lacks two of three: the longest fill it up.
  assertEquals(order(4, undefined), [9, 10, 1, 2, 3, 4, 5, 6, 7, 8]);
  assertEquals(order(5, undefined), [10, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const found = new Set<string>();
  for (let seed = 0; seed < 40; seed++) {
    const shuffled = order(0, seed);
    const batches = [0, 3, 6].map((from) => shuffled.slice(from, from + 3).join());
    assertEquals(batches.toSorted(), ["1,2,3", "4,5,6", "7,8,9"]);
    assertEquals(shuffled[9], 10);
    found.add(batches.join(" "));
  }
  assertEquals(found.size, 6);
});

Deno.test("rows of one length keep the order in which they came; fewer rows than a batch lacks are no error", () => {
  const rows = Uint32Array.of(7, 3, 9, 1);
  const options = { lengthOf: () => 4, batchSize: 2, seed: undefined, mixed: [] };
  assertEquals(alikeOrder(rows, { ...options, before: 0 }), rows);
  assertEquals(alikeOrder(rows, { ...options, before: 3, batchSize: 100 }), rows);
  assertEquals(alikeOrder(Uint32Array.of(), { ...options, before: 3 }), Uint32Array.of());
});

const FIELDS = ["key_id", "label", "stroke3"];

/** 140 drawings of 2 to 60 points in shards of 40: 120 of a, 20 of b. */
async function write(folder: string): Promise<void> {
  const writer = await ShardWriter.create({
    ...{ folder, dataset: quickdraw, options: { fields: ["stroke3"], size: 16 }, shardSize: 40 },
  });
  const prng = new Prng(1);
  for (let i = 0; i < 140; i++) {
    const xs = Array.from({ length: 2 + prng.integer(59) }, () => prng.integer(256));
    const row = { key: BigInt(i + 1), className: i < 120 ? "a" : "b", split: "train" } as const;
    await writer.add([{ ...row, payload: encodeDrawing([[xs, xs.toReversed()]]) }]);
  }
  await writer.finish({ sources: [], filters: {}, rejects: {} });
}

const keysOf = (batches: readonly PlacedBatch[]) => batches.flatMap(({ fields }) => [...fields.key_id].map(Number));
/** The points of the longest drawing of a batch, times its drawings, beside the points that there are. */
function paddingOf(batches: readonly PlacedBatch[]): number {
  let [read, all] = [0, 0];
  for (const { size, fields } of batches) {
    const offsets = fields.stroke3_offsets as Int32Array;
    read += offsets[size];
    all += size * Math.max(...Array.from({ length: size }, (_, b) => offsets[b + 1] - offsets[b]));
  }
  return 1 - read / all;
}

type Reader = (given?: Partial<BatchOptions>, alike?: boolean) => Promise<PlacedBatch[]>;

function test(name: string, fn: (read: Reader) => Promise<void>): void {
  Deno.test({
    name: `batches of like length: ${name}`,
    ignore: !may("read", "write"),
    fn: () =>
      inTemporaryFolder(async (folder) => {
        await write(`${folder}/data`);
        const options = { folder: `${folder}/data`, split: "train", batchSize: 8, fields: FIELDS, epochs: 1 } as const;
        await fn((given = {}, alike = true) => {
          const order = { shuffleSeed: 1, ...alike ? { alikeBy: "stroke3" } : {} };
          return Array.fromAsync(readBatches({ ...options, ...order, ...given }));
        });
      }),
  });
}

test("every example once an epoch, hardly any padding, another order each epoch", async (read) => {
  const epochs = await read({ epochs: 2 });
  const [first, second] = [0, 1].map((epoch) => epochs.filter((batch) => batch.epoch === epoch));
  const all = Array.from({ length: 140 }, (_, i) => i + 1);
  for (const batches of [first, second]) assertEquals(keysOf(batches).toSorted((a, b) => a - b), all);
  assertNotEquals(keysOf(first), keysOf(second));
  assertEquals(await read({ epochs: 2 }), epochs);
  const padding = paddingOf(first);
  const before = paddingOf(await read({}, false));
  assert(padding < 0.2 && before > 0.4, `${padding} for ${before}`);
});

for (const balance of [false, true]) {
  test(`what is read from any batch on is the rest of what is read from the first${balance ? ", balanced" : ""}`, async (read) => {
    const whole = await read({ balance, epochs: 2 });
    for (const place of [1, 4, 17, 20]) {
      const { epoch, seen } = whole[place - 1];
      const at = seen === 140 ? { firstEpoch: epoch + 1, skip: 0 } : { firstEpoch: epoch, skip: seen };
      const rest = await read({ balance, ...at, epochs: 2 - at.firstEpoch });
      assertEquals(rest, whole.slice(place));
    }
  });
}

test("balanced, each class comes as often as the other", async (read) => {
  const labels = (await read({ balance: true })).flatMap(({ fields }) => [...fields.label].map(Number));
  assertEquals(labels.filter((label) => label === 1).length, 70);
  assert(paddingOf(await read({ balance: true })) < 0.1);
});

test("drawings that are augmented are changed in stroke-3 too, as the augmentation says", async (read) => {
  const mirrored = { flip: 1, rotate: 0, scale: [1, 1] as const, shift: 0 };
  const address = { name: "affine", url: affine.url, export: "affine" };
  const [plain, changed] = [await read(), await read({ augment: { address, options: mirrored } })];
  assertEquals(keysOf(changed), keysOf(plain));
  plain.forEach(({ size, fields }, i) => {
    const drawing = (from: PlacedBatch["fields"], b: number) => {
      const offsets = from.stroke3_offsets as Int32Array;
      return fromStroke3((from.stroke3 as Int16Array).subarray(3 * offsets[b], 3 * offsets[b + 1]));
    };
    for (let b = 0; b < size; b++) {
      const expected = augment(drawing(fields, b), mirrored, new Prng(1));
      assertEquals<unknown>(drawing(changed[i].fields, b), expected);
    }
  });
});
