/**
 * What a kind of model says of itself, and how it is defined: its options, the fields that it reads, how it is built.
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
import type { Prng } from "../pipelines/base/prng.ts";
import type { Spec, SpecShape } from "../pipelines/base/spec_module.ts";
import type { Batch, DataDescription } from "../pipelines/dataset.ts";
import { faultOfBuilt, type Model } from "./model.ts";

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
  readonly best: {
    readonly metric: string;
    readonly better: "higher" | "lower";
    /** Options that decide what the metric measures: of runs that differ in one of them it tells not which is better. */
    readonly measuredBy?: readonly (keyof NoInfer<T> & string)[];
  };
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
   * What a training ends too early for, a sentence each, said before it begins.
   *
   * @param training The steps of the whole training, and whether it began with weights of another run.
   */
  remarks?(
    options: OptionValues<NoInfer<T>>,
    training: { readonly steps: number; readonly isBegun: boolean },
  ): readonly string[];
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
 * it reads. What is built has what a model must have, else that is a RangeError as well.
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
      const built = definition.build(merged, data, prng);
      const fault = faultOfBuilt(built);
      if (fault !== undefined) throw new RangeError(`${what}: build gave ${fault}`);
      return built;
    },
  };
}
