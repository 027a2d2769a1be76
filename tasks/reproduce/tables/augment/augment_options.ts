/**
 * What the table of generated digits is about: its options, models, training sets and cells.
 *
 * @module
 */
import type { CNN_OPTIONS } from "../../../../models/zoo/stroke_classifier/stroke_classifier.ts";
import { SKETCH_RNN_LOOP, type SKETCH_RNN_OPTIONS } from "../../../../models/zoo/sketch_rnn/sketch_rnn_options.ts";
import { STEP_OPTIONS, type StepOptions } from "../../../../models/step_options.ts";
import {
  defaultsOf,
  type OptionTable,
  type OptionValues,
  type PartialOptions,
} from "../../../../pipelines/base/option_table.ts";

/** The options of the table. */
export const AUGMENT_TABLE_OPTIONS = {
  perClass: {
    value: [10, 100, 1000] as readonly number[],
    help: "digits of each class in a small training set, 1 or more; a row each",
    min: 1,
    whole: true,
  },
  draws: {
    value: 3,
    help: "small sets of each size, drawn one after another, 1 to 100",
    min: 1,
    max: 100,
    whole: true,
  },
  seeds: { value: 3, help: "times that all is trained on each small set, 1 to 100", min: 1, max: 100, whole: true },
  generated: { value: 4, help: "k, digits generated for each real one, 1 to 100", min: 1, max: 100, whole: true },
  temperature: { value: 0.5, help: "of what is generated, 0.01 to 2", min: 0.01, max: 2 },
  filter: {
    value: false,
    help: "leave out generated digits that a classifier of the small set's real digits names otherwise",
  },
} as const satisfies OptionTable;

/** The values of {@linkcode AUGMENT_TABLE_OPTIONS}. */
export type AugmentTableOptions = OptionValues<typeof AUGMENT_TABLE_OPTIONS>;

/** Updates of each classifier in a table that is finished. */
export const WHOLE_BUDGET = 2000;
/** Updates of the generator for one of a classifier. */
export const GENERATOR_SHARE = 2;

/** The classifier, the same in all arms. */
export const READER = {
  ...{ input: "image", channels: [16, 32], denseUnits: 128, dropoutRate: 0.25 },
} as const satisfies PartialOptions<typeof CNN_OPTIONS>;
export const READER_LOOP: StepOptions = {
  ...defaultsOf(STEP_OPTIONS),
  ...{ batchSize: 64, learningRate: 2e-3, schedule: "cosine" },
};

/** The generator. */
export const GENERATOR = {
  ...{ conditional: false, classCondition: true, decoderUnits: 256, numMixtures: 10, maxLength: 60 },
  ...{ recurrentDropoutRate: 0.25 },
} as const satisfies PartialOptions<typeof SKETCH_RNN_OPTIONS>;
export const GENERATOR_LOOP: StepOptions = {
  ...{ ...defaultsOf(STEP_OPTIONS), ...SKETCH_RNN_LOOP },
  ...{ learningRate: 2e-3, schedule: "cosine" },
};

/** What classifiers are trained on. */
export const ARMS = {
  real: { title: "real", sets: ["real"], warped: false },
  warped: { title: "real, warped", sets: ["real"], warped: true },
  withGenerated: { title: "real + generated", sets: ["real", "generated"], warped: false },
  warpedWithGenerated: { title: "both, warped", sets: ["real", "generated"], warped: true },
  generated: { title: "generated only", sets: ["generated"], warped: false },
  redrawn: { title: "real, redrawn", sets: ["redrawn"], warped: false },
} as const satisfies Readonly<Record<string, Arm>>;

interface Arm {
  readonly title: string;
  readonly sets: readonly ("real" | "generated" | "redrawn")[];
  /** Whether each digit is warped anew whenever it is shown. */
  readonly warped: boolean;
}

/** The name of an arm. */
export type ArmName = keyof typeof ARMS;

/** The names of all arms, in the order of the columns. */
export const ARM_NAMES = Object.keys(ARMS) as ArmName[];

/** Which arms are compared, digits added in the first one. */
export const COMPARISONS: readonly (readonly [with_: ArmName, without: ArmName])[] = [
  ["withGenerated", "real"],
  ["warpedWithGenerated", "warped"],
  ["withGenerated", "warped"],
  ["generated", "redrawn"],
  ["redrawn", "real"],
];

/** One small set, trained on once. */
export interface CellPlace {
  readonly perClass: number;
  /** 1-based. */
  readonly draw: number;
  /** 1-based. */
  readonly seed: number;
}

/** What must be the same in all cells of a folder. */
export interface CellSettings {
  readonly budget: number;
  readonly seed: number;
  readonly generated: number;
  readonly temperature: number;
  readonly filter: boolean;
  /** Tells the prepared digits from others. */
  readonly data: string;
}

/** What a cell came to, as far as it has come. */
export interface Cell extends CellPlace {
  readonly settings: CellSettings;
  /** The mean of the small set's, in pixels. */
  readonly penWidth: number;
  /** The blur that suits the small set, in pixels; missing in cells of earlier versions, which had none. */
  readonly blur?: number;
  /** Shared ink of the small set's digits and those redrawn, a mean. */
  readonly sharedInk: number;
  /** Digits that were drawn, and those that were kept. */
  readonly drawn: number;
  readonly kept: number;
  /** Shares of test digits that were named rightly; null where there was nothing to train on. */
  readonly accuracy: Readonly<Partial<Record<ArmName, number | null>>>;
}
