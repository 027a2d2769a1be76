/**
 * Option tables: a module's options with their defaults and their help, in one place. The options' type, the flags, the
 * parser's checks and `--help` are all derived from the table. Browser safe.
 *
 * @module
 */
import { nearest } from "./nearest.ts";

/** What an option may hold. */
export type OptionValue = number | boolean | string | readonly number[] | readonly string[];

/** The values of other options, or above what they are, by their names. */
export type OptionConditions = Readonly<
  Record<string, readonly (string | boolean | number)[] | { readonly above: number }>
>;

/** One option: its default, one line of help with unit and range, and what it may hold. */
export interface Option<T extends OptionValue = OptionValue> {
  /** The default; its type is the option's type. */
  readonly value: T;
  /** One line: what it is, its unit and range. */
  readonly help: string;
  /** The only values allowed, where there are few; of a list, the only elements, each at most once. */
  readonly choices?: readonly string[];
  /** Words that it may hold in place of a number, such as `auto`. */
  readonly words?: readonly string[];
  /** Smallest number allowed. */
  readonly min?: number;
  /** Largest number allowed. */
  readonly max?: number;
  /** Numbers must be above this one, in place of `min`. */
  readonly above?: number;
  /** Numbers must be below this one, in place of `max`. */
  readonly below?: number;
  /** Whether numbers must be whole. */
  readonly whole?: boolean;
  /**
   * Other options of the table, and the values of each with which alone this one is read: `{ optimizer: ["adam"] }`; of a
   * list one of them is among its elements.
   */
  readonly of?: OptionConditions;
  /** The same where one of them is enough: `{ encoderCell: ["hyper-lstm"], decoderCell: ["hyper-lstm"] }`. */
  readonly ofAny?: OptionConditions;
  /** Of a model: whether it is read in training alone, so that a model with the same weights is the same whatever it says. */
  readonly inTraining?: boolean;
  /** Whether `--help` leaves it out: nothing reads it beside the other options that were given. */
  readonly hidden?: boolean;
}

/** A module's options by camelCase name; the flag is the same name in kebab-case. */
export type OptionTable = Readonly<Record<string, Option>>;

/** What one option holds: one of its choices, or what its default is an example of. */
export type ValueOf<T extends Option> = T extends { readonly choices: readonly (infer C extends string)[] }
  ? T["value"] extends readonly unknown[] ? readonly C[] : C
  : T extends { readonly words: readonly (infer W extends string)[] } ? number | W
  : T["value"] extends number ? number
  : T["value"] extends boolean ? boolean
  : T["value"] extends string ? string
  : T["value"] extends readonly number[] ? readonly number[]
  : T["value"] extends readonly string[] ? readonly string[]
  : T["value"];

/** The plain values that a table describes, by option name: `64` in the table is a number here. */
export type OptionValues<T extends OptionTable> = { -readonly [K in keyof T]: ValueOf<T[K]> };

/** Some of the values that a table describes; {@linkcode mergeOptions} adds the others. */
export type PartialOptions<T extends OptionTable> = Partial<OptionValues<T>>;

/**
 * The defaults of a table as plain values.
 *
 * @returns Option name to default.
 *
 * @example
 * ```ts
 * import { defaultsOf } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(defaultsOf({ batchSize: { value: 32, help: "examples a step, 1 or more" } }), { batchSize: 32 });
 * ```
 */
export function defaultsOf<T extends OptionTable>(table: T): OptionValues<T> {
  return Object.fromEntries(Object.entries(table).map(([name, { value }]) => [name, value])) as OptionValues<T>;
}

/**
 * A table with other defaults.
 *
 * @param values By option name; those that an option does not take, or that no option has the name of, are left aside.
 */
export function withDefaults<T extends OptionTable>(table: T, values: Readonly<Record<string, unknown>>): T {
  const entries = Object.entries(table).map(([name, option]) => {
    return [name, accepts(option, values[name]) ? { ...option, value: values[name] } : option];
  });
  return Object.fromEntries(entries) as T;
}

/** The type of an option's value, or of its elements where it is a list. */
export function elementType({ value, choices, words }: Option): "number" | "boolean" | "string" {
  if (words !== undefined) return "number";
  const sample: unknown = Array.isArray(value) ? value[0] : value;
  if (typeof sample === "number" && choices === undefined) return "number";
  return typeof sample === "boolean" ? "boolean" : "string";
}

/** Which numbers an option takes, in words, as its help says it: `1 to 8`, `0 to below 1`, `above 0`; empty where all are taken. */
export function rangeOf({ min, max, above, below }: Option): string {
  const most = below === undefined ? max : `below ${below}`;
  if (min !== undefined) return most === undefined ? `${min} or more` : `${min} to ${most}`;
  const highest = below === undefined ? max === undefined ? [] : [`at most ${max}`] : [`below ${below}`];
  return [...(above === undefined ? [] : [`above ${above}`]), ...highest].join(" and ");
}

/** What an option takes, in words: `a whole number, 1 to 8`. */
export function expectationOf(option: Option): string {
  const { whole, choices, words = [] } = option;
  const isList = Array.isArray(option.value);
  if (choices !== undefined) {
    return `${isList ? "some of" : "one of"} ${choices.join(", ")}${isList ? ", each once" : ""}`;
  }
  if (elementType(option) === "boolean") return "true or false";
  if (elementType(option) === "string") return isList ? "texts with commas between" : "a text";
  const numbers = rangeOf(option);
  const range = numbers && `, ${numbers}`;
  const noun = whole ? "whole number" : "number";
  const or = words.map((word) => `, or ${word}`).join("");
  return isList ? `${noun}s with commas between${range && `, each${range.slice(1)}`}` : `a ${noun}${range}${or}`;
}

/** Whether an option takes a value. */
export function accepts(option: Option, value: unknown): value is OptionValue {
  const { min = -Infinity, max = Infinity, above = -Infinity, below = Infinity, whole, choices, words = [] } = option;
  const isGood = (one: unknown): boolean =>
    words.includes(one as string) ||
    typeof one === elementType(option) && (choices === undefined || choices.includes(String(one))) &&
      (typeof one !== "number" ||
        Number.isFinite(one) && one >= min && one <= max && one > above && one < below &&
          (!whole || Number.isInteger(one)));
  const isTwice = (one: unknown, i: number, all: unknown[]): boolean => choices !== undefined && all.indexOf(one) < i;
  return Array.isArray(option.value)
    ? Array.isArray(value) && value.every(isGood) && !value.some(isTwice)
    : isGood(value);
}

/** A value that an option does not take, as JSON; and what JSON has no words for, such as NaN, in its own. */
export function foundValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(foundValue).join()}]`;
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}:${foundValue(member)}`);
  return `{${members.join()}}`;
}

/** A value in words. */
const shown = (value: unknown): string => String(value) || "none";

/** Beside which other options alone an option is read, in words: `growSteps above 0`; empty where it always is. */
export function conditionOf(
  { of = {}, ofAny = {} }: Option,
  nameOf: (name: string) => string = (name) => name,
): string {
  const words = (conditions: OptionConditions) =>
    Object.entries(conditions).map(([name, wanted]) =>
      `${nameOf(name)} ${"above" in wanted ? `above ${wanted.above}` : wanted.map(shown).join(" or ")}`
    );
  return [...words(of), ...Object.keys(ofAny).length > 0 ? [words(ofAny).join(" or ")] : []].join(" and ");
}

/** Those of some conditions that other options do not meet, by their names. */
function unmet(conditions: OptionConditions, values: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(conditions).filter(([name, wanted]) => {
    const found = values[name];
    return "above" in wanted
      ? !(Number(found) > wanted.above)
      : ![found].flat().some((one) => wanted.includes(one as string | boolean | number));
  }).map(([name]) => name);
}

/**
 * Why an option that is not left at its default is read by nothing beside the others, in words; undefined where it is.
 *
 * @param name Of the option.
 * @param nameOf What options are called in the words.
 */
export function idleFault(
  table: OptionTable,
  values: Readonly<Record<string, unknown>>,
  name: string,
  nameOf: (name: string) => string = (name) => name,
): string | undefined {
  const option = table[name], { of = {}, ofAny = {} } = option;
  if (String(values[name]) === String(option.value)) return undefined;
  const none = unmet(ofAny, values);
  const others = [...unmet(of, values), ...none.length === Object.keys(ofAny).length ? none : []];
  if (others.length === 0) return undefined;
  const found = others.map((other) => `${nameOf(other)} ${shown(values[other])}`).join(", ");
  return `${nameOf(name)}: read with ${conditionOf(option, nameOf)} alone, found ${found}`;
}

/**
 * Refuses an option that is not left at its default and that nothing reads beside the others.
 *
 * @param what Begins the message of an error, such as `model draw`.
 * @throws {RangeError} When there is one.
 */
export function refuseIdle<T extends OptionTable>(table: T, values: OptionValues<T>, what: string): void {
  for (const name of Object.keys(table)) {
    const fault = idleFault(table, values, name);
    if (fault !== undefined) throw new RangeError(`${what}: ${fault}`);
  }
}

/** What is wrong with a table that was written without types, in words; undefined where nothing is. */
export function faultOfTable(table: OptionTable): string | undefined {
  for (const [name, option] of Object.entries<Partial<Option> | null>(table)) {
    if (!/^[a-z][A-Za-z0-9]*$/.test(name)) return `${name} is no camelCase name`;
    if (typeof option?.help !== "string") return `${name} has no help`;
    const { value } = option;
    if (value === undefined || value === null || !accepts(option as Option, value)) {
      return `${name} does not take its own default, ${foundValue(value)}`;
    }
    const other = Object.keys({ ...option.of, ...option.ofAny }).find((other) => !Object.hasOwn(table, other));
    if (other !== undefined) return `${name} is read with ${other}, which is no option`;
  }
  return undefined;
}

/**
 * Refuses what is given under a name that nothing reads: a type check would, but programs run without one.
 *
 * @param known Every name that is read.
 * @param what Begins the message of an error, such as `train`.
 * @throws {TypeError} When there is another; the nearest name is told.
 */
export function checkNames(given: object, known: readonly string[], what: string): void {
  for (const name of Object.keys(given)) {
    if (!known.includes(name)) throw new TypeError(`${what}: no option "${name}"${nearest(name, known)}`);
  }
}

/**
 * Options that are whole: those given, and the defaults of the others. The one place where options that come from a
 * program, and not from a command line, are checked.
 *
 * @param what Begins the message of an error, such as `model draw`.
 * @returns Every option of the table by name.
 * @throws {TypeError} When there is no option of a name; the nearest one is named.
 * @throws {RangeError} When an option does not take its value.
 *
 * @example
 * ```ts
 * import { mergeOptions } from "@strokewise/strokewise/pipelines";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const table = { steps: { value: 10, help: "steps, 1 or more", min: 1 }, seed: { value: 0, help: "of the noise" } };
 * assertEquals(mergeOptions(table, { steps: 3 }, "model draw"), { steps: 3, seed: 0 });
 * const misspelt: Record<string, number> = { setps: 4 };
 * assertThrows(() => mergeOptions(table, misspelt, "model draw"), TypeError, 'no option "setps"; did you mean steps?');
 * ```
 */
export function mergeOptions<T extends OptionTable>(table: T, given: PartialOptions<T>, what: string): OptionValues<T> {
  const merged: Record<string, OptionValue> = defaultsOf(table);
  checkNames(given, Object.keys(table), what);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (!accepts(table[name], value)) {
      throw new RangeError(`${what}: ${name}: expected ${expectationOf(table[name])}; found ${foundValue(value)}`);
    }
    merged[name] = value;
  }
  return merged as OptionValues<T>;
}
