/**
 * The images of a split as a model that draws sees them, for what its samples are held against.
 *
 * B batch, N images kept, S cells a side, C channels.
 *
 * @module
 */
import type { ImageDrawer } from "../../models/model.ts";
import { concatBytes } from "../../pipelines/base/bytes.ts";
import type { Prng } from "../../pipelines/base/prng.ts";
import type { ImageSize } from "../../pipelines/batches/batch_fields.ts";
import type { Batch } from "../../pipelines/dataset.ts";

/** Collects the images of a split, as the model sees them. */
export class SeenImages {
  #sum: Float64Array | undefined; // [S S C]
  #count = 0;
  #side = 0;
  readonly #kept: Uint8Array[] = [];

  /** @param keep How many of the first are kept. */
  constructor(private readonly drawer: ImageDrawer, private readonly prng: Prng, private readonly keep: number) {}

  async add(batch: Batch): Promise<void> {
    const seen = this.drawer.see(batch, { prng: this.prng, training: undefined, firstExample: 0 });
    const values = await seen.data<"float32">(); // [B, S, S, C]
    seen.dispose();
    this.#side = seen.shape[1];
    const cells = values.length / batch.size;
    this.#sum ??= new Float64Array(cells);
    for (let i = 0; i < values.length; i++) this.#sum[i % cells] += values[i];
    const more = Math.min(batch.size, this.keep - this.#count);
    if (more > 0) this.#kept.push(brightness(values.subarray(0, more * cells)));
    this.#count += batch.size;
  }

  /** So many of the first, or all that were kept, brightness 0 to 255, [N, S, S, C]. */
  first(count: number): Uint8Array<ArrayBuffer> {
    const { side, channels } = this.size;
    return concatBytes(this.#kept).slice(0, count * side * side * channels);
  }

  /** Theirs. */
  get size(): ImageSize {
    return { side: this.#side, channels: this.drawer.channels };
  }

  /** Their mean with half an image more that is on and half an image that is off, so that it is neither 0 nor 1; [S S C]. */
  get mean(): Float32Array {
    return Float32Array.from(this.#sum!, (sum) => (sum + 0.5) / (this.#count + 1));
  }
}

/** Probabilities as brightness, 0 to 255. */
export function brightness(probabilities: Float32Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(probabilities, (p) => Math.round(255 * p));
}
