/**
 * What the latents of a model of strokes hold: how much of each is used, and the plane in which drawings differ most.
 *
 * N drawings, Z latent.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { StrokeDrawer } from "../../models/stroke_drawer.ts";
import { fieldOf } from "../../pipelines/batches/batch_fields.ts";
import type { Batch } from "../../pipelines/dataset.ts";
import { principalPlane } from "./principal_axes.ts";

/** How latents are used. */
export interface LatentUse {
  /** Z. */
  readonly size: number;
  /**
   * Those whose mean differs from drawing to drawing: by a variance above 0.01 (Burda et al. 2016, arXiv:1509.00519,
   * section 5.2, "active units").
   */
  readonly active: number;
  /** The divergence of each from the prior, means over the drawings, nats, from the greatest on: [Z]. */
  readonly kl: readonly number[];
  /** The share of the means' variance that lies along each axis of the plane, 0 to 1. */
  readonly planeShares: readonly [number, number];
}

/** Where drawings lie in the plane in which their means differ most. */
export interface LatentPlane {
  /** [N, 2]. */
  readonly places: Float64Array;
  /** The class of each, [N]. */
  readonly labels: readonly number[];
}

const ACTIVE = 0.01;
/** Drawings that the plane shows. */
const SHOWN = 2000;

/** Collects the latents of a split. */
export class LatentTally {
  readonly #sums: Float64Array; // [Z]
  readonly #squares: Float64Array; // [Z]
  readonly #kl: Float64Array; // [Z]
  readonly #kept: Float32Array[] = []; // [B, Z] each
  readonly #labels: number[] = [];
  #count = 0;

  constructor(private readonly size: number) {
    [this.#sums, this.#squares, this.#kl] = [0, 1, 2].map(() => new Float64Array(size));
  }

  async add(encode: NonNullable<StrokeDrawer["encode"]>, batch: Batch): Promise<void> {
    const { mu, logVar } = encode(batch);
    const [means, logs] = [await mu.data<"float32">(), await logVar.data<"float32">()]; // [B, Z]
    tf.dispose([mu, logVar]);
    for (let i = 0; i < means.length; i++) {
      const z = i % this.size;
      this.#sums[z] += means[i];
      this.#squares[z] += means[i] ** 2;
      this.#kl[z] += (means[i] ** 2 + Math.exp(logs[i]) - 1 - logs[i]) / 2; // eq. 11, arXiv:1704.03477
    }
    const more = Math.min(batch.size, SHOWN - this.#labels.length);
    if (more > 0) {
      this.#kept.push(means.subarray(0, more * this.size));
      for (const label of Array.from(fieldOf(batch, "label").subarray(0, more))) this.#labels.push(label);
    }
    this.#count += batch.size;
  }

  finish(): { readonly use: LatentUse; readonly plane: LatentPlane } {
    const variances = this.#squares.map((sum, z) => sum / this.#count - (this.#sums[z] / this.#count) ** 2);
    const points = new Float32Array(this.#labels.length * this.size); // [N, Z]
    let at = 0;
    for (const means of this.#kept) {
      points.set(means, at);
      at += means.length;
    }
    const { places, shares } = principalPlane(points, this.size);
    return {
      use: {
        size: this.size,
        active: variances.filter((variance) => variance > ACTIVE).length,
        kl: [...this.#kl].map((sum) => sum / this.#count).sort((a, b) => b - a),
        planeShares: shares,
      },
      plane: { places, labels: this.#labels },
    };
  }
}
