/**
 * How like pictures are to what a model draws of them, beside what needs no model.
 *
 * B batch, N pictures, S cells a side, C channels.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { joinFloats } from "../../pipelines/base/arrays.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import type { Batch } from "../../pipelines/dataset.ts";
import type { Encoder } from "./picture_codes.ts";
import { type Likeness, LikenessTally } from "./picture_likeness.ts";

/** How like pictures are to what is drawn of them, and what that is worth. */
export interface ReconstructionScore {
  /** How many pictures, N. */
  readonly pictures: number;
  /** Of the pictures drawn again from their codes, without noise. */
  readonly drawn: Likeness;
  /** For comparison: the mean of all pictures in place of each. */
  readonly mean: Likeness;
  /** For comparison: another picture in place of each. */
  readonly other: Likeness;
}

/** Pictures compared, at most. */
const MOST = 1000;
const AT_ONCE = 100;

/** Compares pictures of a split with what a model draws of them. */
export class ReconstructionTally {
  readonly #drawn = new LikenessTally();
  readonly #kept: Float32Array[] = []; // [B, S, S, C] each
  #count = 0;
  #shape: [number, number, number] = [0, 0, 0]; // S, S, C

  constructor(private readonly drawer: Encoder, private readonly seed: number) {}

  async add(batch: Batch): Promise<void> {
    const count = Math.min(batch.size, MOST - this.#count);
    if (count === 0) return;
    // Both begin with the same generator, so images that are binarized at random are the same in both.
    const pass = () => ({ prng: new Prng(this.seed, 2), training: undefined, firstExample: this.#count });
    const { seen, drawn } = tf.tidy(() => {
      const { images: { canvases } } = this.drawer.reconstruct(batch, pass(), { spread: 0 });
      const all = this.drawer.see(batch, pass()); // [B, S, S, C]
      const [steps] = canvases.shape;
      const last = tf.slice(tf.reshape(canvases, [steps, -1]), [steps - 1, 0], [1, -1]); // [1, B S S C]
      const first = (pictures: tf.Tensor): tf.Tensor4D =>
        tf.slice(tf.reshape<tf.Rank.R4>(pictures, all.shape), [0, 0, 0, 0], [count, -1, -1, -1]);
      return { seen: first(all), drawn: tf.sigmoid(first(last)) as tf.Tensor4D };
    });
    await this.#drawn.add(drawn, seen);
    const [, ...shape] = seen.shape;
    this.#shape = shape;
    this.#kept.push(await seen.data<"float32">());
    this.#count += count;
    tf.dispose([seen, drawn]);
  }

  /** Of all that was added, 1 or more. */
  async finish(): Promise<ReconstructionScore> {
    const cells = this.#shape[0] * this.#shape[1] * this.#shape[2];
    const pictures = joinFloats(this.#kept); // [N, S, S, C]
    const sums = new Float64Array(cells);
    pictures.forEach((value, i) => sums[i % cells] += value);
    const mean = Float32Array.from(sums, (sum) => sum / this.#count);
    const [ofMean, ofOther] = [new LikenessTally(), new LikenessTally()];
    for (let from = 0; from < this.#count; from += AT_ONCE) {
      const count = Math.min(AT_ONCE, this.#count - from);
      const ofPlace = (place: (i: number) => number): tf.Tensor4D =>
        tf.tensor4d(Float32Array.from({ length: count * cells }, (_, i) => pictures[place(from * cells + i)]), [
          count,
          ...this.#shape,
        ]);
      const [real, other] = [ofPlace((i) => i), ofPlace((i) => (i + cells) % pictures.length)];
      const same = tf.tidy(() => tf.tile(tf.tensor4d(mean, [1, ...this.#shape]), [count, 1, 1, 1]) as tf.Tensor4D);
      await ofMean.add(same, real);
      await ofOther.add(other, real);
      tf.dispose([real, other, same]);
    }
    return { pictures: this.#count, drawn: this.#drawn.finish(), mean: ofMean.finish(), other: ofOther.finish() };
  }
}
