/**
 * What a model is to the rest of the project: named variables, objectives to minimise, and how to judge a batch. One
 * training loop serves every model.
 *
 * @module
 */
import type { Batch } from "../pipelines/dataset.ts";
import type { OptionTable } from "../pipelines/base/option_table.ts";
import type { Prng } from "../pipelines/base/prng.ts";
import type { Scalar, Tensor1D, Tensor2D, Tensor3D, Tensor4D, Variable } from "./tensors.ts";

/** What a model must know of the data to be built. */
export interface DataShape {
  /** The class names in label order. */
  readonly classes: readonly string[];
  /** The side of the first two-dimensional field that the model reads, in cells or pixels; 0 where there is none. */
  readonly size: number;
  /** T, the number of frames of an example. */
  readonly frames: number;
}

/** One pass of a batch through a model. */
export interface Pass {
  /** Draws whatever is random in it, such as dropout masks and latent noise. */
  readonly prng: Prng;
  /** Whether the variables are being trained. */
  readonly training: boolean;
  /**
   * The 0-based place of this batch's first example in the step's whole batch; 0 unless the batch is shared between
   * Workers. Random numbers of an example depend on its place in the whole, so the sharing does not change them.
   */
  readonly firstExample: number;
  /** How far a classifier's labels are smoothed, as in `nll`, 0 to 1; 0 in evaluation. */
  readonly labelSmoothing: number;
}

/** A loss to be minimised over some of a model's variables. */
export interface Objective {
  /** The name under which its optimizer is saved, such as `nll`. */
  readonly name: string;
  /** The names of the variables that this objective trains. */
  readonly trains: readonly string[];
  /**
   * The loss of one batch, averaged over its examples, and whatever else is worth logging.
   *
   * @param pass How: in training a model may drop units, in evaluation it does not.
   * @returns `loss` and each entry of `metrics` are scalars; all are differentiated or kept by the caller, inside a
   * `tf.tidy`.
   */
  loss(batch: Batch, pass: Pass): { loss: Scalar; metrics: Record<string, Scalar> };
}

/** Images drawn step by step; the tensors are the caller's. */
export type Drawn = {
  /** The canvas after each step: the log odds of each cell being on, float32 [T, N, S, S]. */
  readonly canvases: Tensor4D;
  /**
   * Where each step wrote: column and row of the window's centre, its side and its standard deviation in cells, float32
   * [T, N, 4]; missing where every step writes the whole canvas.
   */
  readonly writes?: Tensor3D;
  /** Where each step read, likewise; missing where nothing was read through a window. */
  readonly reads?: Tensor3D;
};

/** A batch seen through a model's latent variables; the tensors are the caller's. */
export type Encoded = {
  /** -log p(x | z), nats per image: float32 [B]. */
  readonly reconstruction: Tensor1D;
  /** The divergence of each step's posterior from the prior, nats per image: float32 [T, B]. */
  readonly kl: Tensor2D;
  /** log p(x | z) + log p(z) - log q(z | x) of the latents that were drawn: float32 [B]. */
  readonly logWeight: Tensor1D;
  /** The latents that were drawn: float32 [T, B, Z]. */
  readonly latents: Tensor3D;
  /** The images drawn from them. */
  readonly drawn: Drawn;
};

/** What a model that draws images from latent variables can do beside being trained. */
export interface Drawer {
  /** T and Z: the steps, and the size of each step's latent. */
  readonly latentShape: readonly [steps: number, size: number];
  /** A batch's images as the model sees them, such as binarized: float32 [B, S, S], 0 to 1. */
  see(batch: Batch, pass: Pass): Tensor3D;
  /** Draws images from latents, float32 [T, N, Z]; standard normal ones give samples of the model. */
  draw(latents: Tensor3D): Drawn;
  /** Encodes a batch and draws it again. */
  encode(batch: Batch, pass: Pass): Encoded;
  /** Convolution kernels worth a look, by name, float32 [size, size, inputs, outputs]; may be empty. */
  readonly filters: Readonly<Record<string, Variable>>;
}

/** A built model. */
export interface Model {
  /** Every trainable variable by name; the names are those of the checkpoint. */
  readonly variables: Readonly<Record<string, Variable>>;
  /** One objective; a GAN has two. */
  readonly objectives: readonly Objective[];
  /**
   * Log-probabilities of the classes for each example of a batch, float32 [B, classes]; only a classifier has it.
   *
   * @param strokes Only the first so many strokes are shown, by a model that reads `stroke_count`; all when left out.
   */
  classify?(batch: Batch, strokes?: number): Tensor2D;
  /** What it can draw; missing where a model draws nothing. */
  readonly drawer?: Drawer;
  /** Frees every variable. */
  dispose(): void;
}

/** A kind of model: its options, a tiny version for tests, and how to build it. */
export interface ModelSpec<T extends OptionTable = OptionTable> {
  /** The name on the command line. */
  readonly name: string;
  /** One sentence for the table of models. */
  readonly summary: string;
  /** The metric by which a checkpoint is the best, and which way; `loss` is one of them. */
  readonly best: { readonly metric: string; readonly better: "higher" | "lower" };
  /** The dataset fields that it reads. */
  readonly fields: readonly string[];
  /** Whether one class is enough, as to learn how its drawings look; two are needed when left out. */
  readonly oneClass?: boolean;
  /** Options, with the report's or paper's values as defaults. */
  readonly options: T;
  /** Options that make a model small enough to be trained inside a test. */
  readonly tiny: Readonly<Record<string, unknown>>;
  /**
   * Builds the model with fresh variables.
   *
   * @param prng Draws every initial value.
   */
  build(options: Readonly<Record<string, unknown>>, data: DataShape, prng: Prng): Model;
}
