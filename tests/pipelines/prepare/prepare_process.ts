/**
 * `prepare` in a process of its own, with settings that the command line does not have: they come as JSON, and each call
 * of progress goes to stdout as a line.
 */
import { quickdraw } from "../../../pipelines/datasets/quickdraw/quickdraw.ts";
import { main, say } from "../../../tasks/cli/main.ts";
import { prepare, type PrepareSettings } from "../../../pipelines/prepare/prepare.ts";

/** Starts it. */
export function startPrepare(settings: Omit<PrepareSettings, "dataset">): Deno.ChildProcess {
  const args = ["run", "-A", "--no-check", new URL(import.meta.url).pathname, JSON.stringify(settings)];
  return new Deno.Command(Deno.execPath(), { args, stdout: "piped", stderr: "piped" }).spawn();
}

if (import.meta.main) {
  await main("prepare", async ([settings]) => {
    const given = { ...JSON.parse(settings), dataset: quickdraw };
    await prepare(given, ({ phase, records }) => say(`${phase} ${records}`));
  });
}
