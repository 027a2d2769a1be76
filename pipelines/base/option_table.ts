/**
 * Option tables: a module's options with their defaults and their help, in one place. The options' type, the flags, the
 * parser's checks and `--help` are all derived from the table. Browser safe.
 *
 * @module
 */

/** What an option may hold. */
export type OptionValue = number | boolean | string | readonly number[] | readonly string[];

/** One option: its default, one line of help with unit and range, and what it may hold. */
export interface Option<T extends OptionValue = OptionValue> {
  /** The default; its type is the option's type. */
  readonly value: T;
  /** One line: what it is, its unit and range. */
  readonly help: string;
  /** The only values allowed, where there are few. */
  readonly choices?: readonly string[];
  /** Smallest number allowed. */
  readonly min?: number;
  /** Largest number allowed. */
  readonly max?: number;
  /** Whether numbers must be whole. */
  readonly whole?: boolean;
}

/** A module's options by camelCase name; the flag is the same name in kebab-case. */
export type OptionTable = Readonly<Record<string, Option>>;

/** The plain values that a table describes, by option name: `64` in the table is a number here. */
export type OptionValues<T extends OptionTable> = {
  -readonly [K in keyof T]: T[K]["value"] extends number ? number
    : T[K]["value"] extends boolean ? boolean
    : T[K]["value"] extends string ? string
    : T[K]["value"];
};

/**
 * The defaults of a table as plain values.
 *
 * @returns Option name to default.
 *
 * @example
 * ```ts
 * import { defaultsOf } from "@strokewise/strokewise";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(defaultsOf({ batchSize: { value: 32, help: "examples a step, 1 or more" } }), { batchSize: 32 });
 * ```
 */
export function defaultsOf<T extends OptionTable>(table: T): OptionValues<T> {
  return Object.fromEntries(Object.entries(table).map(([name, { value }]) => [name, value])) as OptionValues<T>;
}
