/**
 * What a model that draws strokes is: it draws point after point, from a latent where it has one, and scores drawings.
 *
 * @module
 */
import type { Batch } from "../pipelines/dataset.ts";
import type { Prng } from "../pipelines/base/prng.ts";
import type { Tensor1D, Tensor2D } from "./tensors.ts";

/**
 * What a temperature tau does. `paper` (arXiv:1704.03477, equation 8, and Google's own words on it): variances times tau,
 * logits of mixture and pen divided by tau. `magenta`, its Python: variances times tau squared. `sketch-rnn-js`: variances
 * times tau, logits divided by (1 + tau) / 2.
 */
export type TemperatureRule = "paper" | "magenta" | "sketch-rnn-js";

/** What is to be drawn; all lists have an entry a drawing. */
export interface StrokeRequest {
  /** N, how many drawings, 1 or more; they are drawn side by side. */
  readonly count: number;
  /** Draws what is random; drawing n depends on it and on n alone, not on `count`. */
  readonly prng: Prng;
  /** What they are drawn from, float32 [N, Z], the caller's; standard normal ones are drawn when left out. */
  readonly latents?: Tensor2D;
  /** Their classes; needed by a model that is told the class, ignored by no other: it refuses them. */
  readonly labels?: ArrayLike<number>;
  /** tau, above 0, mostly up to 1; 1 when left out. */
  readonly temperature?: number;
  /** What tau does; `paper` when left out. */
  readonly rule?: TemperatureRule;
  /**
   * How each begins, as stroke-3 in the units of the data, numbers [points, 3]: the model goes on from there. An empty one
   * is none.
   */
  readonly prefixes?: readonly ArrayLike<number>[];
  /** Points at most, those of the prefix among them; what the model was trained with when left out. */
  readonly maxPoints?: number;
}

/** A drawing by a model. */
export interface DrawnStrokes {
  /**
   * Stroke-3 in the units of the data, float32 [points, 3], for `fromStroke3`: the first point is that of the prefix, or
   * (0, 0).
   */
  readonly rows: Float32Array<ArrayBuffer>;
  /** Whether the model ended it; it was cut at the most points otherwise. */
  readonly ended: boolean;
}

/** What drawings cost; the tensors are the caller's. */
export type StrokeScore = {
  /** -ln of the density of the offsets given z, nats a drawing: float32 [B]. */
  readonly offsets: Tensor1D;
  /** -ln p of the pen states given z, the end of the drawing included where it is not cut, nats a drawing: float32 [B]. */
  readonly pen: Tensor1D;
  /** The same with the pen states behind the end, up to `maxLength`; missing where it was not asked for. */
  readonly penUnmasked?: Tensor1D;
  /** The divergence of the posterior from the prior, nats a drawing, float32 [B]; zeros without latents. */
  readonly kl: Tensor1D;
};

/** How drawings are scored. */
export interface ScoreOptions {
  /** Their classes, in place of the batch's own, of a model that is told the class. */
  readonly labels?: ArrayLike<number>;
  /** Whether {@linkcode StrokeScore.penUnmasked} is asked for, for which all drawings are read up to `maxLength`. */
  readonly unmasked?: boolean;
}

/** Draws strokes, point after point. */
export interface StrokeDrawer {
  /** Z, the size of a latent; 0 for a model that has none. */
  readonly latentSize: number;
  /** How many classes it is told of, each drawing's beside its points; 0 where it is told of none. */
  readonly classes: number;
  /** Points of a drawing at most. */
  readonly maxLength: number;
  /** What offsets are divided by, so that nats of models that divide by other numbers can be compared. */
  readonly scale: number;
  /** The Gaussian of the latents of each drawing of a batch, float32 [B, Z] each, the caller's; missing without latents. */
  encode?(batch: Batch): { readonly mu: Tensor2D; readonly logVar: Tensor2D };
  /**
   * What a batch's drawings cost, in units in which offsets have a deviation of 1. Divided by B x `maxLength`, the sums of
   * `offsets` and `pen` are L_s and L_p.
   *
   * @param prng Draws their latents.
   */
  score(batch: Batch, prng: Prng, options?: ScoreOptions): StrokeScore;
  /**
   * Draws.
   *
   * @throws {RangeError} When a list has not an entry a drawing, latents or labels are missing, out of range or of no use
   * to the model, or the temperature is not above 0.
   */
  draw(request: StrokeRequest): Promise<readonly DrawnStrokes[]>;
}
