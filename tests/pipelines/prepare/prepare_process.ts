/**
 * `prepare` in a process of its own, with settings that the command line does not have: they come as JSON, and each call
 * of progress goes to stdout as a line. Settings with `part` make a part, those with `parts` merge some.
 */
import { quickdraw } from "../../../pipelines/datasets/quickdraw/quickdraw.ts";
import { main, say } from "../../../tasks/cli/main.ts";
import { mergeParts, type MergeSettings } from "../../../pipelines/prepare/merge_parts.ts";
import {
  prepare,
  preparePart,
  type PreparePartSettings,
  type PrepareSettings,
} from "../../../pipelines/prepare/prepare.ts";

/** What it does. */
type Settings = Omit<PrepareSettings, "dataset"> | Omit<PreparePartSettings, "dataset"> | MergeSettings;

/** Starts it. */
export function startPrepare(settings: Settings): Deno.ChildProcess {
  const args = ["run", "-A", "--no-check", new URL(import.meta.url).pathname, JSON.stringify(settings)];
  return new Deno.Command(Deno.execPath(), { args, stdout: "piped", stderr: "piped" }).spawn();
}

if (import.meta.main) {
  await main("prepare", async ([settings]) => {
    const given = { ...JSON.parse(settings), dataset: quickdraw };
    if (given.parts) return void await mergeParts(given, ({ examples }) => say(`merge ${examples}`));
    await (given.part ? preparePart : prepare)(given, ({ phase, records }) => say(`${phase} ${records}`));
  });
}
