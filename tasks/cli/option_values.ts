/**
 * Single option values: from the text of a flag or the JSON of a config file, checked against the option's table entry.
 *
 * @module
 */
import type { Option, OptionValue } from "../../pipelines/base/option_table.ts";

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

/** The type of an option's value, or of its elements where it is a list. */
function elementType({ value }: Option): "number" | "boolean" | "string" {
  const sample: unknown = Array.isArray(value) ? value[0] : value;
  return typeof sample === "number" ? "number" : typeof sample === "boolean" ? "boolean" : "string";
}

/** What an option takes, in words: `a whole number, 1 to 8`. */
export function expectationOf(option: Option): string {
  const { min, max, whole, choices } = option;
  const isList = Array.isArray(option.value);
  if (choices !== undefined) return `${isList ? "some of" : "one of"} ${choices.join(", ")}`;
  if (elementType(option) === "boolean") return "true or false";
  if (elementType(option) === "string") return isList ? "texts with commas between" : "a text";
  const range = min !== undefined && max !== undefined
    ? `, ${min} to ${max}`
    : min !== undefined
    ? `, ${min} or more`
    : max !== undefined
    ? `, at most ${max}`
    : "";
  const noun = whole ? "whole number" : "number";
  return isList ? `${noun}s with commas between${range && `, each${range.slice(1)}`}` : `a ${noun}${range}`;
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
  const { min = -Infinity, max = Infinity, whole, choices } = option;
  const isGood = (one: unknown): boolean =>
    typeof one === elementType(option) && (choices === undefined || choices.includes(String(one))) &&
    (typeof one !== "number" || Number.isFinite(one) && one >= min && one <= max && (!whole || Number.isInteger(one)));
  if (Array.isArray(option.value) ? Array.isArray(value) && value.every(isGood) : isGood(value)) {
    return value as OptionValue;
  }
  throw new UsageError(`${where}: expected ${expectationOf(option)}; found ${JSON.stringify(value)}`);
}

/**
 * Reads the text of a flag.
 *
 * @throws {UsageError} When it is not a value that the option takes.
 */
export function parseValue(text: string | boolean, option: Option, where: string): OptionValue {
  if (typeof text === "boolean") return checkValue(text, option, where);
  const read = (part: string): string | number => elementType(option) === "number" ? parseNumber(part, option) : part;
  const value = Array.isArray(option.value)
    ? (text === "" ? [] : text.split(",").map((part) => read(part.trim())))
    : read(text);
  try {
    return checkValue(value, option, where);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${where}: expected ${expectationOf(option)}; found ${JSON.stringify(text)}`);
  }
}
