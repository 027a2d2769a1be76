/**
 * What a model is to the rest of the project: named variables, objectives to minimise, and how to judge a batch. One
 * training loop serves every model.
 *
 * @module
 */
import {
  mergeOptions,
  type OptionTable,
  type OptionValue,
  type OptionValues,
  type PartialOptions,
} from "../pipelines/base/option_table.ts";
import { nearest } from "../pipelines/base/nearest.ts";
import type { Spec, SpecShape } from "../pipelines/base/spec_module.ts";
import type { Batch, DataDescription } from "../pipelines/dataset.ts";
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
   * Why a batch must be seen whole, a few words, where that is so: Workers would learn something else of their shares.
   */
  readonly wholeBatch?: string;
  /**
   * Whether what batches are judged by is of each as a whole, such as a distance of two sets of images, where it is no mean
   * over examples: the processes of a training do not share it out.
   */
  readonly judgedWhole?: boolean;
  /** Frees every variable. */
  dispose(): void;
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

/** Settings with a name: the defaults of a run that asks for them. */
export interface Preset<T extends OptionTable = OptionTable> {
  /** What they are, a few words. */
  readonly summary: string;
  /** Options of the model. */
  readonly model: PartialOptions<NoInfer<T>>;
  /** Options of the training loop. */
  readonly loop: Readonly<Record<string, OptionValue>>;
}

/** What every kind of model says of itself. */
export interface ModelFacts<T extends OptionTable> extends Spec {
  /** One sentence for the table of models. */
  readonly summary: string;
  /** The metric by which a checkpoint is the best, and which way; `loss` is one of them. */
  readonly best: { readonly metric: string; readonly better: "higher" | "lower" };
  /** What its objectives' metrics tell, a few words each, by the names of `evaluateObjectives`; evaluations say it beside the number. */
  readonly meanings?: Readonly<Record<string, string>>;
  /** The dataset fields that it reads; of a model that reads one kind of data or another, those of the first kind. */
  readonly fields: readonly string[];
  /** Those that it reads of data such as this, where it depends on that; see {@linkcode fieldsRead}. */
  fieldsOf?(options: OptionValues<NoInfer<T>>, data: DataDescription): readonly string[];
  /** The registered dataset whose generated examples it is trained on where no data is named; quickdraw when left out. */
  readonly dataset?: string;
  /** Whether one class is enough, as to learn how its drawings look, or to add; two are needed when left out. */
  readonly oneClass?: boolean;
  /**
   * The ragged field, one of `fields`, whose length decides how long an example takes: training makes batches of examples
   * of like length.
   */
  readonly sequence?: string;
  /** How many rows of `sequence` are read of an example, and by which option; what follows is cut off. All when left out. */
  sequenceLimit?(options: OptionValues<NoInfer<T>>): { readonly rows: number; readonly option: string };
  /**
   * Finds out what it must know of the training examples before it is built. It is done once a run; checkpoints keep it.
   *
   * @param batches All training examples, each once, with every one of `fields`.
   * @returns What `build` gets as `data.statistics`, numbers by name.
   */
  measure?(
    options: OptionValues<NoInfer<T>>,
    batches: AsyncIterable<Batch>,
  ): Promise<Readonly<Record<string, number>>>;
  /**
   * What is amiss with a training, as far as its numbers tell, a sentence each: it is said when they are measured, and in
   * the report.
   *
   * @param measured `valid`: an evaluation's, named as by `evaluateObjectives`; `train`: means over the last steps before it.
   */
  worries?(measured: Readonly<Record<"train" | "valid", Readonly<Record<string, number>>>>): readonly string[];
  /** Options of the training loop that have other defaults for this model, such as `batchSize`. */
  readonly loop?: Readonly<Record<string, OptionValue>>;
  /** Named settings, such as those of a report; `deno task train --preset NAME` begins with them. */
  readonly presets?: Readonly<Record<string, Preset<NoInfer<T>>>>;
  /** Options, with the report's or paper's values as defaults. */
  readonly options: T;
  /** Options that make a model small enough to be trained inside a test. */
  readonly tiny: PartialOptions<NoInfer<T>>;
}

/** A kind of model as its author writes it; {@linkcode defineModel} makes a {@linkcode ModelSpec} of it. */
export interface ModelDefinition<T extends OptionTable> extends ModelFacts<T> {
  /**
   * Builds the model with fresh variables.
   *
   * @param options All of them, checked.
   * @param data Has every one of `fields`.
   * @param prng Draws every initial value.
   * @throws {RangeError} When options and data do not go together.
   */
  build(options: OptionValues<NoInfer<T>>, data: DataDescription, prng: Prng): Model;
}

/** A kind of model: its options, a tiny version for tests, and how to build it. */
export interface ModelSpec<T extends OptionTable = OptionTable> extends ModelFacts<T> {
  /**
   * Builds the model with fresh variables.
   *
   * @param options Those that are not left at their defaults.
   * @param data The fields and classes of the data that it is to read.
   * @param prng Draws every initial value.
   * @throws {TypeError} When there is no option of a name; the nearest is named.
   * @throws {RangeError} When an option does not take its value, options or data do not go together, or a field is missing.
   */
  build(options: PartialOptions<NoInfer<T>>, data: DataDescription, prng: Prng): Model;
}

/**
 * The fields that a model reads of some data.
 *
 * @param options Of the model; those left out have their defaults.
 * @param data Need not have them.
 * @throws {TypeError} When there is no option of a name.
 * @throws {RangeError} When an option does not take its value.
 *
 * @example
 * ```ts
 * import { cnn, defaultsOf, mnist } from "@strokewise/strokewise";
 * import { fieldsRead } from "@strokewise/strokewise/models";
 * import { assertEquals } from "@std/assert";
 *
 * const digits = { fields: mnist.fields(defaultsOf(mnist.options)), classes: ["0", "1"] };
 * assertEquals(fieldsRead(cnn, {}, digits), ["image", "label"]);
 * ```
 */
export function fieldsRead(
  spec: Pick<ModelFacts<OptionTable>, "name" | "fields" | "fieldsOf" | "options">,
  options: PartialOptions<OptionTable>,
  data: DataDescription,
): readonly string[] {
  return spec.fieldsOf?.(mergeOptions(spec.options, options, `model ${spec.name}`), data) ?? spec.fields;
}

/** What a user's own model must have. */
export const MODEL_SHAPE: SpecShape = {
  ...{ summary: "string", best: "object", fields: "object", options: "object", tiny: "object", build: "function" },
};

/**
 * Makes a kind of model that checks what it is built from: options against their table, the data against the fields that
 * it reads.
 *
 * @example A model that always gives both classes the same probability
 * ```ts
 * import { defineModel, Prng } from "@strokewise/strokewise";
 * import { assertThrows } from "@std/assert";
 *
 * const even = defineModel({
 *   name: "even",
 *   url: import.meta.url,
 *   summary: "Says nothing.",
 *   best: { metric: "loss", better: "lower" },
 *   fields: ["label"],
 *   options: { units: { value: 8, help: "units, 1 or more", min: 1, whole: true } },
 *   tiny: { units: 2 },
 *   build: () => ({ variables: {}, objectives: [], dispose: () => {} }),
 * });
 * const data = { fields: { label: { dtype: "uint8", shape: [] } }, classes: ["a", "b"] } as const;
 * even.build({ units: 3 }, data, new Prng(1)).dispose();
 * assertThrows(() => even.build({ units: 0 }, data, new Prng(1)), RangeError, "model even: units: expected a whole number");
 * ```
 */
export function defineModel<const T extends OptionTable>(definition: ModelDefinition<T>): ModelSpec<T> {
  return {
    ...definition,
    build(options, data, prng) {
      const what = `model ${definition.name}`;
      const merged = mergeOptions(definition.options, options, what);
      const fields = definition.fieldsOf?.(merged, data) ?? definition.fields;
      const missing = fields.filter((name) => !Object.hasOwn(data.fields, name));
      if (missing.length > 0) throw new RangeError(`${what}: the data lacks ${missing.join(" and ")}, which it reads`);
      return definition.build(merged, data, prng);
    },
  };
}
