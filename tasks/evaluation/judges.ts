/**
 * The table of judges, one line each, and the evaluation that they make up together.
 *
 * @module
 */
import { type Abilities, isAble } from "../../models/model.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import type { Split } from "../../pipelines/base/split.ts";
import type { Option, OptionValue } from "../../pipelines/base/option_table.ts";
import type { SheetDrawing } from "../../pipelines/images/contact_sheet.ts";
import { flagOf } from "../cli/option_values.ts";
import type { CheckpointName } from "../runs/run_directory.ts";
import { classificationJudge } from "./classification.ts";
import type { Classification } from "./classification_tally.ts";
import { GENERATION_OPTIONS, generationJudge, type GenerationPictures, type GenerationScore } from "./generation.ts";
import { GLYPHS_OPTIONS, glyphsJudge, type GlyphsPictures, type GlyphsScore } from "./glyphs.ts";
import type { Judge } from "./judge.ts";
import type { LatentChoice } from "./latent_source.ts";
import { SEQUENCES_OPTIONS, sequencesJudge, type SequencesPictures } from "./sequences.ts";
import type { SequencesScore } from "./sequence_tally.ts";
import { STROKES_OPTIONS, strokesJudge, type StrokesPictures, type StrokesScore } from "./strokes.ts";
import { LIKELIHOOD_OPTIONS, likelihoodJudge, type LikelihoodScore } from "./likelihood.ts";

/** What there is to say of a model that has an ability, a part each; the parts of other abilities are missing. */
export interface EvaluationParts {
  /** Of a model that scores likelihood. */
  readonly likelihood?: LikelihoodScore;
  /** Of a model that draws images. */
  readonly generation?: GenerationScore;
  /** Of a model that draws strokes. */
  readonly strokes?: StrokesScore;
  /** Of a model that writes sequences. */
  readonly sequences?: SequencesScore;
  /** Of a model that answers in pictures. */
  readonly glyphs?: GlyphsScore;
  /** Of a model that classifies. */
  readonly classification?: Classification;
}

/** The whole verdict on a model, safe to store as JSON. */
export interface Evaluation extends EvaluationParts {
  /** The model's name on the command line. */
  readonly model: string;
  /** The dataset's name on the command line. */
  readonly dataset: string;
  /** What the model was judged on. */
  readonly split: Split;
  /** What an example is called, such as `drawing`. */
  readonly unit: string;
  /** The examples judged. */
  readonly examples: number;
  /** The training step of the weights. */
  readonly step: number;
  /** Which weights were asked for; missing in evaluations from before it was kept. */
  readonly checkpoint?: CheckpointName;
  /**
   * Tells the examples judged from others, 64 hexadecimal digits: two evaluations that have it in common saw the same ones, in
   * the same order. Missing in evaluations from before it was kept.
   */
  readonly identity?: string;
  /**
   * What it was judged under that is not the run's own, by the names of the flags, such as `augment.rotate` and
   * `model.binarize`; missing where there is nothing.
   */
  readonly conditions?: Readonly<Record<string, OptionValue>>;
  /** What judges were asked that is not as they have it by themselves, by the names of the flags; missing where there is nothing. */
  readonly asked?: Readonly<Record<string, OptionValue>>;
  /**
   * Tells the weights of the classifier that read what the model draws from others, 64 hexadecimal digits; missing where none
   * was named.
   */
  readonly classifier?: string;
  /**
   * The objectives' losses and metrics, means over the examples in their own units: `loss` and the metrics of the first,
   * those of the others behind their objective's name and a point, such as `critic.loss`.
   */
  readonly metrics: Readonly<Record<string, number>>;
  /** What metrics tell, a few words each, where the model says so. */
  readonly meanings?: Readonly<Record<string, string>>;
  /** The objectives' names, where there are several. */
  readonly objectives?: readonly string[];
  /** In `metrics.json`: what is to be known with the numbers, where there is anything. */
  readonly notes?: readonly string[];
}

/** The pictures that go with the parts of an evaluation. */
export interface EvaluationPictures {
  /** What the model draws. */
  readonly generation?: GenerationPictures;
  /** What a model draws with strokes. */
  readonly strokes?: StrokesPictures;
  /** Of a model that writes sequences. */
  readonly sequences?: SequencesPictures;
  /** Of a model that answers in pictures. */
  readonly glyphs?: GlyphsPictures;
  /** How a classifier's mistakes look, in their order; without captions. */
  readonly classification?: readonly SheetDrawing[];
}

/** The name of a part of an evaluation. */
export type Part = keyof EvaluationParts;

type PicturesOf<P extends Part> = P extends keyof EvaluationPictures ? EvaluationPictures[P] : undefined;

/** Every judge by its part of the evaluation. */
export const JUDGES: { readonly [P in Part]-?: Judge<keyof Abilities, Required<EvaluationParts>[P], PicturesOf<P>> } = {
  likelihood: likelihoodJudge,
  generation: generationJudge,
  strokes: strokesJudge,
  sequences: sequencesJudge,
  glyphs: glyphsJudge,
  classification: classificationJudge,
};

/** What may be asked of the judges. */
export interface JudgeOptions {
  /** Of a model that scores likelihood: latents drawn for each example, 1 or more; 5 when left out. */
  readonly importanceSamples?: number;
  /** Of a model that scores likelihood: the first examples that so many are drawn for, 0 for all; 0 when left out. */
  readonly importanceExamples?: number;
  /** Of a model that draws images: samples held against the nearest training image, 0 for none; 1000 when left out. */
  readonly nearestSamples?: number;
  /** Of a model that draws images: samples that a classifier reads, 8 or more; 1000 when left out. */
  readonly readSamples?: number;
  /** Of a model that draws images: steps in which classifiers learn from samples and from real images; 200 when left out. */
  readonly studentSteps?: number;
  /** Of a model that draws images: what latents of samples are drawn from; `auto`, the prior where there is one, when left out. */
  readonly latents?: LatentChoice;
  /** Of a model that draws: the run of a classifier, which reads samples; none when left out. */
  readonly classifier?: string;
  /** Of a model that draws strokes: the temperature of samples and reconstructions, above 0; 0.4 when left out. */
  readonly temperature?: number;
  /** Of a model that draws strokes: samples to be counted and read, 0 for none; 200 when left out. */
  readonly drawnSamples?: number;
  /** Of a model that draws strokes: drawings that likelihood names, 0 for none; 500 when left out. */
  readonly namedDrawings?: number;
  /** Of a model that draws strokes and is not told the class: other such runs to be held against it; none when left out. */
  readonly against?: readonly string[];
  /** Of a model that writes sequences: beginnings that are kept while an answer is written, 1 or more; 1 when left out. */
  readonly beam?: number;
  /** Of a model that answers in pictures: how far latents are from the middle, times what was learnt; 1 when left out. */
  readonly glyphTemperature?: number;
}

/** The options of all judges. */
export const JUDGE_OPTIONS = {
  ...LIKELIHOOD_OPTIONS,
  ...GENERATION_OPTIONS,
  ...STROKES_OPTIONS,
  ...SEQUENCES_OPTIONS,
  ...GLYPHS_OPTIONS,
} as const satisfies Readonly<
  Record<keyof JudgeOptions, Option>
>;

/**
 * Refuses options of judges whose ability a model lacks.
 *
 * @param given What is told; options that are no judge's are passed over.
 * @throws {InputError} When there is one.
 */
export function refuseLacking(model: Abilities, name: string, given: object): void {
  for (const [option, value] of Object.entries(given)) {
    const readers = Object.values(JUDGES).filter(({ options }) => Object.hasOwn(options, option));
    if (value === undefined || readers.length === 0 || readers.some(({ ability }) => isAble(model, ability))) continue;
    throw new InputError(`${flagOf(option)}: ${name} ${readers[0].lacking}`);
  }
}
