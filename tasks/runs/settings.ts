/**
 * What a run is started with: data, model, options of the loop.
 *
 * @module
 */
import { MODEL_SHAPE, type ModelSpec } from "../../models/model_spec.ts";
import { STEP_OPTIONS } from "../../models/step_options.ts";
import { checkSpec } from "../../pipelines/base/spec_module.ts";
import {
  checkNames,
  mergeOptions,
  type OptionTable,
  type OptionValues,
  type PartialOptions,
  refuseIdle,
  withDefaults,
} from "../../pipelines/base/option_table.ts";
import { affine, type AUGMENT_OPTIONS } from "../../pipelines/strokes/augment.ts";
import { type Augmentation, AUGMENTATION_SHAPE } from "../../pipelines/strokes/augmentation.ts";

/** The options of the loop: how long, what a step is, how often what is written. */
export const LOOP_OPTIONS = {
  epochs: { value: 40, help: "times that every training example is seen, 1 or more", min: 1, whole: true },
  steps: {
    value: 0,
    help: "stop after so many optimizer steps; 0 for as many as the epochs take",
    min: 0,
    whole: true,
  },
  ...STEP_OPTIONS,
  balance: {
    value: false,
    help: "draw every class equally often: rare ones again and again; an epoch has as many examples as ever",
  },
  bucket: {
    value: true,
    help: "batches are made of drawings of like length, by models that read them point by point; the loss is the same",
  },
  evaluateEvery: { value: 0, help: "steps between evaluations on valid; 0 for one an epoch", min: 0, whole: true },
  patience: { value: 0, help: "stop after so many evaluations without a better one; 0 never", min: 0, whole: true },
  checkpointEvery: { value: 200, help: "steps between checkpoints, 1 or more", min: 1, whole: true },
  logEvery: { value: 10, help: "steps between lines of metrics, 1 or more", min: 1, whole: true },
  tensorboard: {
    value: true,
    help:
      "write TensorBoard's event files into the run's folder: the metrics, and at each evaluation how weights and " +
      "gradients are spread and what the model draws; tensorboard --logdir runs shows them",
  },
} as const;

/** The values of {@linkcode LOOP_OPTIONS}. */
export type LoopOptions = OptionValues<typeof LOOP_OPTIONS>;

/** The options of the loop, with the defaults that a model has of its own. */
export function loopOptionsOf({ loop = {} }: Pick<ModelSpec, "loop">): typeof LOOP_OPTIONS {
  return withDefaults(LOOP_OPTIONS, loop);
}

/** The options of the loop that concern classifiers alone. */
export const CLASSIFIERS_OPTIONS = ["labelSmoothing", "classWeights"] as const;

/** The options of a run that belong to no part of it. */
export const RUN_OPTIONS = {
  workers: {
    value: "auto",
    words: ["auto"],
    help:
      "threads that share out each batch, on wasm and cpu, 1 to 64; auto times steps that are thrown away and takes as " +
      "many as pay, 1 where the run is short; the bits of a run depend on how many there are",
    min: 1,
    max: 64,
    whole: true,
  },
  seed: {
    value: 0,
    help: "of the initial weights, the shuffle and the augmentation; 0 to 4294967295",
    min: 0,
    max: 2 ** 32 - 1,
    whole: true,
  },
} as const;

/** The names of {@linkcode TrainSettings}. */
const SETTINGS = ["data", "folder", "from", "model", "modelOptions", "loop", "augmentation", "augment"];

/** What `train` needs to know; whatever is left out has its default. */
export interface TrainSettings<
  M extends OptionTable = OptionTable,
  A extends OptionTable = typeof AUGMENT_OPTIONS,
> {
  /** The folder of shards. */
  readonly data: string;
  /** The run's folder, which must exist. */
  readonly folder: string;
  /** The run, or one of its checkpoints, with whose weights this one begins; they are drawn when left out or empty. */
  readonly from?: string;
  /** What is trained, such as `cnnLstm`; the module at its `url` exports it. */
  readonly model: ModelSpec<M>;
  /** Those of the model's options that are not left at their defaults. */
  readonly modelOptions?: PartialOptions<NoInfer<M>>;
  /** How long, and how a step is taken; see {@linkcode LOOP_OPTIONS}. */
  readonly loop?: PartialOptions<typeof LOOP_OPTIONS>;
  /** How training drawings are changed; `affine` when left out. */
  readonly augmentation?: Augmentation<A>;
  /** Its options; with its defaults it changes nothing. */
  readonly augment?: PartialOptions<NoInfer<A>>;
  /** Of the initial weights, the shuffle and the augmentation, 0 to 2^32 - 1; 0 when left out. */
  readonly seed?: number;
  /**
   * Threads that share out each batch, 1 or more; `auto` when left out: as many as pay, by the first steps. The bits of a run
   * depend on it.
   */
  readonly workers?: number | "auto";
}

/** The settings of a run, none left out. */
export interface RunSettings {
  /** The folder of shards. */
  readonly data: string;
  /** The run's folder. */
  readonly folder: string;
  /** The run or checkpoint whose weights are the first; empty where they are drawn. */
  readonly from: string;
  /** What is trained. */
  readonly model: ModelSpec;
  /** The model's options, all of them. */
  readonly modelOptions: OptionValues<OptionTable>;
  /** How long, and how a step is taken. */
  readonly loop: LoopOptions;
  /** How training drawings are changed. */
  readonly augmentation: Augmentation;
  /** The augmentation's options, all of them. */
  readonly augment: OptionValues<OptionTable>;
  /** Of the initial weights, the shuffle and the augmentation. */
  readonly seed: number;
  /** Threads that share out each batch; `auto` until it is known. */
  readonly workers: number | "auto";
}

/** The settings of a run whose threads are counted. */
export type SettledSettings = RunSettings & { readonly workers: number };

/**
 * Adds what was left out and checks what was given: the one place for the settings of a run.
 *
 * @throws {TypeError} When there is no setting or option of a name, the nearest is named, or the model or the augmentation
 * lacks what one must have.
 * @throws {RangeError} When an option does not take its value.
 */
export function mergeSettings<M extends OptionTable, A extends OptionTable = typeof AUGMENT_OPTIONS>(
  settings: TrainSettings<M, A>,
): RunSettings {
  checkNames(settings, [...SETTINGS, ...Object.keys(RUN_OPTIONS)], "training");
  const { data, folder, from = "", seed = RUN_OPTIONS.seed.value, workers = RUN_OPTIONS.workers.value } = settings;
  const model: ModelSpec = settings.model;
  const augmentation: Augmentation = settings.augmentation ?? affine;
  checkSpec(model, "model", MODEL_SHAPE);
  checkSpec(augmentation, "augmentation", AUGMENTATION_SHAPE);
  const augment = mergeOptions(augmentation.options, settings.augment ?? {}, `augmentation ${augmentation.name}`);
  checkAugment(augmentation, augment);
  const loop = mergeOptions(loopOptionsOf(model), settings.loop ?? {}, "training");
  if (loop.balance && loop.classWeights !== "none") {
    throw new RangeError(`training: balance draws rare classes as often as others; with classWeights they count twice`);
  }
  return {
    ...{ data, folder, from, model, augmentation, augment },
    ...mergeOptions(RUN_OPTIONS, { seed, workers }, "training"),
    modelOptions: mergeOptions(model.options, settings.modelOptions ?? {}, `model ${model.name}`),
    loop,
  };
}

/**
 * Refuses options of a new run that nothing reads beside its others.
 *
 * @throws {RangeError} When there is one.
 */
export function refuseIdleOptions({ model, modelOptions, loop }: RunSettings): void {
  refuseIdle(loopOptionsOf(model), loop, "training");
  const { bucket, schedule, minLearningRate, learningRate } = loop;
  if (!bucket && model.sequence === undefined) {
    throw new RangeError(`training: bucket: ${model.name} reads no sequences, so that no batch has shorter ones`);
  }
  if (schedule === "exponential" && minLearningRate > learningRate) {
    throw new RangeError(
      `training: minLearningRate ${minLearningRate}: expected at most the learning rate, ${learningRate}`,
    );
  }
  refuseIdle(model.options, modelOptions, `model ${model.name}`);
}

/** An augmentation's own check of its options. */
function checkAugment(augmentation: Augmentation, augment: OptionValues<OptionTable>): void {
  try {
    augmentation.check?.(augment);
  } catch (error) {
    throw error instanceof RangeError ? new RangeError(`--augment: ${error.message}`) : error;
  }
}

/** The number of optimizer steps of a whole run. */
export function stepsOf(
  examples: number,
  loop: Pick<LoopOptions, "steps" | "epochs" | "batchSize" | "accumulate">,
): number {
  return loop.steps || loop.epochs * Math.ceil(Math.ceil(examples / loop.batchSize) / loop.accumulate);
}

/** Whether a run has waited for a better evaluation as long as it may. */
export function isOutOfPatience(sinceBest: number, { patience }: Pick<LoopOptions, "patience">): boolean {
  return patience > 0 && sinceBest >= patience;
}

/** The epochs of a whole run, with the part of the last that is seen: where it is when it ends. */
export function epochsOf(examples: number, loop: Parameters<typeof stepsOf>[1]): number {
  const perEpoch = stepsOf(examples, { ...loop, steps: 0, epochs: 1 });
  const steps = stepsOf(examples, loop);
  const whole = Math.floor(steps / perEpoch);
  const seen = (steps - whole * perEpoch) * loop.batchSize * loop.accumulate; // the last step of an epoch may see fewer
  return whole + seen / examples;
}
