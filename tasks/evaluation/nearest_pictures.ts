/**
 * The nearest of many pictures to each of a few, by their pixels or by what a classifier makes of them.
 *
 * Q pictures that the nearest are looked for, M pictures of a batch, D numbers of each.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** The nearest picture to one. */
export interface Nearest {
  /** The length of the difference. */
  readonly distance: number;
  /** Its place among all that were added, 0-based. */
  readonly place: number;
}

/** Looks for the nearest pictures, batch by batch; disposing of it frees its tensor. */
export class NearestSearch implements Disposable {
  readonly #queries: tf.Tensor2D; // [Q, D]
  readonly #squares: Float64Array; // [Q], the least so far
  readonly #places: Float64Array; // [Q]
  readonly #pictures: Float32Array[] = [];
  #seen = 0;

  /**
   * @param queries float32 [Q, D]; a copy is made.
   * @param keep Of how many of the first the nearest pictures are kept.
   */
  constructor(queries: tf.Tensor2D, private readonly keep: number = 0) {
    this.#queries = tf.clone(queries);
    this.#squares = new Float64Array(queries.shape[0]).fill(Infinity);
    this.#places = new Float64Array(queries.shape[0]);
  }

  /**
   * Looks at a batch.
   *
   * @param rows float32 [M, D]; the caller's.
   * @param pictures Those of the batch, [M], from which the nearest are kept.
   */
  async add(rows: tf.Tensor2D, pictures: readonly Float32Array[] = []): Promise<void> {
    const found = tf.tidy(() => {
      const product = tf.matMul(this.#queries, rows, false, true); // [Q, M]
      const squares = tf.sub(tf.sum(tf.square(rows), 1), tf.mul(product, 2)); // [Q, M], less the query's own
      return {
        least: tf.add(tf.min(squares, 1), tf.sum(tf.square(this.#queries), 1)), // [Q]
        place: tf.argMin(squares, 1), // [Q]
      };
    });
    const [least, places] = [await found.least.data(), await found.place.data()];
    tf.dispose(found);
    for (let q = 0; q < least.length; q++) {
      if (least[q] >= this.#squares[q]) continue;
      this.#squares[q] = least[q];
      this.#places[q] = this.#seen + places[q];
      if (q < this.keep) this.#pictures[q] = pictures[places[q]].slice();
    }
    this.#seen += rows.shape[0];
  }

  /** The nearest of all to each, [Q]. */
  get found(): readonly Nearest[] {
    return Array.from(this.#squares, (square, q) => ({
      distance: Math.sqrt(Math.max(0, square)), // rounding
      place: this.#places[q],
    }));
  }

  /** The nearest pictures to the first. */
  get pictures(): readonly Float32Array[] {
    return this.#pictures;
  }

  [Symbol.dispose](): void {
    this.#queries.dispose();
  }
}

/** How far pictures are from the training picture nearest to each, beside how far real ones are that were not learnt from. */
export interface NearestDistances {
  /** Of samples: the distance that half of them are below. */
  readonly samples: number;
  /** Of real pictures. */
  readonly real: number;
  /** The share of samples that are nearer to a training picture than all but a twentieth of the real pictures are, 0 to 1. */
  readonly nearer: number;
}

/** The share of real pictures that count as near. */
const NEAR = 0.05;

/**
 * Compares distances.
 *
 * @param samples 1 or more.
 * @param real 1 or more.
 *
 * @example Half of the samples are copies
 * ```ts
 * import { compareDistances } from "./nearest_pictures.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const real = Array.from({ length: 101 }, (_, i) => 5 + i);
 * assertEquals(compareDistances([0, 0, 60, 61], real), { samples: 30, real: 55, nearer: 0.5 });
 * ```
 */
export function compareDistances(samples: readonly number[], real: readonly number[]): NearestDistances {
  const limit = quantile(real, NEAR);
  return {
    samples: quantile(samples, 0.5),
    real: quantile(real, 0.5),
    nearer: samples.filter((distance) => distance < limit).length / samples.length,
  };
}

/** The value that a share of some values is below, on straight lines between them, as numpy takes it. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const [from, to] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return from + (to - from) * (place % 1);
}
