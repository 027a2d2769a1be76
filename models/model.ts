/**
 * What a model is to the rest of the project: named variables, objectives to minimise, and how to judge a batch. One
 * training loop serves every model.
 *
 * @module
 */
import { givenInWords } from "../pipelines/base/given.ts";
import { nearest } from "../pipelines/base/nearest.ts";
import type { Batch } from "../pipelines/dataset.ts";
import type { Prng } from "../pipelines/base/prng.ts";
import type { TrainingStep } from "./step_options.ts";
import type { Network } from "./network.ts";
import type { GlyphWriter } from "./glyph_writer.ts";
import type { SequenceWriter } from "./sequence_writer.ts";
import type { StrokeDrawer } from "./stroke_drawer.ts";
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D, Tensor5D, Variable } from "./tensors.ts";

/** One pass of a batch through a model. */
export interface Pass {
  /** Draws whatever is random in it, such as dropout masks and latent noise. */
  readonly prng: Prng;
  /**
   * What the step was told, while the variables are being trained; undefined in evaluation. A classifier's loss passes it on
   * to `nll`, which smooths and weights labels by it.
   */
  readonly training: TrainingStep | undefined;
  /**
   * The 0-based place of this batch's first example in the step's whole batch; 0 unless the batch is shared between
   * Workers. Random numbers of an example depend on its place in the whole, so the sharing does not change them.
   */
  readonly firstExample: number;
}

/** A loss to be minimised over some of a model's variables. */
export interface Objective {
  /** The name under which its optimizer is saved, such as `nll`. */
  readonly name: string;
  /** The names of the variables that this objective trains. */
  readonly trains: readonly string[];
  /** What the learning rate is multiplied by for these variables, above 0; 1 when left out. */
  readonly learningRateScale?: number;
  /**
   * The loss of one batch, averaged over its examples, and whatever else is worth logging.
   *
   * @param pass How: in training a model may drop units, in evaluation it does not.
   * @returns `loss` and each entry of `metrics` are scalars; all are differentiated or kept by the caller, inside a
   * `tf.tidy`.
   */
  loss(batch: Batch, pass: Pass): { loss: Scalar; metrics: Record<string, Scalar> };
  /**
   * What `loss` gives of a batch in evaluation, from what the model's `classify` gave for it: log-probabilities, float32
   * [B, classes]. Where it is there, an evaluation that has asked the model for its answers needs no further pass for this.
   */
  lossOfAnswers?(logProbs: Tensor2D, batch: Batch): { loss: Scalar; metrics: Record<string, Scalar> };
}

/** Images drawn step by step; the tensors are the caller's. */
export type DrawnImages = {
  /**
   * The canvas after each step, float32 [T, N, S, S, C], as log odds: their sigmoid is a cell's probability of being on, or
   * how bright its channel is, 0 to 1.
   */
  readonly canvases: Tensor5D;
  /**
   * Where each step wrote: column and row of the window's centre, its side and its standard deviation in cells, float32
   * [T, N, 4]; missing where every step writes the whole canvas.
   */
  readonly writes?: Tensor3D;
  /** Where each step read, likewise; missing where nothing was read through a window. */
  readonly reads?: Tensor3D;
};

/** A batch's images drawn again; the tensors are the caller's. */
export type Reconstruction = {
  /** The latents that were drawn for them: float32 [T, B, Z]. */
  readonly latents: Tensor3D;
  /** The images drawn from the latents. */
  readonly images: DrawnImages;
};

/** How latents are drawn for images that are there. */
export interface ReconstructionOptions {
  /** How many times the posterior's deviation is added to its mean: 1 when left out; 0 gives the means. */
  readonly spread?: number;
}

/** Draws images from latent variables. */
export interface ImageDrawer {
  /** C: 1 for grey images, 3 for red, green and blue. */
  readonly channels: 1 | 3;
  /** T and Z: the steps, and the size of each step's latent. */
  readonly latentShape: readonly [steps: number, size: number];
  /**
   * Which latents give samples of the model: standard normal ones, or those that are spread as the training examples' are,
   * which only these tell.
   */
  readonly prior: "normal" | "none";
  /** A batch's images as the model sees them, such as binarized: float32 [B, S, S, C], 0 to 1. */
  see(batch: Batch, pass: Pass): Tensor4D;
  /** Draws images from latents, float32 [T, N, Z]. */
  draw(latents: Tensor3D): DrawnImages;
  /** Finds latents for a batch's images and draws from them; missing where a model cannot. */
  reconstruct?(batch: Batch, pass: Pass, options?: ReconstructionOptions): Reconstruction;
  /** Convolution kernels worth a look, by name, float32 [size, size, inputs, outputs]; may be empty. */
  readonly filters: Readonly<Record<string, Variable>>;
}

/** What examples cost by a model's latent variables; the tensors are the caller's. */
export type Encoded = {
  /** -log p(x | z), nats per example: float32 [B]. */
  readonly reconstruction: Tensor1D;
  /** The divergence of each step's posterior from the prior, nats per example: float32 [T, B]. */
  readonly kl: Tensor2D;
  /** log p(x | z) + log p(z) - log q(z | x) of the latents that were drawn: float32 [B]. */
  readonly logWeight: Tensor1D;
};

/** Scores how likely examples are, by a bound through latent variables. */
export interface LikelihoodScorer {
  /**
   * A batch's examples as the model sees them, such as binarized: whatever is random in that is drawn here, so that all
   * latents of an example are of the same one.
   *
   * @returns A tensor, the caller's, for {@linkcode LikelihoodScorer.encode}; its first dimension is B.
   */
  see(batch: Batch, pass: Pass): Tensor;
  /**
   * Draws latents for each example and says what it costs.
   *
   * @param seen What {@linkcode LikelihoodScorer.see} gave, which stays the caller's.
   */
  encode(seen: Tensor, pass: Pass): Encoded;
}

/** What a classifier that looks at frames makes of them: with what it sees of a batch, what `classify` makes of the batch. */
export interface FrameReader {
  /** What it sees of a batch: T frames of each example, float32 [B, T, H, W], 0 to 1, the caller's. */
  see(batch: Batch): Tensor4D;
  /**
   * Log-probabilities of the classes of any such frames, float32 [B, classes]; they can be differentiated with respect to
   * the frames.
   */
  classify(frames: Tensor4D): Tensor2D;
}

/** What a model can do beside being trained: it can what it has. */
export interface Abilities {
  /**
   * Log-probabilities of the classes for each example of a batch, float32 [B, classes].
   *
   * @param strokes Only the first so many strokes are shown, by a model that reads `stroke_count`; all when left out.
   */
  classify?(batch: Batch, strokes?: number): Tensor2D;
  /**
   * What `classify` gives after the first 1, 2, … T strokes, T the most that the model reads: float32 [T, B, classes]. For a
   * model that can do that in less time than T passes take; evaluation asks `classify` again and again where it is missing.
   */
  classifyPrefixes?(batch: Batch): Tensor3D;
  /**
   * What a classifier makes of each example of a batch before it names it, the values of its last hidden layer: float32
   * [B, F]. Pictures are compared by them.
   */
  features?(batch: Batch): Tensor2D;
  /** It looks at frames, and can be shown others. */
  readonly frames?: FrameReader;
  /** It draws images. */
  readonly images?: ImageDrawer;
  /** It scores likelihood. */
  readonly likelihood?: LikelihoodScorer;
  /** It draws strokes. */
  readonly strokes?: StrokeDrawer;
  /** It writes sequences. */
  readonly sequences?: SequenceWriter;
  /** It writes answers as pictures of characters. */
  readonly glyphs?: GlyphWriter;
  /**
   * Its parts as graphs of layers, by name, such as `classifier` or `decoder`: other programs get files of them. The weights
   * are read at once, which webgpu cannot.
   */
  readonly networks?: Readonly<Record<string, () => Network>>;
  /** Why it has no such part, in words; nothing when left out. */
  readonly noNetworks?: string;
}

/** What has an ability. */
export type Able<A extends keyof Abilities> = Required<Pick<Abilities, A>>;

/** Whether a model has an ability. */
export function isAble<A extends keyof Abilities>(model: Abilities, ability: A): model is Able<A> {
  return model[ability] !== undefined;
}

/** A built model. */
export interface Model extends Abilities {
  /** Every variable by name; the names are those of the checkpoint. */
  readonly variables: Readonly<Record<string, Variable>>;
  /** One objective; a GAN has two. */
  readonly objectives: readonly Objective[];
  /**
   * How much work each example of a batch is beside the others, [B], where that differs: Workers get shares of as much work,
   * not of as many examples.
   */
  workOf?(batch: Batch): ArrayLike<number>;
  /**
   * Brings up to date the variables that no objective trains, from those that were trained: the loop calls it after each
   * step. They are saved and restored as all are.
   */
  update?(): void;
  /**
   * Why a batch must be seen whole, a few words, where that is so: of their shares Workers and processes would learn
   * something else.
   */
  readonly wholeBatch?: string;
  /**
   * What those that share out a batch exchange in the middle of a pass, by `batchMean` or `batchNorm`, a few words, where
   * nothing can be learnt without it: processes with webgpu cannot, and are then refused before a run begins.
   */
  readonly exchanges?: string;
  /**
   * Whether what batches are judged by is of each as a whole, such as a distance of two sets of images, where it is no mean
   * over examples: the processes of a training do not share it out.
   */
  readonly judgedWhole?: boolean;
  /** Frees every variable. */
  dispose(): void;
}

/**
 * What is wrong with what a model's definition built without types, in words; undefined where it has what every model must
 * have.
 */
export function faultOfBuilt(built: unknown): string | undefined {
  const { variables, objectives, dispose } = (built ?? {}) as Partial<Model>;
  const expected = "expected a model: { variables, objectives, dispose }";
  if (typeof built !== "object" || built === null || built instanceof Promise) {
    return `${givenInWords(built)}, ${expected}`;
  }
  if (typeof variables !== "object" || variables === null) {
    return `${givenInWords(variables)} as variables, ${expected}`;
  }
  if (!Array.isArray(objectives)) return `${givenInWords(objectives)} as objectives, ${expected}`;
  return typeof dispose === "function" ? undefined : `${givenInWords(dispose)} as dispose, ${expected}`;
}

/**
 * Checks what a model that was built is made of.
 *
 * @throws {RangeError} When it has no objective, two of one name, or one that trains nothing or what is not there.
 */
export function checkParts({ variables, objectives }: Pick<Model, "variables" | "objectives">): void {
  if (objectives.length === 0) throw new RangeError("it has no objective");
  for (const [i, { name, trains }] of objectives.entries()) {
    if (objectives.findIndex((other) => other.name === name) < i) {
      throw new RangeError(`two objectives are named ${name}`);
    }
    if (trains.length === 0) throw new RangeError(`objective ${name} trains nothing`);
    const unknown = trains.find((variable) => !Object.hasOwn(variables, variable));
    if (unknown === undefined) continue;
    throw new RangeError(
      `objective ${name} trains ${unknown}, which is unknown${nearest(unknown, Object.keys(variables))}`,
    );
  }
}

/** Values of an objective as logs and evaluations name them: those of all but the first begin with its name. */
export function namedFor<T>(
  model: Pick<Model, "objectives">,
  i: number,
  values: Readonly<Record<string, T>>,
): Record<string, T> {
  const prefix = i === 0 ? "" : `${model.objectives[i].name}.`;
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]));
}
