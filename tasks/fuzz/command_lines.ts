/**
 * Command lines for `deno task fuzz`: each is refused, or understood so that its options, typed again, mean the same.
 *
 * @module
 */
import type { Prng } from "../../pipelines/base/prng.ts";
import { flagsFor } from "../cli/option_values.ts";
import { HelpRequest, parseOptions } from "../cli/options.ts";
import type { TaskSpec } from "../cli/task_spec.ts";
import { SPEC as accept } from "../commands/accept.ts";
import { SPEC as compare } from "../commands/compare.ts";
import { SPEC as convert } from "../commands/convert.ts";
import { SPEC as download } from "../commands/download.ts";
import { SPEC as evaluate } from "../commands/evaluate.ts";
import { SPEC as exportSpec } from "../commands/export.ts";
import { SPEC as inspect } from "../commands/inspect.ts";
import { SPEC as predict } from "../commands/predict.ts";
import { SPEC as prepare } from "../commands/prepare.ts";
import { SPEC as quickstart } from "../commands/quickstart.ts";
import { SPEC as reproduce } from "../commands/reproduce.ts";
import { SPEC as runs } from "../commands/runs.ts";
import { SPEC as sample } from "../commands/sample.ts";
import { SPEC as serve } from "../commands/serve.ts";
import { SPEC as train } from "../commands/train.ts";
import { SPEC as watch } from "../commands/watch.ts";
import { InputError, isMachineFault } from "../../pipelines/base/errors.ts";
import { pick } from "./fuzz_mutate.ts";
import type { FuzzTarget } from "./fuzz_target.ts";

const SPECS: Readonly<Record<string, TaskSpec>> = {
  ...{
    accept,
    compare,
    convert,
    download,
    evaluate,
    inspect,
    predict,
    prepare,
    quickstart,
    reproduce,
    runs,
    sample,
    serve,
    train,
    watch,
  },
  export: exportSpec,
};

/** A task and its arguments. */
export type CommandLine = readonly [task: string, ...args: string[]];

/** Arguments at which programs err. */
const ODD = [
  ...[
    "",
    " ",
    "-",
    "--",
    "---",
    "--=",
    "-x",
    "--no-",
    "--no-help",
    "--config",
    "--config=",
    "--help=1",
    "--constructor",
  ],
  ...[
    "--__proto__=1",
    "--toString",
    "--model.",
    "--.seed",
    "--model.__proto__",
    "constructor",
    "__proto__",
    "hasOwnProperty",
  ],
  ...[
    ".",
    "..",
    "/",
    "./",
    "a\0b",
    "a\nb",
    "\u001b[2J",
    "\ud800",
    "😀",
    "é",
    "n".repeat(300),
    "a,b,,c",
    ",",
    "*",
    "[",
    "%",
  ],
  ...["0", "-0", "-1", "1e3", "1e400", "0x10", "NaN", "Infinity", "007", "1.5", "50%", "4294967295", "4294967296"],
  ...["9007199254740993", "true", "false", "null", "[]", "{}", "-1,2", "1,2,x"],
];

/** Options that the examples do not show. */
const MORE: readonly CommandLine[] = [
  ["train", "--model", "draw", "--model.glimpse-size", "5", "--train.steps=3", "--seed", "7", "--backend", "wasm"],
  ["train", "--model=mnist-lstm", "--data", "data/mnist", "--train.clip-norm", "1", "--profile"],
  ["prepare", "--dataset", "mnist", "--no-overwrite", "--max-rejects", "5%", "--workers", "2", "a", "b"],
  ["prepare", "--size", "28", "--frames=dense", "--classes", "cat,sun", "--classes", "eye", "--", "-x.ndjson"],
  ["evaluate", "--run", "runs/a", "--split=valid", "--checkpoint", "last", "--batch-size", "16"],
  ["predict", "--run=runs/a", "--top", "5", "--json", "-", "--", "-x.svg"],
  ["convert", "--to", "npy", "--overwrite", "--skip-bad", "--class=cat", "a.ndjson", "--output", "b"],
];

/** Good command lines: the examples of every task, and more. */
function goodLines(): CommandLine[] {
  const examples = Object.entries(SPECS).flatMap(([task, { examples }]) =>
    examples.map((line): CommandLine => [task, ...line.split(/\s+/).slice(3).map((arg) => arg.replaceAll("'", ""))])
  );
  return [...examples, ...MORE];
}

/** A good command line with a few changes, three at most. */
export function mutateCommandLine(lines: readonly CommandLine[], prng: Prng, most = 3): CommandLine {
  const [task, ...args] = pick(prng, lines);
  for (let left = 1 + prng.integer(most); left > 0; left--) {
    const at = prng.integer(args.length + 1);
    const arg = args[at] ?? "";
    const letter = prng.integer(arg.length + 1);
    const changes: (() => unknown)[] = [
      () => args.splice(at, 1),
      () => args.splice(at, 0, pick(prng, ODD)),
      () => args.splice(at, 1, pick(prng, ODD)),
      () => args.splice(at, 1, arg.slice(0, letter) + arg.slice(letter + 1)),
      () => args.splice(at, 1, arg.slice(0, letter) + pick(prng, ODD) + arg.slice(letter)),
      () => args.splice(at, 1, `${arg.split("=")[0]}=${pick(prng, ODD)}`),
      () => args.splice(at, 0, ...pick(prng, lines).slice(1)),
      () => args.splice(at, 1, ...(arg.startsWith("--") ? [`--no-${arg.slice(2)}`] : [])),
      () => args.splice(at, 0, arg, arg),
    ];
    pick(prng, changes)();
  }
  return [task, ...args];
}

async function parseLine([task, ...args]: CommandLine): Promise<void> {
  const none = () => Promise.reject(new Deno.errors.NotFound("no such file"));
  try {
    const { flat, given, rest } = await parseOptions(SPECS[task], args, none);
    const typed = flagsFor(Object.fromEntries(given.map((name) => [name, flat[name]])));
    const again = await parseOptions(SPECS[task], [...typed, "--", ...rest], none);
    if (JSON.stringify([again.flat, again.rest]) === JSON.stringify([flat, rest])) return;
    throw new Error(`typed again it means something else: ${JSON.stringify([typed, again.flat, again.rest])}`);
  } catch (error) {
    // The texts of others, about what was typed, are of no number.
    if (error instanceof HelpRequest) return;
    if (error instanceof Error && error.name === "UsageError") throw new InputError(kindOf(error.message));
    const isRefused = error instanceof InputError || error instanceof Error && isMachineFault(error.message);
    throw isRefused ? new InputError(kindOf(error.message)) : error;
  }
}

/** A message without what was typed, so that those of a kind are counted together. */
export function kindOf(message: string): string {
  return message.replace(/"[^]*$|(?<=option |: )-[^]*$|\d[^]*$/, "…").replace(/^--\S*/, "--…").slice(0, 60);
}

/** Command lines, parsed. */
export function commandLineTarget(): FuzzTarget {
  const lines = goodLines();
  return {
    draw: (prng) => new TextEncoder().encode(JSON.stringify(mutateCommandLine(lines, prng))),
    parse: (input) => parseLine(JSON.parse(new TextDecoder().decode(input))),
    most: 2500,
  };
}
