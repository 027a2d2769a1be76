/**
 * What an experiment is: data, a model, how it is trained, and the numbers that are to come out of it. The quickstart, the
 * acceptance of README's figures and the reports' tables are made of such.
 *
 * @module
 */
import type { ModelSpec } from "../../models/model_spec.ts";
import type { OptionTable, PartialOptions } from "../../pipelines/base/option_table.ts";
import type { Dataset } from "../../pipelines/dataset.ts";
import type { PrepareSettings } from "../../pipelines/prepare/prepare.ts";
import type { AUGMENT_OPTIONS } from "../../pipelines/strokes/augment.ts";
import type { Conditions } from "../evaluation/conditions.ts";
import type { Evaluation, JudgeOptions } from "../evaluation/judges.ts";
import { type LOOP_OPTIONS, mergeSettings, type RunSettings } from "../runs/settings.ts";

/** What is asked of an evaluation: of the judges, under which conditions. */
export type Judging = JudgeOptions & Conditions;

/** The evaluation of an experiment's run, and those of the same weights that were made beside it. */
export interface RunEvaluation extends Evaluation {
  /** By the names of {@linkcode Experiment.also}; missing where there are none. */
  readonly also?: Readonly<Record<string, Evaluation>>;
}

/** A number that an experiment is about. */
export interface Figure {
  /** What it is called. */
  readonly name: string;
  /** Whether the report has it; such figures come first. */
  readonly reported?: boolean;
  /** Digits after the point; left out for a share, which is shown in percent. */
  readonly digits?: number;
  /** Which way it is better, where that is known. */
  readonly better?: "lower" | "higher";
  /** Finds it in an evaluation; undefined where the model has no such number. */
  ours(evaluation: RunEvaluation): number | undefined;
  /**
   * What a worthless or a perfect model would have of the same data, a sentence; undefined where that was not found.
   *
   * @param classifier The evaluation of the classifier that reads samples, where there is one.
   */
  worth?(evaluation: Evaluation, classifier: Evaluation | undefined): string | undefined;
  /** What it must at least be. */
  readonly least?: number;
  /** What it must at most be. */
  readonly most?: number;
}

/** What is prepared, and how. */
export interface ExperimentData<D extends OptionTable = OptionTable> {
  /** Whose files are prepared. */
  readonly dataset: Dataset<D>;
  /** Those of the dataset's options that are not left at their defaults. */
  readonly options?: PartialOptions<NoInfer<D>>;
  /** Examples of each class; all when left out. */
  readonly perClass?: number;
}

/** An experiment; whatever is left out has its default. */
export interface Experiment<D extends OptionTable = OptionTable, M extends OptionTable = OptionTable> {
  /** The name of its run's folder. */
  readonly name: string;
  /** What is learnt from. */
  readonly data: ExperimentData<D>;
  /** What is trained. */
  readonly model: ModelSpec<M>;
  /** Those of the model's options that are not left at their defaults. */
  readonly modelOptions?: PartialOptions<NoInfer<M>>;
  /** How long, and how a step is taken. */
  readonly loop?: PartialOptions<typeof LOOP_OPTIONS>;
  /** How training drawings are changed. */
  readonly augment?: PartialOptions<typeof AUGMENT_OPTIONS>;
  /** How its run is judged. */
  readonly judge?: Judging;
  /** How the run is judged again, by names that are folders: on changed examples, or with other options of its model. */
  readonly also?: Readonly<Record<string, Judging>>;
  /** The numbers that it is about. */
  readonly figures: readonly Figure[];
  /** The report's numbers, in the order of those figures that it has; undefined where it gives none. */
  readonly theirs?: readonly (number | undefined)[];
}

/** An experiment whose options are those of its dataset and model, to the letter. */
export function experiment<D extends OptionTable, M extends OptionTable>(given: Experiment<D, M>): Experiment {
  return given;
}

/** Where an experiment takes place, and what is of the occasion. */
export interface Place {
  /** The folder of shards. */
  readonly data: string;
  /** The run's folder. */
  readonly folder: string;
  /** Of weights, shuffle and samples; 0 when left out. */
  readonly seed?: number;
  /** Threads that share out each batch; 1 when left out. */
  readonly workers?: number | "auto";
  /** Training steps, where they are fewer or more than the experiment's own. */
  readonly steps?: number;
}

/** The settings of an experiment's preparation. */
export function preparationOf(
  { data }: Pick<Experiment, "data">,
  output: string,
  sources: readonly string[] = [],
): PrepareSettings {
  return { ...data, sources, output };
}

/** The settings of an experiment's training. */
export function trainingOf({ model, modelOptions, loop, augment }: Experiment, place: Place): RunSettings {
  const { data, folder, seed = 0, workers = 1, steps } = place;
  return mergeSettings({
    ...{ data, folder, seed, workers, model },
    modelOptions: modelOptions ?? {},
    loop: { ...loop, ...(steps === undefined ? {} : { steps }) },
    augment: augment ?? {},
  });
}
