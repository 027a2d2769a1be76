/**
 * `deno task accept`: trains to the accuracies that README states and fails where one is missed. It takes as long as the
 * trainings do, so it is for a release, not for a commit.
 *
 * @module
 */
import { main, say } from "../cli/main.ts";
import { parseOptions } from "../cli/options.ts";
import { freeFolder } from "../runs/run_directory.ts";
import { evaluateCommand } from "./evaluate.ts";
import type { TaskSpec } from "../cli/task_spec.ts";
import { prepareCommand } from "./prepare.ts";
import { trainCommand } from "./train.ts";

/** A training and what it must reach. */
interface Acceptance {
  readonly model: string;
  readonly data: keyof typeof DATA;
  readonly train: readonly string[];
  /** A metric of the evaluation on the test split, and what it must at least or at most be. */
  readonly metric: string;
  readonly least?: number;
  readonly most?: number;
}

/** The eight classes of which the public snapshots hold two thousand drawings or more. */
const REAL_CLASSES = "backpack,car,cat,eye,mouth,power outlet,shoe,sun";

/** What is prepared, and from which option's files; the embedded drawings need none. */
const DATA = {
  embedded: { sources: undefined, prepare: [] },
  real: { sources: "source", prepare: ["--classes", REAL_CLASSES, "--per-class", "2000", "--overflow", "merge"] },
  mnist: { sources: "mnist", prepare: ["--dataset", "mnist"] },
} as const;

const REAL_TRAINING = [
  ...["--train.epochs", "36", "--train.schedule", "cosine", "--train.clip-norm", "1"],
  ...["--model.dropout-rate", "0.4", "--augment.flip", "0.5"],
  ...["--augment.rotate", "15", "--augment.scale", "0.8,1", "--augment.shift", "0.1"],
];
const EMBEDDED_TRAINING = ["--train.epochs", "8", "--train.schedule", "cosine"];
const ROWS_TRAINING = [
  ...["--train.batch-size", "64", "--train.epochs", "20", "--train.schedule", "cosine"],
  ...["--train.clip-norm", "1", "--model.dropout-rate", "0.2"],
];
const DRAW_TRAINING = [
  ...["--train.batch-size", "100", "--train.steps", "10000", "--train.schedule", "cosine", "--train.clip-norm", "5"],
];

const ACCEPTANCES: readonly Acceptance[] = [
  { model: "cnn-lstm", data: "embedded", train: EMBEDDED_TRAINING, metric: "accuracy", least: 0.82 },
  { model: "cnn", data: "embedded", train: EMBEDDED_TRAINING, metric: "accuracy", least: 0.82 },
  { model: "cnn-lstm", data: "real", train: REAL_TRAINING, metric: "accuracy", least: 0.935 },
  { model: "cnn", data: "real", train: REAL_TRAINING, metric: "accuracy", least: 0.9 },
  { model: "mnist-lstm", data: "mnist", train: ROWS_TRAINING, metric: "accuracy", least: 0.987 },
  { model: "draw", data: "mnist", train: DRAW_TRAINING, metric: "loss", most: 100 },
];

const SPEC = {
  name: "accept",
  summary: "Trains each model and checks that it reaches what README states.",
  examples: ["deno task accept --model cnn", "deno task accept --source quickdraw/ --source more/ --mnist mnist/"],
  groups: {
    "": {
      model: { value: "all", help: "only this model" },
      source: { value: [] as readonly string[], help: "real Quick, Draw! files; none are trained on when left out" },
      mnist: { value: [] as readonly string[], help: "MNIST's files; none are trained on when left out" },
    },
  },
} as const satisfies TaskSpec;

async function accept(args: readonly string[]): Promise<void> {
  const { model, ...sources } = (await parseOptions(SPEC, args)).values;
  const prepared = new Set<string>();
  const lines: string[] = [];
  let missed = 0;
  for (const { data, train, metric, least = -Infinity, most = Infinity, ...acceptance } of ACCEPTANCES) {
    const files = DATA[data].sources && sources[DATA[data].sources];
    if (model !== "all" && model !== acceptance.model || files?.length === 0) continue;
    const folder = `data/accept-${data}`;
    if (!prepared.has(data)) {
      const from = (files ?? []).flatMap((path) => ["--source", path]);
      await prepareCommand(["--output", folder, "--overwrite", ...DATA[data].prepare, ...from]);
      prepared.add(data);
    }
    const run = await freeFolder("runs", `accept-${acceptance.model}`);
    const { end } = await trainCommand(["--model", acceptance.model, "--data", folder, "--run", run, ...train]);
    if (end === "interrupted") return;
    const found = (await evaluateCommand(["--run", run])).metrics[metric];
    const reached = found >= least && found <= most;
    if (!reached) missed++;
    const wanted = most === Infinity ? `at least ${least}` : `at most ${most}`;
    lines.push(
      `${reached ? "reached" : "MISSED "}  ${acceptance.model} on ${data}: ${metric} ${found.toFixed(4)}, ${wanted}`,
    );
  }
  say(`\n${lines.join("\n")}`);
  if (missed > 0) Deno.exitCode = 1;
}

await main("accept", accept);
