/**
 * Pictures of a batch as a model sees them.
 *
 * B batch, S cells a side, C channels.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ImageDrawer } from "../../models/model.ts";
import type { Prng } from "../../pipelines/base/prng.ts";
import type { Batch } from "../../pipelines/dataset.ts";

/** Pictures, 0 to 1, on the device and in memory. */
export interface SeenPictures {
  /** float32 [B, S S C]; the caller's. */
  readonly rows: tf.Tensor2D;
  /** [S S C] each. */
  readonly pictures: readonly Float32Array[];
}

/** A batch's pictures as a model sees them; what is random in that is drawn by `prng`. */
export async function seenPictures(drawer: ImageDrawer, batch: Batch, prng: Prng): Promise<SeenPictures> {
  const rows = tf.tidy(() => {
    const seen = drawer.see(batch, { prng, training: undefined, firstExample: 0 }); // [B, S, S, C]
    return tf.reshape(seen, [batch.size, -1]) as tf.Tensor2D;
  });
  const values = await rows.data<"float32">();
  const cells = values.length / batch.size;
  return { rows, pictures: Array.from({ length: batch.size }, (_, b) => values.subarray(b * cells, (b + 1) * cells)) };
}
