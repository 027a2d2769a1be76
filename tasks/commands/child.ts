/**
 * A task in a process that another of this project's started: it ends, in good order, when that one ends or closes its
 * standard input, which says nothing else; at once when that one ends behind that.
 *
 * @module
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { permitModules } from "../../pipelines/base/spec_module.ts";
import { askToEnd, interruptedCode, watchSignals } from "../cli/interrupt.ts";
import { DENO, main } from "../cli/main.ts";
import { followParent } from "../cluster/follow_parent.ts";
import { reproduceCommand } from "./reproduce.ts";
import { sweepCommand } from "./sweep.ts";
import { workCommand } from "./work.ts";

const COMMANDS: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  reproduce: reproduceCommand,
  sweep: sweepCommand,
  work: workCommand,
};

if (import.meta.main) {
  const [first, ...others] = Deno.args;
  const only = /^--only-modules=(.*)$/s.exec(first)?.[1];
  if (only !== undefined) {
    permitModules(only.split(",").filter((path) => path !== "").map((path) => pathToFileURL(resolve(path)).href));
  }
  const [task, ...args] = only === undefined ? Deno.args : others;
  const run = async (args: readonly string[]): Promise<void> => {
    followParent({
      ...{ input: Deno.stdin.readable, parent: () => Deno.ppid, askToEnd },
      end: () => Deno.exit(interruptedCode()),
    });
    await COMMANDS[task](args);
  };
  await main(task, run, {
    ...DENO,
    args,
    watch: (handlers, says) => watchSignals({ ...handlers, finish() {} }, says), // the parent has said it
  });
  Deno.exit(); // it reads its standard input still
}
