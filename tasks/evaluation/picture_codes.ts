/**
 * The codes of pictures: the latents that a model finds for them. Browser safe.
 *
 * T steps, N pictures, Z size of a latent.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ImageDrawer } from "../../models/model.ts";
import { joinFloats } from "../../pipelines/base/arrays.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import { fieldOf } from "../../pipelines/batches/batch_fields.ts";
import type { Batch } from "../../pipelines/dataset.ts";
import type { Codes } from "./code_neighbourhoods.ts";

/** A model that finds latents. */
export type Encoder = ImageDrawer & Required<Pick<ImageDrawer, "reconstruct">>;

/** Whether a model finds latents for pictures. */
export function isEncoder(drawer: ImageDrawer): drawer is Encoder {
  return drawer.reconstruct !== undefined;
}

/** Codes of pictures, without noise: each picture's latents of all steps, [N, T Z]. */
export interface PictureCodes extends Codes {
  /** The class of each, [N]; none where the batches do not say. */
  readonly labels: readonly number[];
}

/** Training examples whose codes tell where codes are. */
export const CODED = 2000;
const AT_ONCE = 100;

/** The codes of a batch's pictures, of which the first has that place among all. */
export async function codesOf(drawer: Encoder, batch: Batch, seed: number, firstExample = 0): Promise<PictureCodes> {
  const pass = { prng: new Prng(seed, 6), training: undefined, firstExample };
  const rows = tf.tidy(() => {
    const { latents } = drawer.reconstruct(batch, pass, { spread: 0 }); // [T, B, Z]
    return tf.reshape(tf.transpose(latents, [1, 0, 2]), [-1]); // [B T Z]
  });
  const values = await rows.data<"float32">();
  rows.dispose();
  const labels = batch.fields.label === undefined ? [] : Array.from(fieldOf(batch, "label"));
  return { values, size: values.length / batch.size, labels };
}

/**
 * The codes of the first pictures of some batches.
 *
 * @param most How many at most.
 */
export async function readCodes(
  drawer: Encoder,
  batches: AsyncIterable<Batch>,
  { most, seed }: { readonly most: number; readonly seed: number },
): Promise<PictureCodes> {
  const parts: PictureCodes[] = [];
  let count = 0;
  for await (const batch of batches) {
    for (let from = 0; from < batch.size && count < most; from += AT_ONCE) {
      const part = sliceBatch(batch, from, Math.min(AT_ONCE, batch.size - from, most - count));
      parts.push(await codesOf(drawer, part, seed, count));
      count += part.size;
    }
    if (count >= most) break;
  }
  const size = parts[0]?.size ?? 0;
  const values = joinFloats(parts.map(({ values }) => values)); // [N, T Z]
  return { values, size, labels: parts.flatMap(({ labels }) => labels) };
}

/** Some examples of a batch whose fields all have as many values an example. */
export function sliceBatch({ size, fields }: Batch, from: number, count: number): Batch {
  const part = Object.entries(fields).map(([name, values]) => {
    const each = values.length / size;
    return [name, values.slice(from * each, (from + count) * each)];
  });
  return { size: count, fields: Object.fromEntries(part) };
}
