/** What an augmentation of one's own makes is a drawing, or an image of the same shape, or is refused. */
import { assertEquals, assertRejects } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { readBatches } from "../../../pipelines/batches/batch.ts";
import type { Dataset } from "../../../pipelines/dataset.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import { quickdraw } from "../../../pipelines/datasets/quickdraw/quickdraw.ts";
import { ShardWriter } from "../../../pipelines/shards/shard_writer.ts";
import { encodeDrawing } from "../../../pipelines/strokes/drawing_bytes.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";
import { making } from "./own_augmentation.ts";

/** A split of one example, written to a folder, and the batch that it becomes. */
async function batchOf(folder: string, { dataset, payload, field }: {
  readonly dataset: Dataset;
  readonly payload: Uint8Array<ArrayBuffer>;
  readonly field: string;
}) {
  const writer = await ShardWriter.create({ folder, dataset });
  await writer.add([{ key: 1n, className: "1", split: "train", payload }]);
  await writer.finish({ sources: [], filters: {}, rejects: {} });
  const address = { url: making.url, name: "making", export: "making" };
  const given = { folder, split: "train", batchSize: 1, fields: [field], epochs: 1 } as const;
  return async (made: string) => {
    const [batch] = await Array.fromAsync(readBatches({ ...given, augment: { address, options: { made } } }));
    return [...batch.fields[field]].map(Number);
  };
}

function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({ name, ignore: !may("read", "write"), fn: () => inTemporaryFolder((folder) => fn(`${folder}/data`)) });
}

/** What is refused, and in which words. */
type Cases = Readonly<Record<string, string>>;

async function refused(batch: (made: string) => Promise<unknown>, cases: Cases): Promise<void> {
  for (const [made, words] of Object.entries(cases)) {
    await assertRejects(() => batch(made), InputError, `augmentation making: it made ${words}`);
  }
}

test("what an augmentation makes of an image is pixels, as many as it has", async (folder) => {
  const payload = Uint8Array.from({ length: 784 }, (_, i) => i % 256);
  const dataset = mnist as Dataset;
  const batch = await batchOf(folder, { dataset, payload, field: "image" });
  assertEquals(await batch("turned"), [...payload].reverse());
  await refused(batch, {
    late: "a promise of an image, expected Uint8Array [784]",
    nothing: "undefined of an image",
    text: "a text of an image",
    short: "Uint8Array [783] of an image",
    numbers: "Array [784] of an image",
  });
});

test("what an augmentation makes of a drawing is strokes, each a list of x and one of y", async (folder) => {
  const payload = encodeDrawing([[[1, 2, 3], [4, 5, 6]], [[7], [8]]]);
  const batch = await batchOf(folder, { dataset: quickdraw as Dataset, payload, field: "stroke3" });
  assertEquals(await batch("turned"), [7, 8, 1, -6, -4, 0, 1, 1, 0, 1, 1, 1]);
  await refused(batch, {
    late: "a promise of a drawing, expected its strokes",
    nothing: "undefined of a drawing",
    text: "a text of a drawing",
    short: "Uint8Array [1] of a drawing",
    numbers: "NaN of a stroke, expected [xs, ys]: two lists of numbers",
    points: "Array [3] of a stroke",
  });
});
