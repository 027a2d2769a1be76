/**
 * `deno task quickstart`: the whole way on the embedded drawings, in three minutes.
 *
 * @module
 */
import { main, say } from "../cli/main.ts";
import { freeFolder } from "../runs/run_directory.ts";
import { evaluateCommand } from "./evaluate.ts";
import { prepareCommand } from "./prepare.ts";
import { trainCommand } from "./train.ts";

const DATA = "data/quickstart";

/** Shows a command before it runs, as it would be typed. */
async function step<T>(
  command: (args: readonly string[]) => Promise<T>,
  name: string,
  args: readonly string[],
): Promise<T> {
  say(`\n$ deno task ${name} ${args.join(" ")}\n`);
  return await command(args);
}

/** The command: prepare, train, evaluate. */
async function quickstart(): Promise<void> {
  await step(prepareCommand, "prepare", ["--output", DATA, "--overwrite"]);
  const run = await freeFolder("runs", "quickstart");
  const schedule = ["--train.epochs", "8", "--train.schedule", "cosine"];
  const { end } = await step(trainCommand, "train", ["--data", DATA, "--run", run, ...schedule]);
  if (end === "interrupted") return;
  await step(evaluateCommand, "evaluate", ["--run", run]);
  say(`\nOpen ${run}/report.html in a browser. The same commands work on real data: see README.md.`);
}

await main("quickstart", quickstart);
