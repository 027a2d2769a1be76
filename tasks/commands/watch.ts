/**
 * `deno task watch`: a page that shows a run while it is trained.
 *
 * @module
 */
import { Interrupt, interruptedCode } from "../cli/interrupt.ts";
import { main, say } from "../cli/main.ts";
import { UsageError } from "../cli/option_values.ts";
import { parseOptions } from "../cli/options.ts";
import type { TaskSpec } from "../cli/task_spec.ts";
import { complain } from "../cli/terminal.ts";
import { checkHosts, SERVER_OPTIONS, wordsForOthers } from "../web/server/server_options.ts";
import { RunWatch } from "../web/watch/watch_run.ts";

export const SPEC = {
  name: "watch",
  summary:
    "Serves a page that shows a run while it is trained: its curves, and what its last weights draw, write, or take " +
    "examples for. Ctrl-C ends the page, not the run.",
  examples: ["deno task watch runs/draw-1", "deno task watch runs/cnn-1 --host 0.0.0.0 --port 8080"],
  rest: "RUN",
  groups: {
    "": { ...SERVER_OPTIONS, port: { ...SERVER_OPTIONS.port, value: 8001 } },
  },
} as const satisfies TaskSpec;

/**
 * Never called: a literal, by which Deno fetches what the page's charts load by name along with all other packages, before
 * the work begins.
 */
export const fetchCharts = (): Promise<unknown> => import("echarts/dist/echarts.esm.min.mjs");

/** The command. */
export async function watchCommand(args: readonly string[]): Promise<void> {
  const { values, rest } = await parseOptions(SPEC, args);
  checkHosts(values);
  if (rest.length !== 1) throw new UsageError(`name one run, such as runs/cnn-1; found ${rest.length}`);
  using interrupt = new Interrupt();
  const watch = await RunWatch.start({
    ...values,
    complain: (line) => complain(`strokewise watch: ${line}`),
    onEnd: (state) => say(`the run is not trained any more: ${state}; the page stays until Ctrl-C`),
  });
  try {
    await watch.show(rest[0]);
    interrupt.isHeard = true;
    say(`open ${watch.url} in a browser; Ctrl-C ends`);
    const others = wordsForOthers(values.host, Number(new URL(watch.url).port || 80));
    if (others !== undefined) say(others);
    await interrupt.asked;
    Deno.exitCode = interruptedCode();
  } finally {
    await watch.end();
  }
}

if (import.meta.main) await main("watch", watchCommand);
