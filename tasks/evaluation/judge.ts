/**
 * What a judge is: it says what one ability of a model is worth, in its own part of the evaluation.
 *
 * @module
 */
import type { Abilities, Able } from "../../models/model.ts";
import type { PlacedBatch } from "../../pipelines/batches/batch.ts";
import type { Fields } from "../../pipelines/base/arrays.ts";
import type { OptionTable, OptionValues } from "../../pipelines/base/option_table.ts";
import type { Split } from "../../pipelines/base/split.ts";
import type { Batch, PictureField } from "../../pipelines/dataset.ts";
import type { Answers } from "../../models/zoo/answers.ts";

/** What a judge is told beside the model. */
export interface JudgedRun {
  /** The classes in label order. */
  readonly classes: readonly string[];
  /** The labels that there may be among the examples; all when left out. */
  readonly labels?: readonly number[];
  /** The most first strokes that the model may be shown alone; 0 where it reads no strokes. */
  readonly strokes: number;
  /** What is judged. */
  readonly split: Split;
  /** The fields that the shards hold. */
  readonly fields: Fields;
  /** The field that pictures show; undefined where there is nothing to see. */
  readonly picture: PictureField | undefined;
  /** How many training examples there are. */
  readonly trainExamples: number;
  /** Of what is drawn at random. */
  readonly seed: number;
}

/** What a judge finds: its part of the evaluation, and pictures to go with it. */
export interface Finding<Score, Pictures> {
  readonly score: Score;
  readonly pictures: Pictures;
  /** What is worth saying of them, such as what could not be found and why. */
  readonly notes?: readonly string[];
}

/** A judge at work: it sees each batch of the split once. */
export interface Judging<Score, Pictures> {
  /** The fields that it reads beside the model's. */
  readonly fields: readonly string[];
  /** Whether `finish` reads the training examples. */
  readonly readsTrain: boolean;
  /** How often the model is run over so many first examples in `add`; as often as there are examples when left out. */
  runs?(examples: number): number;
  /**
   * Sees a batch.
   *
   * @param answers The model's, of one that classifies.
   */
  add(batch: PlacedBatch, answers?: Answers): void | Promise<void>;
  /**
   * The verdict on all that was seen.
   *
   * @param train The training examples; each reading begins with the first.
   * @throws {RangeError} When nothing was added.
   */
  finish(train: AsyncIterable<Batch>): Finding<Score, Pictures> | Promise<Finding<Score, Pictures>>;
}

/** A judge of an ability. */
export interface Judge<A extends keyof Abilities, Score, Pictures, O extends OptionTable = OptionTable> {
  /** What a model needs to be judged. */
  readonly ability: A;
  /** What a model without it does, behind its name: `draws no images`. */
  readonly lacking: string;
  /** Its options, part of those of `deno task evaluate`. */
  readonly options: O;
  /** Begins to judge a model, by all of its options. */
  begin(model: Able<A>, run: JudgedRun, options: OptionValues<O>): Judging<Score, Pictures>;
}
