/**
 * Single option values: from the text of a flag or the JSON of a config file, checked against the option's table entry.
 *
 * @module
 */
import {
  accepts,
  elementType,
  expectationOf,
  foundValue,
  type Option,
  type OptionValue,
} from "../../pipelines/base/option_table.ts";

/** A command line that cannot be understood; the message is one line for the person who wrote it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** `lstmUnits` as `lstm-units`. */
export function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The flag of a dotted option name: `model.lstmUnits` as `--model.lstm-units`. */
export function flagOf(name: string): string {
  return `--${kebab(name)}`;
}

/** A number as written on the command line: decimal, or a percentage where the option is a share. */
function parseNumber(text: string, option: Option): number {
  const [, digits, percent] = /^([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?)(%?)$/i.exec(text.trim()) ?? [];
  if (digits === undefined || percent === "%" && option.max !== 1) return NaN;
  return percent === "%" ? Number(digits) / 100 : Number(digits);
}

/**
 * Checks a value of a config file.
 *
 * @param where Begins the message: the flag, or the file and the option.
 * @throws {UsageError} When the value is not one that the option takes.
 */
export function checkValue(value: unknown, option: Option, where: string): OptionValue {
  if (accepts(option, value)) return value;
  throw new UsageError(`${where}: expected ${expectationOf(option)}; found ${foundValue(value)}`);
}

/** What is said of `--flag=` where that can only be a shell's variable that is not set. */
export function emptyValue(flag: string): UsageError {
  return new UsageError(`${flag}: its value is empty, as that of a shell variable that is not set; leave it out`);
}

/**
 * Reads the text of a flag; an empty one empties what is not empty by default.
 *
 * @throws {UsageError} When it is not a value that the option takes.
 */
export function parseValue(text: string | boolean, option: Option, where: string): OptionValue {
  if (typeof text === "boolean") return checkValue(text, option, where);
  const read = (part: string): string | number =>
    elementType(option) === "number" && !option.words?.includes(part) ? parseNumber(part, option) : part;
  const value = Array.isArray(option.value)
    ? (text === "" ? [] : text.split(",").map((part) => read(part.trim())))
    : read(text);
  if (text === "" && (option.value === "" || Array.isArray(option.value) && option.value.length === 0)) {
    throw emptyValue(where);
  }
  if (Array.isArray(value) && value.includes("")) {
    throw new UsageError(`${where}: nothing stands between two commas of ${JSON.stringify(text)}`);
  }
  try {
    return checkValue(value, option, where);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${where}: expected ${expectationOf(option)}; found ${JSON.stringify(text)}`);
  }
}

/** Options as they would be typed; groups within them by prefix. */
export function flagsFor(values: Readonly<Record<string, unknown>>, prefix = ""): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const dotted = prefix === "" ? name : `${prefix}.${name}`;
    if (value === undefined) return [];
    if (typeof value === "boolean") return [value ? flagOf(dotted) : `--no-${flagOf(dotted).slice(2)}`];
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return flagsFor(value as Record<string, unknown>, dotted);
    }
    const text = String(value);
    return text === "" || text.startsWith("-") ? [`${flagOf(dotted)}=${text}`] : [flagOf(dotted), text];
  });
}

/**
 * A command as it can be typed, but for the passwords in its addresses.
 *
 * @example
 * ```ts
 * import { commandLine } from "./option_values.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const args = ["--redis", "redis://me:secret@queue.example"];
 * assertEquals(commandLine("work", args), "deno task work --redis 'redis://***@queue.example'");
 * ```
 */
export function commandLine(task: string, args: readonly string[]): string {
  return ["deno", "task", task, ...args.map(withoutPassword)].map(quoted).join(" ");
}

/** A text that may hold an address, in which who asks and by which password is not told. */
function withoutPassword(text: string): string {
  return text.replace(/(\b[a-z][\w+.-]*:\/\/)[^/\s]*@/gi, "$1***@");
}

/** A text as comments of a shell, whatever lines it has. */
export function commented(text: string): string {
  return text.split("\n").map((line) => `# ${line}`).join("\n");
}

/** An argument as a shell takes it. */
export function quoted(arg: string): string {
  return /^[\w./:=,%@+-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", `'\\''`)}'`;
}
