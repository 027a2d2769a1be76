/**
 * How a task starts and ends: bad input is one line on stderr and exit code 2, never a stack trace, and so is what a
 * user's own module throws; a defect of this program keeps its stack trace and ends with 1.
 *
 * @module
 */
import { InputError, isMachineFault } from "../../pipelines/base/errors.ts";
import { removeUnfinished } from "../../pipelines/base/files.ts";
import { type SignalHandlers, type SignalWatch, watchSignals } from "./interrupt.ts";
import { commandLine, quoted, UsageError } from "./option_values.ts";
import { HelpRequest } from "./options.ts";
import { EXIT_CODES, type Watched } from "./signals.ts";
import { complain, hushed, say, visible } from "./terminal.ts";

export { say };

/** What {@linkcode main} needs of the system; a test passes its own. */
export interface System {
  readonly args: readonly string[];
  /** Writes a line to stdout. */
  print(line: string): void;
  /** Writes a line to stderr. */
  complain(line: string): void;
  exit(code: number): void;
  /** Has `fail` told of errors that nobody awaits. */
  guard?(fail: (error: unknown) => void): void;
  /** Listens to signals, as {@linkcode watchSignals} does. */
  watch?(handlers: SignalHandlers, says: Watched["says"]): SignalWatch;
}

/** The system itself. */
export const DENO: System = {
  get args() {
    return Deno.args;
  },
  print: say,
  complain,
  exit: (code) => Deno.exit(code),
  watch: watchSignals,
  guard(fail) {
    addEventListener("error", (event) => {
      event.preventDefault();
      fail(event.error);
    });
    addEventListener("unhandledrejection", (event) => {
      event.preventDefault();
      fail(event.reason);
    });
  },
};

let hintOf: ((again: string) => string | undefined) | undefined;
let finishingOf: (() => string) | undefined;
let retell: (() => void) | undefined;

/**
 * Says how a command that a signal ends goes on; the same command begins anew otherwise.
 *
 * @param hint Gets the command as it was typed, and tells what is left of the work and which command takes it up; nothing
 * where nothing is left. Is asked now, for when this thread is too busy to be asked, and when the signal comes.
 * @param finishing What is said at a signal that leaves the work to end itself, where that is not to be waited for.
 * @returns To be disposed of when that work is done.
 */
export function whenInterrupted(hint: (again: string) => string | undefined, finishing?: () => string): Disposable {
  const set = (now: typeof hintOf, whileFinishing: typeof finishingOf) => {
    [hintOf, finishingOf] = [now, whileFinishing];
    retell?.();
  };
  set(hint, finishing);
  return { [Symbol.dispose]: () => set(undefined, undefined) };
}

/** Has this process say nothing more, not even that a signal ends it, or speak again. */
export function hush(isHushed: boolean): void {
  hushed(isHushed);
  retell?.();
}

/** Without this variable the Vulkan loader complains on stderr; it does not matter what it is. */
function quietVulkan(): void {
  const name = "XDG_RUNTIME_DIR";
  if (Deno.permissions.querySync({ name: "env", variable: name }).state !== "granted") return;
  if (Deno.env.get(name) === undefined) Deno.env.set(name, "/tmp");
}

/** Whether an error is the input's or the machine's fault and its message says all. */
function isExpected(error: unknown): error is Error {
  const { AlreadyExists, IsADirectory, NotADirectory, NotCapable, NotFound, PermissionDenied } = Deno.errors;
  return [InputError, UsageError, AlreadyExists, IsADirectory, NotADirectory, NotCapable, NotFound, PermissionDenied]
    .some((type) => error instanceof type) ||
    error instanceof Error && isMachineFault(error.message);
}

const ROOT = new URL("../../", import.meta.url).href;

/** Where a user's own module threw an error, as `file:///my_model.ts:3:5`; undefined where none had a part in it. */
function placeOutside(error: unknown): string | undefined {
  const places = error instanceof Error ? error.stack?.match(/\b(?:file|https?):\/\/[^\s()]+:\d+:\d+/g) ?? [] : [];
  return places.find((place) => !place.startsWith(ROOT) && !/\/node_modules\/|\/npm\//.test(place));
}

/**
 * A message in which Deno refuses a special file, such as /dev/stdin, or a host, with what to do about it: the permissions
 * of a task are those of `deno.json`, where no host can stand that only its user knows. On a terminal Deno has asked before.
 */
function allowing(message: string, task: string, args: readonly string[]): string {
  const [, special] = /^Requires all access to "([^"]+)"/.exec(message) ?? [];
  if (special !== undefined) return `${special}: Deno opens no such special file; - is standard input, for sources`;
  const [refusal, host] = /Requires net access to "([^"]+)", run again with the --allow-net flag/.exec(message) ?? [];
  if (refusal === undefined) return message;
  const local = "127.0.0.1"; // the flag takes the place of the hosts of deno.json
  const isLocal = Deno.permissions.querySync({ name: "net", host: local }).state === "granted";
  const flags = ["-P=" + task, `--allow-net=${isLocal ? `${local},` : ""}${host}`];
  const command = ["deno", "run", ...flags, `tasks/commands/${task}.ts`, ...args].map(quoted).join(" ");
  return message.replace(refusal, `not allowed to reach ${host}; allow it with: ${command}`);
}

/**
 * Runs a task.
 *
 * @param name The task's name, which begins the message of an error.
 * @param run Gets the arguments.
 *
 * @example
 * ```ts
 * import { main } from "./main.ts";
 * import { InputError } from "../../pipelines/base/errors.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const said: unknown[] = [];
 * const log = (what: unknown) => void said.push(what);
 * const bad = () => Promise.reject(new InputError("cats.ndjson: no such file"));
 * await main("prepare", bad, { args: [], print: log, complain: log, exit: log });
 * assertEquals(said, ["strokewise prepare: cats.ndjson: no such file", 2]);
 * ```
 */
export async function main(
  name: string,
  run: (args: readonly string[]) => Promise<void> | void,
  system: System = DENO,
): Promise<void> {
  quietVulkan();
  const { args } = system;
  const prefix = `strokewise ${name}:`;
  const finishing = () =>
    `${prefix} ${finishingOf?.() ?? "interrupted; the work at hand is finished first, a second time ends it at once"}`;
  const ending = () => {
    const again = commandLine(name, args);
    return `${prefix} interrupted; ${hintOf?.(again) ?? `the same command begins anew: ${again}`}`;
  };
  const said = (line: string) => hushed() ? "" : `${visible(line)}\n`;
  const says = () => ({ ending: said(ending()), finishing: said(finishing()) });
  using watch = system.watch?.({
    end(signal) {
      system.complain(ending());
      removeUnfinished();
      system.exit(EXIT_CODES[signal]);
    },
    finish: () => system.complain(finishing()),
  }, says());
  retell = () => watch?.tell(says());
  const fail = (error: unknown): void => {
    if (error instanceof HelpRequest) return system.print(error.message);
    if (error instanceof Deno.errors.BrokenPipe) return system.exit(141); // whoever read has enough, such as `| head`
    const place = isExpected(error) ? undefined : placeOutside(error);
    if (!isExpected(error) && place === undefined) {
      system.complain(`${prefix} a defect of this program: ${error instanceof Error ? error.stack : error}`);
      return system.exit(1);
    }
    const said = place === undefined ? (error as Error).message : `${error} (${place})`;
    const hint = error instanceof UsageError ? " (the same command with --help lists the options)" : "";
    system.complain(`${prefix} ${allowing(oneLine(said), name, args)}${hint}`);
    system.exit(2);
  };
  system.guard?.(fail);
  try {
    await run(args);
  } catch (error) {
    fail(error);
  }
}

const oneLine = (text: string): string => text.trim().replace(/\s*\n\s*/g, " ");
