/**
 * Whole commands for `deno task fuzz`, from the command line to the exit code: each does its work, or says in one line why
 * not.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import { type CommandLine, kindOf, mutateCommandLine } from "./command_lines.ts";
import type { FuzzTarget } from "./fuzz_target.ts";

/** Milliseconds after which a command, such as a long training, is asked to end, and those that it has for that. */
const [LONG, PATIENCE] = [4000, 20_000];

const ROOT = new URL("../../", import.meta.url);

/** What the others work on. */
const FIRST: readonly CommandLine[] = [
  ["prepare", "--classes", "circle,line", "--size", "16", "--per-class", "20", "--output", "d"],
  ["train", "--data", "d", "--run", "r", "--model", "cnn", "--model.dense-units", "8", "--train.steps", "2"],
  ["train", "--data", "d", "--run", "r2", "--model", "cnn", "--model.dense-units", "4", "--train.steps", "2"],
];

const LINES: readonly CommandLine[] = [
  ["prepare", "--classes=circle,line", "--size=16", "--per-class=20", "--output=d2", "--overwrite", "--seed=1"],
  ["train", "--data=d", "--model=cnn", "--model.dense-units=8", "--train.steps=2", "--backend=wasm", "--seed=3"],
  ["train", "--data=d", "--model=cnn-lstm", "--model.lstm-units=8", "--train.steps=2", "--train.batch-size=8"],
  ["train", "--resume", "r", "--backend", "wasm"],
  ["evaluate", "--run=r", "--backend=wasm", "--split=valid", "--batch-size=16", "--checkpoint=last"],
  ["sample", "--run=r", "--backend=cpu", "--count=2"],
  ["inspect", "d", "--sheet=x.png"],
  ["inspect", "r"],
  ["runs", "r", "d"],
  ["compare", "r", "r2", "--output=c.html"],
  ["convert", "d", "--to=binary", "--output=x.bin", "--overwrite", "--skip-bad"],
];

/** What no one may see: a stack, or what Deno says of an error that nobody caught. */
const STACK = /a defect of this program|Uncaught|^\s+at .*:\d+:\d+/m;

async function run([task, ...args]: CommandLine, folder: string): Promise<void> {
  const command = new Deno.Command("deno", {
    args: [
      ...["run", "--quiet", "--no-prompt", "--no-check", `--config=${decodeURIComponent(ROOT.pathname)}deno.json`],
      ...["--allow-read", `--allow-write=${folder}`, `--allow-env=XDG_RUNTIME_DIR`, "--allow-sys=cpus"],
      ...[new URL(`tasks/commands/${task}.ts`, ROOT).href, ...args],
    ],
    cwd: folder,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  });
  const process = command.spawn();
  const timers = [["SIGTERM", LONG], ["SIGKILL", LONG + PATIENCE]] as const;
  const set = timers.map(([signal, after]) => setTimeout(() => process.kill(signal), after));
  const { code, stderr } = await process.output();
  set.forEach(clearTimeout);
  const said = new TextDecoder().decode(stderr);
  if (![0, 2, 143].includes(code) || STACK.test(said)) throw new Error(`exit code ${code}: ${said.slice(-2000)}`);
  if (code === 2) throw new InputError(kindOf(said.trimEnd().split("\n").at(-1)!.replace(/^strokewise /, "")));
}

/**
 * Commands with changed arguments.
 *
 * @param folder An empty one, which they work in and may write to.
 */
export function processTarget(folder: string): FuzzTarget {
  let isBegun = false;
  return {
    draw: (prng) => new TextEncoder().encode(JSON.stringify(mutateCommandLine(LINES, prng, 1))),
    async parse(input) {
      if (!isBegun) { for (const line of FIRST) await run(line, folder); }
      isBegun = true;
      const line: CommandLine = JSON.parse(new TextDecoder().decode(input));
      if (line.some((arg) => arg.includes("\0"))) return; // which no system can pass on
      await run(line, folder);
    },
    most: 60,
    patience: LONG + PATIENCE + 30_000,
  };
}
