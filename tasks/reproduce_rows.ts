/**
 * The tables of the reports that `deno task reproduce` repeats: their settings as flags of `deno task train`, and their
 * numbers.
 *
 * @module
 */
import type { Evaluation } from "./evaluation.ts";

/** A row of a report's table. */
export interface ReproduceRow {
  /** The name of its run's folder. */
  readonly name: string;
  /** The cells that say what it is, as many as the table has `heads`. */
  readonly cells: readonly string[];
  /** Flags of `deno task train` beside the table's. */
  readonly flags: readonly string[];
  /** The only classes of its data; all when left out. */
  readonly classes?: readonly string[];
  /** The report's numbers, in the order of those figures that the report has. */
  readonly theirs: readonly number[];
}

/** A number that is compared. */
export interface Figure {
  readonly name: string;
  /** Whether the report has it; such figures come first. */
  readonly reported: boolean;
  /** Digits after the point; left out for a share, which is shown in percent. */
  readonly digits?: number;
  /** Finds it in an evaluation; undefined where the row's model has no such number. */
  ours(evaluation: Evaluation): number | undefined;
}

/** A table of a report. */
export interface ReproduceTable {
  /** The name on the command line. */
  readonly name: string;
  readonly title: string;
  /** The report, and which table. */
  readonly source: string;
  /** What its numbers are, and what is better; a line. */
  readonly reads: string;
  /** The dataset's name on the command line. */
  readonly dataset: string;
  /** Says how to get the sources, of a table that the embedded examples do not do for. */
  readonly needs?: string;
  /** The report's training steps. */
  readonly steps: number;
  /** What the rows' cells are. */
  readonly heads: readonly string[];
  readonly figures: readonly Figure[];
  /** Flags of `deno task train` for every row. */
  readonly flags: readonly string[];
  readonly rows: readonly ReproduceRow[];
  /** Samples held against the training images. */
  readonly nearestSamples: number;
  /** What differs from the report, or what it leaves open; a sentence or two each. */
  readonly notes: readonly string[];
}

/** For every table. */
const WEIGHTS_NOTE = "Ours are the weights after the last step, not those that were best on valid.";

const metric = (name: string, key: string, reported: boolean): Figure => ({
  name,
  reported,
  digits: 2,
  ours: ({ metrics }) => metrics[key],
});

/** Report "Deep Recurrent Attentive Writer", table 1; T, then the batch size. */
function quickdrawRow(
  classes: readonly string[],
  { read = 5, steps = 20, batch = 100 }: { read?: number; steps?: number; batch?: number },
  theirs: readonly [lx: number, lz: number],
): ReproduceRow {
  return {
    name: `${classes.join("-")}-read${read}-t${steps}-batch${batch}`,
    cells: [classes.join(" & "), String(read), "5", "10", String(steps), String(batch)],
    flags: ["--model.read-attention", `${read}`, "--model.steps", `${steps}`, "--train.batch-size", `${batch}`],
    classes,
    theirs: [...theirs, theirs[0] + theirs[1]],
  };
}

const DRAW_QUICKDRAW: ReproduceTable = {
  name: "draw-quickdraw",
  title: "DRAW on Quick, Draw!",
  source: 'Çalışkan, "Deep Recurrent Attentive Writer", 2018, table 1',
  reads: "Reconstruction (Lx) and KL (Lz) of test drawings, nats a drawing; lower is better.",
  dataset: "quickdraw-bitmap",
  needs: "Google's 28 x 28 bitmaps of cat and dog; deno task download --dataset quickdraw-bitmap --classes cat,dog " +
    "fetches them",
  steps: 10_000,
  heads: ["category", "read", "write", "z", "T", "batch"],
  figures: [metric("Lx", "reconstruction", true), metric("Lz", "kl", true), metric("sum", "loss", true)],
  flags: ["--model", "draw", "--train.optimizer", "rmsprop", "--train.learning-rate", "1e-3", "--train.clip-norm", "5"],
  rows: [
    quickdrawRow(["cat"], { batch: 64 }, [146.501862, 92.220596]),
    quickdrawRow(["cat"], {}, [166.688004, 91.576004]),
    quickdrawRow(["dog"], { steps: 10 }, [171.142306, 92.418405]),
    quickdrawRow(["dog"], {}, [158.912208, 91.2177324]),
    quickdrawRow(["cat", "dog"], { read: 2 }, [181.984634, 91.815247]),
    quickdrawRow(["cat", "dog"], {}, [141.932007, 91.562057]),
  ],
  nearestSamples: 0,
  notes: [
    "Lx is the reconstruction, Lz the KL of all steps, both on the test split in nats a drawing; lower is better. Their " +
    "sum, the bound, is not in the report; here it is for both.",
    "As the report prints Lz, it subtracts T/2 where latents of z numbers need T z/2. Computed so, theirs is T (z - 1)/2 " +
    "too high: 90 nats where T is 20, 45 where it is 10.",
    "The report names neither the number of drawings nor the units, the norm of the clipping and whether the pictures " +
    "were made black and white. Here: 256 units in encoder and decoder, a global norm of 5, cells on from half brightness.",
    WEIGHTS_NOTE,
  ],
};

const NEAREST: readonly Figure[] = [
  { name: "mean", reported: true, digits: 0, ours: ({ drawing }) => drawing?.nearest?.mean },
  { name: "deviation", reported: true, digits: 0, ours: ({ drawing }) => drawing?.nearest?.standardDeviation },
  { name: "maximum", reported: true, digits: 0, ours: ({ drawing }) => drawing?.nearest?.maximum },
];

const MNIST_FLAGS = ["--model", "draw", "--train.batch-size", "100", "--train.learning-rate", "1e-3"];

const NEAREST_NOTES = [
  "Mean, standard deviation and maximum are of 1,000 generated images: the negative log-likelihood of the training image " +
  "nearest to each, lower is closer. The report does not say how nearest is meant, nor gives a unit; here it is by the " +
  "squared distance of the cells' probabilities, and in nats, each cell a Bernoulli variable.",
  "Bound (reconstruction + KL) is of the test split, in nats a digit; lower is better. The report has no such numbers.",
  "The report's own code stands on Eric Jang's, which runs Adam with beta1 0.5 and clips each variable's gradient to norm " +
  "5; here beta1 is 0.9 and the norm of all gradients together is clipped to 5. 256 units, z 10, windows of 5 x 5, batch " +
  "100 and a learning rate of 1e-3 are the same.",
  WEIGHTS_NOTE,
];

function mnistRow(
  name: string,
  cells: readonly [label: string, difference: string],
  { theirs, flags = [] }: { readonly theirs: readonly number[]; readonly flags?: readonly string[] },
): ReproduceRow {
  return { name, cells, flags, theirs };
}

const SHARED = {
  reads: "Negative log-likelihood of the training digit nearest to each of 1,000 generated ones; lower is better.",
  dataset: "mnist",
  heads: ["model", "differs in"],
  flags: [...MNIST_FLAGS, "--train.clip-norm", "5"],
  nearestSamples: 1000,
};

const DRAW_MNIST: ReproduceTable = {
  ...SHARED,
  name: "draw-mnist",
  title: "DRAW on MNIST, and what it needs of its parts",
  source: 'Modhe and Jain, "Generative Image Models", 2016, table of section 6.1',
  steps: 10_000,
  figures: [
    ...NEAREST,
    metric("bound", "loss", false),
    metric("reconstruction", "reconstruction", false),
    metric("KL", "kl", false),
  ],
  rows: [
    mnistRow("attention", ["DRAW (attention)", ""], { theirs: [643, 264, 1370] }),
    mnistRow("no-attention", ["DRAW (no attention)", "whole images read and written"], {
      theirs: [644, 268, 1337],
      flags: ["--model.read-attention", "0", "--model.write-attention", "0"],
    }),
    mnistRow("t1", ["DRAW (T = 1)", "one step"], { theirs: [653, 290, 1724], flags: ["--model.steps", "1"] }),
    mnistRow("t2", ["DRAW (T = 2)", "two steps"], { theirs: [698, 276, 1402], flags: ["--model.steps", "2"] }),
    mnistRow("t5", ["DRAW (T = 5)", "five steps"], { theirs: [796, 302, 1853], flags: ["--model.steps", "5"] }),
    mnistRow("no-privy", ["DRAW (no privy)", "encoder without the decoder's output"], {
      theirs: [809, 298, 2546],
      flags: ["--no-model.feedback"],
    }),
    mnistRow("error-only", ["DRAW (only error image)", "image itself not read"], {
      theirs: [648, 302, 1853],
      flags: ["--model.images", "error"],
    }),
  ],
  notes: NEAREST_NOTES,
};

const DRAW_VARIANTS: ReproduceTable = {
  ...SHARED,
  name: "draw-variants",
  title: "DRAW with convolutions, on MNIST",
  source: 'Modhe and Jain, "Generative Image Models", 2016, table of section 6.2',
  steps: 50_000,
  figures: [
    ...NEAREST,
    metric("bound", "loss", false),
    { name: "accuracy", reported: false, ours: ({ metrics }) => metrics.accuracy },
  ],
  rows: [
    mnistRow("draw", ["DRAW", ""], { theirs: [820, 327, 1989] }),
    mnistRow("each-step", ["Model I", "images read whole and convolved at each step"], {
      theirs: [656, 267, 1429],
      flags: ["--model.convolution", "read", "--model.read-attention", "0"],
    }),
    mnistRow("supervised", ["Model II", "filter maps beside the input, and a classifier"], {
      theirs: [791, 295, 1823],
      flags: ["--model.convolution", "supervised"],
    }),
    mnistRow("encoder", ["Model III", "filter maps in the image's place"], {
      theirs: [625, 255, 1637],
      flags: ["--model.convolution", "encoder"],
    }),
  ],
  notes: [
    ...NEAREST_NOTES,
    "The report gives no channels for the convolutions; here they are two, of 8 and 16 channels and 5 x 5 kernels, each " +
    "with ReLU and 2 x 2 max-pooling. It tried model I with and without the images beside their filter maps and prints one " +
    "row; here they are beside them.",
    "Accuracy is that of model II's classifier on the test split; the report has no such number.",
  ],
};

/** Every table by its name. */
export const REPRODUCE_TABLES: Readonly<Record<string, ReproduceTable>> = Object.fromEntries(
  [DRAW_QUICKDRAW, DRAW_MNIST, DRAW_VARIANTS].map((table) => [table.name, table]),
);

/** A row in words: its cells, numbers with their heads. */
export function labelOf({ heads }: ReproduceTable, { cells }: ReproduceRow): string {
  return cells.map((cell, i) => /^\d+$/.test(cell) ? `${heads[i]} ${cell}` : cell).filter((cell) => cell !== "").join(
    ", ",
  );
}
