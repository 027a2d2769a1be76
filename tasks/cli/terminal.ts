/**
 * The one way by which text goes to stdout and stderr: what is in it of files cannot steer the terminal.
 *
 * @module
 */
import { isMachineFault } from "../../pipelines/base/errors.ts";
import { writeAllSync } from "../../pipelines/base/files.ts";
import { withoutOptions } from "../../pipelines/sources/address.ts";

/** What no file can know, by which a colour of our own is told from one that a file asks for. */
const MARK = crypto.randomUUID();
const INK = new RegExp(`\x1b\\{${MARK}:(\\d+)\\}`, "g");

/** Control characters but for line feed and tab, and those that turn the direction of text. */
// deno-lint-ignore no-control-regex
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text in a colour or weight of the terminal.
 *
 * @param code Of ECMA-48's SGR, such as 1 for bold and 36 for cyan.
 * @returns Text that is coloured when it is written by this module, and is not once it is cut.
 */
export function painted(code: number, text: string): string {
  return `\x1b{${MARK}:${code}}${text}\x1b{${MARK}:0}`;
}

/**
 * Text as a terminal may be sent it: its control characters escaped, those of {@linkcode painted} excepted.
 *
 * @example
 * ```ts
 * import { painted, visible } from "./terminal.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(visible("a\x1b[31mb\r\n"), "a\\x1b[31mb\\r\n");
 * assertEquals(visible(painted(1, "total")), "\x1b[1mtotal\x1b[0m");
 * ```
 */
export function visible(text: string): string {
  const parts = text.split(INK); // text, code, text, code, …
  return parts.map((part, i) => i % 2 === 0 ? part.replace(CONTROLS, escaped) : `\x1b[${part}m`).join("");
}

/** A name out of a file as it is shown, in one line: what is measured to align a table. */
export function visibleName(name: string): string {
  return visible(name).replace(/[\n\t]/g, escaped);
}

function escaped(letter: string): string {
  const short = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }[letter];
  if (short !== undefined) return short;
  const digits = letter.charCodeAt(0).toString(16);
  return digits.length > 2 ? `\\u${digits.padStart(4, "0")}` : `\\x${digits.padStart(2, "0")}`;
}

/** Writes a line to stdout: what a task has to say. */
export function say(line: string): void {
  write(Deno.stdout, `${visible(withoutOptions(line))}\n`);
}

/** Writes a line to stderr: what a task complains about, or how far it is. */
export function complain(line: string): void {
  tell(`${visible(withoutOptions(line))}\n`);
}

/** Writes to stderr. Where that is a file on a full disk nobody can be told, and the work is done all the same. */
function tell(text: string): void {
  try {
    write(Deno.stderr, text);
  } catch (error) {
    if (!(error instanceof Error && isMachineFault(error.message))) throw error;
  }
}

/**
 * Writes to stderr what rewrites a line of a terminal: it may hold `\r`, and is not ended.
 *
 * @param text What it has of others is already {@linkcode visible}.
 */
export function sketch(text: string): void {
  tell(text.split("\r").map(visible).join("\r"));
}

let isHushed = false;

/** Whether nothing is written any more, as by those processes of a training that are not the first. */
export function hushed(hushed?: boolean): boolean {
  return isHushed = hushed ?? isHushed;
}

function write(to: { writeSync(bytes: Uint8Array): number }, text: string): void {
  if (!isHushed) writeAllSync(to, new TextEncoder().encode(text));
}

/** The width of the terminal, in characters; undefined where stdin, stdout and stderr are none. */
export function terminalWidth(): number | undefined {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return undefined;
  }
}
