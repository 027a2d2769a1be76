/** A model of images whose every number is known, for tests of what is made of it. */
import * as tf from "@tensorflow/tfjs-core";
import type { ImageDrawer } from "../../../models/model.ts";
import type { Batch } from "../../../pipelines/dataset.ts";
import { fieldOf } from "../../../pipelines/batches/batch_fields.ts";
import type { Tensor5D } from "../../../models/tensors.ts";

/** S, the side of its images. */
export const SIDE = 12;
const CELLS = SIDE * SIDE;

/** How much each number of a latent does. */
export const SCALES = [1, 4, 0.25] as const;

/**
 * Draws images of one colour: the log odds of red, green and blue are the three numbers of the latent, each times its scale.
 * Its latents for an image are those by which it draws the image's mean colour; `spread` adds itself.
 */
export function plainImages(
  given: { readonly prior?: "normal" | "none"; readonly encodes?: boolean } = {},
): ImageDrawer {
  const { prior = "normal", encodes = true } = given;
  const scales = () => tf.tensor1d([...SCALES]);
  const see = (batch: Batch) =>
    tf.tidy(() =>
      tf.div(tf.tensor4d(Float32Array.from(fieldOf(batch, "image")), [batch.size, SIDE, SIDE, 3]), 255) as tf.Tensor4D
    );
  const draw = (latents: tf.Tensor3D) =>
    tf.tidy(() => {
      const logOdds = tf.reshape(tf.mul(latents, scales()), [1, latents.shape[1], 1, 1, 3]);
      return { canvases: tf.tile(logOdds, [1, 1, SIDE, SIDE, 1]) as Tensor5D };
    });
  return {
    ...{ channels: 3, latentShape: [1, 3], prior, filters: {}, see, draw },
    ...encodes
      ? {
        reconstruct: (batch, _pass, { spread = 1 } = {}) =>
          tf.tidy(() => {
            const mean = tf.mean(see(batch), [1, 2]); // [B, 3]
            const codes = tf.div(tf.log(tf.div(mean, tf.sub(1, mean))), scales());
            const latents = tf.expandDims(tf.add(codes, spread), 0) as tf.Tensor3D;
            return { latents, images: draw(latents) };
          }),
      }
      : {},
  };
}

/** Images of one colour each, of 1 to 254; the label says which of red, green and blue is the brightest. */
export function colourBatch(colours: readonly (readonly [number, number, number])[]): Batch {
  const image = Uint8Array.from(
    { length: colours.length * CELLS * 3 },
    (_, i) => colours[Math.floor(i / (CELLS * 3))][i % 3],
  );
  const label = Uint8Array.from(colours, (colour) => colour.indexOf(Math.max(...colour)));
  return { size: colours.length, fields: { image, label } };
}

/** The latent by which a colour is drawn. */
export function codeOf(colour: readonly number[]): number[] {
  return colour.map((level, i) => Math.log(level / (255 - level)) / SCALES[i]);
}

/** Some batches. */
export async function* inBatches(...batches: readonly Batch[]): AsyncGenerator<Batch> {
  for (const batch of batches) yield await Promise.resolve(batch);
}
