/**
 * The sketch classifiers of the report "Frankenstein", side by side, and what its wish for turned and shrunken drawings
 * comes to.
 *
 * @module
 */
import type { ModelSpec } from "../../../models/model_spec.ts";
import { cnn, cnnLstm } from "../../../models/zoo/stroke_classifier/stroke_classifier.ts";
import type { OptionTable } from "../../../pipelines/base/option_table.ts";
import { percent } from "../../../pipelines/base/text.ts";
import { quickdraw } from "../../../pipelines/datasets/quickdraw/quickdraw.ts";
import { holmCorrected } from "../../evaluation/mcnemar.ts";
import { type ComparedPair, comparePairs, probabilityText, verdictOn } from "../../report/compare/pairs.ts";
import { experiment, type ExperimentData, type Figure, type Judging, type RunEvaluation } from "../experiment.ts";
import type { ReproduceRow, ReproduceTable } from "../table.ts";

/** The report's classes. */
const CLASSES = [
  ...["circle", "cloud", "donut", "eye", "fish", "hexagon", "hockey stick", "hourglass", "house", "ice cream"],
  ...["line", "mountain", "octagon", "paper clip", "smiley face", "square", "sun", "triangle"],
];

const DATA: ExperimentData<typeof quickdraw.options> = { dataset: quickdraw, perClass: 10_000 };
const LOOP = { batchSize: 32, epochs: 40 } as const;

/** Of 10,000 drawings of each class it learnt from 80 of a hundred. */
const THEIR_STEPS = LOOP.epochs * Math.ceil(0.8 * CLASSES.length * 10_000 / LOOP.batchSize);

/** How test drawings are changed. */
const TESTS = {
  turned: { augment: { rotate: 45 } },
  shrunken: { augment: { scale: [0.3, 0.6], shift: 0.5 } },
} as const satisfies Readonly<Record<string, Judging>>;

/** What a share is of drawings that were changed. */
const onChanged = (name: keyof typeof TESTS): Figure => ({
  ...{ name, better: "higher" },
  ours: ({ also }) => also?.[name]?.classification?.top1,
});

/** How many are recognised by a part of their strokes. */
const early = (name: string, share: number): Figure => ({
  ...{ name, better: "higher" },
  ours: ({ classification }) => classification?.partRecognition?.find((part) => part.share === share)?.accuracy,
});

const FIGURES: readonly Figure[] = [
  {
    ...{ name: "accuracy", better: "higher" },
    ours: ({ classification }) => classification?.top1,
    worth({ classification, split, unit }) {
      if (classification === undefined) return undefined;
      const { classes, baseline } = classification;
      return `Of the ${split}'s ${unit}s the most frequent of ${classes.length} classes, said every time, has ${
        percent(baseline)
      } right.`;
    },
  },
  { name: "in three", better: "higher", ours: ({ classification }) => classification?.top3 },
  {
    ...{ name: "one stroke", better: "higher" },
    ours: ({ classification }) => classification?.earlyRecognition.find(({ strokes }) => strokes === 1)?.accuracy,
  },
  early("a quarter", 0.25),
  early("half", 0.5),
  early("three quarters", 0.75),
  onChanged("turned"),
  onChanged("shrunken"),
];

/** Both networks with the same training. */
function rowsOf(
  training: string,
  { suffix = "", augment, ...theirs }:
    & { readonly suffix?: string }
    & Partial<Pick<ReproduceRow, "theirs" | "theirSteps" | "augment">>,
): readonly ReproduceRow[] {
  const row = <M extends OptionTable>(model: ModelSpec<M>, network: string): ReproduceRow => ({
    ...experiment({
      ...{ name: `${model.name}${suffix}`, data: DATA, model },
      ...{ loop: LOOP, also: TESTS, figures: FIGURES, ...(augment ? { augment } : {}) },
    }),
    ...{ cells: [network, training], checkpoint: "best", ...theirs },
  });
  return [row(cnnLstm, "CNN-LSTM"), row(cnn, "CNN")];
}

const ROWS = [
  ...rowsOf("as drawn", { theirs: [], theirSteps: THEIR_STEPS }),
  ...rowsOf("turned and shrunken", { suffix: "-changed", augment: { rotate: 45, scale: [0.3, 1], shift: 0.5 } }),
];

/** What the two networks are to each other, on each kind of test and after each training. */
function comparisons(finished: ReadonlyMap<string, RunEvaluation>): readonly string[] {
  const pairs = [ROWS.slice(0, 2), ROWS.slice(2)].flatMap((rows) =>
    ["as drawn", ...Object.keys(TESTS)].flatMap((test) => {
      const judged = rows.map(({ name, cells: [network, training] }) => {
        const found = finished.get(name);
        const evaluation = test === "as drawn" ? found : found?.also?.[test];
        return { name: `${network} (learnt ${training})`, evaluation, summary: { folder: name } };
      });
      return comparePairs(judged).map((pair) => ({ test, pair }));
    })
  );
  const corrected = holmCorrected(pairs.map(({ pair }) => pair.p));
  const said = pairs.map(({ test, pair }, i) =>
    `On drawings ${test === "as drawn" ? test : `that are ${test}`}: ${inWords({ ...pair, corrected: corrected[i] })}`
  );
  return said.length === 0 ? [] : [
    ...said,
    "p is McNemar's exact test, two-sided, on the same test drawings, with Holm's correction for as many comparisons as there " +
    "are here; another seed of the training is another question.",
  ];
}

function inWords(pair: ComparedPair): string {
  const { counts: { first, second }, corrected } = pair;
  return `${verdictOn(pair)} One alone is right on ${first} and ${second} drawings, p ${probabilityText(corrected)}.`;
}

/** CNN-LSTM and CNN on eighteen classes. */
export const FRANKENSTEIN: ReproduceTable = {
  name: "frankenstein",
  title: "An LSTM behind a CNN, and the CNN alone",
  source: 'Thomas, Lola and Jacob, "Frankenstein", section Training',
  reads:
    "Test drawings that are named rightly: whole; after one stroke, and after a part of their strokes; turned by up to 45 " +
    "degrees; shrunken to 0.3 to 0.6 of their size and moved.",
  steps: "epochs",
  heads: ["network", "learnt from drawings"],
  figures: FIGURES,
  pictures: [],
  showsData: true,
  options: {
    ...quickdraw.options,
    classes: {
      ...quickdraw.options.classes,
      value: CLASSES,
      help: "only these classes, comma-separated; the report's",
    },
  },
  rows: ROWS,
  comparisons,
  notes: [
    "The report's text gives no accuracy: theirs are its networks and its training, ours all of the numbers. Its steps are its " +
    "40 epochs of 144,000 drawings, 32 a step; ours are as many epochs of the drawings at hand.",
    "Of each class 10,000 drawings are taken, where there are as many, and dealt to train, valid and test as 80, 10 and 10 " +
    "of a hundred. Google's files hold them: deno task download --dataset quickdraw --classes " +
    `"${CLASSES.join(",")}", and then --source data/cache/quickdraw/simplified/. Where no ` +
    "--source is named, they are the generated ones in fixtures/.",
    "40 epochs at batch 32, and the weights that were best on valid after one of them, as in the report. It names neither " +
    "channels and units nor optimizer and learning rate: here 8, 16 and 32 channels, 128 units in each of three LSTM layers, " +
    "Adam at 1e-3.",
    "The report wishes for drawings that are shrunken and turned at random. Rows that learnt from such see each drawing " +
    "turned by up to 45 degrees, shrunken to 0.3 to 1 of its size and moved as far as there is room, anew in each epoch; the " +
    "tests change each test drawing once, in the same way for all rows.",
    "A part of the strokes is of each drawing's own strokes, from the first on, rounded up to whole ones: of a drawing of one " +
    "stroke it is the whole.",
  ],
};
