/**
 * How a task starts and ends: bad input is one line on stderr and exit code 2, never a stack trace, and so is what a
 * user's own module throws; a defect of this program keeps its stack trace and ends with 1.
 *
 * @module
 */
import { InputError, isMachineFault } from "../../pipelines/base/errors.ts";
import { writeAllSync } from "../../pipelines/base/files.ts";
import { UsageError } from "./option_values.ts";
import { HelpRequest } from "./options.ts";

/** What {@linkcode main} needs of the system; a test passes its own. */
export interface System {
  readonly args: readonly string[];
  /** Writes a line to stdout. */
  print(line: string): void;
  /** Writes a line to stderr. */
  complain(line: string): void;
  exit(code: number): void;
}

/** Writes a line to stdout: what a task has to say. */
export function say(line: string): void {
  writeAllSync(Deno.stdout, new TextEncoder().encode(`${line}\n`));
}

const deno: System = {
  get args() {
    return Deno.args;
  },
  print: say,
  complain: (line) => writeAllSync(Deno.stderr, new TextEncoder().encode(`${line}\n`)),
  exit: (code) => Deno.exit(code),
};

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
 * Runs a task.
 *
 * @param name The task's name, which begins the message of an error.
 * @param run Gets the arguments.
 * @throws Whatever `run` throws that is not bad input.
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
  system: System = deno,
): Promise<void> {
  quietVulkan();
  try {
    await run(system.args);
  } catch (error) {
    if (error instanceof HelpRequest) return system.print(error.message);
    if (error instanceof Deno.errors.BrokenPipe) return system.exit(141); // whoever read has enough, such as `| head`
    const place = isExpected(error) ? undefined : placeOutside(error);
    if (!isExpected(error) && place === undefined) throw error;
    const said = place === undefined ? (error as Error).message : `${error} (${place})`;
    const hint = error instanceof UsageError ? " (--help lists the options)" : "";
    system.complain(`strokewise ${name}: ${said.trim().replace(/\s*\n\s*/g, " ")}${hint}`);
    system.exit(2);
  }
}
