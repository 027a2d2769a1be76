/**
 * `deno task accept`: trains to the accuracies that README states and fails where one is missed. It takes as long as the
 * trainings do, so it is for a release, not for a commit.
 *
 * @module
 */
import { evaluateCommand } from "./evaluate.ts";
import { main, say } from "./main.ts";
import { parseOptions, type TaskSpec } from "./options.ts";
import { freeFolder } from "./run_directory.ts";
import { prepareCommand } from "./prepare.ts";
import { trainCommand } from "./train.ts";

/** A training and the accuracy that it must reach. */
interface Acceptance {
  readonly model: string;
  readonly data: "embedded" | "real";
  readonly train: readonly string[];
  /** Top-1 on the test split, 0 to 1. */
  readonly top1: number;
}

/** The eight classes of which the public snapshots hold two thousand drawings or more. */
const REAL_CLASSES = "backpack,car,cat,eye,mouth,power outlet,shoe,sun";
const REAL_TRAINING = [
  ...["--train.epochs", "36", "--train.schedule", "cosine", "--train.clip-norm", "1"],
  ...["--model.dropout-rate", "0.4", "--augment.flip", "0.5"],
  ...["--augment.rotate", "15", "--augment.scale", "0.8,1", "--augment.shift", "0.1"],
];

const EMBEDDED_TRAINING = ["--train.epochs", "8", "--train.schedule", "cosine"];

const ACCEPTANCES: readonly Acceptance[] = [
  { model: "cnn-lstm", data: "embedded", train: EMBEDDED_TRAINING, top1: 0.82 },
  { model: "cnn", data: "embedded", train: EMBEDDED_TRAINING, top1: 0.82 },
  { model: "cnn-lstm", data: "real", train: REAL_TRAINING, top1: 0.935 },
  { model: "cnn", data: "real", train: REAL_TRAINING, top1: 0.9 },
];

const SPEC = {
  name: "accept",
  summary: "Trains each model and checks that it reaches its accuracy.",
  examples: ["deno task accept --model cnn", "deno task accept --source quickdraw/ --source more/"],
  groups: {
    "": {
      model: { value: "all", help: "only this model" },
      source: { value: [] as readonly string[], help: "real Quick, Draw! files; only the embedded ones when left out" },
    },
  },
} as const satisfies TaskSpec;

async function accept(args: readonly string[]): Promise<void> {
  const { model, source } = parseOptions(SPEC, args).values;
  const prepared = new Map<string, string>();
  const lines: string[] = [];
  let missed = 0;
  for (const acceptance of ACCEPTANCES) {
    if (model !== "all" && model !== acceptance.model || acceptance.data === "real" && source.length === 0) continue;
    const data = prepared.get(acceptance.data) ?? await prepareData(acceptance.data, source);
    prepared.set(acceptance.data, data);
    const run = await freeFolder("runs", `accept-${acceptance.model}`);
    const { end } = await trainCommand([
      "--model",
      acceptance.model,
      "--data",
      data,
      "--run",
      run,
      ...acceptance.train,
    ]);
    if (end === "interrupted") return;
    const { metrics: { top1 } } = await evaluateCommand(["--run", run]);
    const reached = top1 >= acceptance.top1;
    if (!reached) missed++;
    const [found, wanted] = [top1, acceptance.top1].map((share) => `${(100 * share).toFixed(1)} %`);
    lines.push(
      `${
        reached ? "reached" : "MISSED "
      }  ${acceptance.model} on ${acceptance.data} drawings: ${found}, at least ${wanted}`,
    );
  }
  say(`\n${lines.join("\n")}`);
  if (missed > 0) Deno.exitCode = 1;
}

async function prepareData(kind: Acceptance["data"], source: readonly string[]): Promise<string> {
  const output = `data/accept-${kind}`;
  const real = ["--classes", REAL_CLASSES, "--per-class", "2000", "--overflow", "merge"];
  const sources = source.flatMap((path) => ["--source", path]);
  await prepareCommand(["--output", output, "--overwrite", ...(kind === "real" ? [...real, ...sources] : [])]);
  return output;
}

await main("accept", accept);
