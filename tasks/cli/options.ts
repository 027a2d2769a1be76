/**
 * Command lines from option tables: `--model.lstm-units 64` sets `lstmUnits` of the table under the prefix `model`.
 * Defaults give way to `--config FILE`, and the file to flags. Whatever no table knows is refused.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { nearest } from "../../pipelines/base/nearest.ts";
import type { OptionTable, OptionValue, OptionValues } from "../../pipelines/base/option_table.ts";
import { helpText } from "./help.ts";
import { checkValue, emptyValue, flagOf, kebab, parseValue, UsageError } from "./option_values.ts";
import type { OptionGroups, OwnValues, TaskSpec } from "./task_spec.ts";

type TableOf<T> = T extends OptionTable ? T : T extends (own: never) => Promise<infer R> ? R & OptionTable : never;

/** The groups' options by prefix and name. */
export type GroupValues<G extends OptionGroups> = {
  -readonly [K in Exclude<keyof G, "">]: OptionValues<TableOf<G[K]>>;
};

/** A command line, understood. */
export interface ParsedOptions<G extends OptionGroups = OptionGroups> {
  /** The values of the task's own options. */
  readonly values: OptionValues<G[""]>;
  /** The values of the groups' options. */
  readonly groups: GroupValues<G>;
  /** Every value by dotted name, such as `model.lstmUnits`: what `--config` reads back. */
  readonly flat: Readonly<Record<string, OptionValue>>;
  /** What a flag or the config file set, as dotted names such as `model.lstmUnits`; {@linkcode flagOf} shows them. */
  readonly given: readonly string[];
  /** The arguments that are no flags. */
  readonly rest: readonly string[];
}

/** Thrown for `--help`; the message is the text. */
export class HelpRequest extends Error {
  override readonly name = "HelpRequest";
}

/** Stands for the value of `--flag=`, which parseArgs has no word for. */
const EMPTY = "\u0000";
/** What `options.json` says of a run beside its options; whoever changes them there need not change its hash. */
const ABOUT = ["about", "sha256"];
/** Stands for the dot of a name, at which parseArgs would nest: `--model x --model.y 1` could not. */
const DOT = ":";

type Tables = ReadonlyMap<string, OptionTable>;
type Entry = readonly [name: string, option: OptionTable[string]];

/** An option's name with its prefix. */
const dotted = (prefix: string, name: string): string => prefix === "" || prefix === "*" ? name : `${prefix}.${name}`;

/** Every option of the tables by dotted name. */
function entriesOf(tables: Tables): Entry[] {
  return [...tables].flatMap(([prefix, table]) =>
    Object.entries(table).map(([name, option]): Entry => [dotted(prefix, name), option])
  );
}

/** Arguments with each flag spelt as parseArgs is to see it; what follows `--` is left as it is. */
function canonical(args: readonly string[]): string[] {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const result: string[] = [];
  for (let i = 0; i < end; i++) {
    const [, name, , value] = /^--([^=]+)(=(.*))?$/s.exec(args[i]) ?? [];
    if (name === undefined) result.push(args[i]);
    else {
      const isOther = /(^|[.-])[A-Z]/.test(name); // no spelling of an option; to be refused as it was typed
      const flag = `--${(isOther ? name : kebab(name)).replaceAll(".", DOT)}`;
      if (value !== undefined) result.push(`${flag}=${value || EMPTY}`);
      else if (i + 1 < end && /^-(\.?\d|$)/.test(args[i + 1])) result.push(`${flag}=${args[++i]}`); // -1, or - for stdin
      else result.push(flag);
    }
  }
  return [...result, ...args.slice(end)];
}

interface Flags {
  /** Dotted option names to the texts given, or to true and false. */
  readonly given: ReadonlyMap<string, string | boolean>;
  readonly config: string | undefined;
  readonly help: boolean;
  readonly rest: readonly string[];
}

/**
 * Sorts arguments into flags and the rest.
 *
 * @param strict Whether a flag that no table knows is an error.
 */
function readFlags(args: readonly string[], tables: Tables, strict: boolean): Flags {
  const keys = new Map(entriesOf(tables).map(([name, option]) => [kebab(name).replaceAll(".", DOT), { name, option }]));
  const booleans = [...keys].filter(([, { option }]) => typeof option.value === "boolean").map(([key]) => key);
  const list = canonical(args);
  const readable = (arg: string): string => arg.replaceAll(DOT, ".").replace(EMPTY, "");
  const unknown = (arg: string, key?: string): boolean => {
    if (key === undefined) return true;
    if (!strict) return false;
    const flag = readable(arg.split("=")[0]);
    const known = [...keys.keys(), ...booleans.map((name) => `no-${name}`), "config", "help"];
    throw new UsageError(`unknown option ${flag}${nearest(flag, known.map((name) => `--${readable(name)}`))}`);
  };
  for (const arg of strict ? list.slice(0, list.includes("--") ? list.indexOf("--") : list.length) : []) {
    const [, no = "", name, value] = /^--(no-)?([^=]+)=(.*)$/s.exec(arg) ?? [];
    if (!booleans.includes(name) || no === "" && (value === "true" || value === "false")) continue;
    throw new UsageError(
      `${readable(`--${no}${name}`)}: takes no value, found "${readable(value)}"; --no-${
        readable(name)
      } switches it off`,
    );
  }
  const lists = [...keys].filter(([, { option }]) => Array.isArray(option.value) && typeof option.value[0] !== "number")
    .map(([key]) => key);
  const flags = parseArgs(list, {
    boolean: [...booleans, "help"],
    collect: lists, // --source a --source b is --source a,b
    negatable: booleans,
    string: [...[...keys.keys()].filter((key) => !booleans.includes(key)), "config", "_"],
    alias: { help: "h" },
    default: Object.fromEntries(booleans.map((key) => [key, undefined])), // tells "not given" from false
    unknown,
    "--": true,
  }) as unknown as Record<string, string | string[] | boolean | undefined> & { _: string[]; "--": string[] };
  const given = new Map<string, string | boolean>();
  for (const [key, { name }] of keys) {
    const found = flags[key];
    if (Array.isArray(found) && found.length > 1 && found.includes(EMPTY)) throw emptyValue(flagOf(name));
    const value = Array.isArray(found) ? found.join() : found;
    if (value === undefined || Array.isArray(found) && found.length === 0) continue;
    if (value === "") throw new UsageError(`${flagOf(name)}: a value is missing`);
    given.set(name, value === EMPTY ? "" : value);
  }
  if (flags.config === "" || flags.config === EMPTY) throw new UsageError("--config: a file name is missing");
  return {
    given,
    config: flags.config as string | undefined,
    help: flags.help === true,
    rest: [...flags._, ...flags["--"]],
  };
}

/** The options of a config file: one flat JSON object of dotted names. */
async function readConfig(
  file: string,
  read: (file: string) => string | Promise<string>,
): Promise<Map<string, unknown>> {
  let text: string;
  try {
    text = await read(file);
  } catch (error) {
    throw new UsageError(`--config ${file}: ${error instanceof Error ? error.message : error}`);
  }
  let config: unknown;
  try {
    config = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (error) {
    throw new UsageError(`${file}: not JSON: ${(error as Error).message}`);
  }
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    throw new UsageError(`${file}: expected an object of options, found ${JSON.stringify(config)}`);
  }
  return new Map(Object.entries(config));
}

/** Values of one table: defaults, then the config file's, then flags. */
function merge(prefix: string, table: OptionTable, flags: Flags, config: ReadonlyMap<string, unknown>): OwnValues {
  return Object.fromEntries(
    Object.entries(table).map(([key, option]) => {
      const name = dotted(prefix, key);
      const flag = flags.given.get(name);
      if (flag !== undefined) return [key, parseValue(flag, option, flagOf(name))];
      if (config.has(name)) return [key, checkValue(config.get(name), option, `${flags.config}: ${name}`)];
      return [key, option.value];
    }),
  );
}

/**
 * Reads a command line.
 *
 * @param spec The task.
 * @param args As in `Deno.args`.
 * @param read Reads the file that `--config` names.
 * @throws {InputError} When an option names a model, dataset or other spec that is not there.
 * @throws {UsageError} For what cannot be understood: an unknown option, a value of the wrong type or out of range.
 * @throws {HelpRequest} For `--help`.
 *
 * @example
 * ```ts
 * import { parseOptions } from "./options.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const spec = {
 *   name: "train",
 *   summary: "Trains a model.",
 *   examples: ["deno task train --steps 500"],
 *   groups: {
 *     "": { steps: { value: 1000, help: "optimizer steps, 1 or more", min: 1, whole: true } },
 *     model: { lstmUnits: { value: 128, help: "units a layer, 1 or more", min: 1, whole: true } },
 *   },
 * };
 * const { values, groups, given } = await parseOptions(spec, ["--model.lstm-units", "64"]);
 * assertEquals(values, { steps: 1000 });
 * assertEquals(groups, { model: { lstmUnits: 64 } });
 * assertEquals(given, ["model.lstmUnits"]);
 * ```
 */
export async function parseOptions<const G extends OptionGroups>(
  spec: TaskSpec<G>,
  args: readonly string[],
  read: (file: string) => string | Promise<string> = Deno.readTextFile,
): Promise<ParsedOptions<G>> {
  const ownTable = new Map([["", spec.groups[""]]]);
  const first = readFlags(args, ownTable, false);
  const config = first.config === undefined ? new Map<string, unknown>() : await readConfig(first.config, read);
  const own = merge("", spec.groups[""], first, config);
  const tables = new Map<string, OptionTable>();
  for (const [prefix, group] of Object.entries(spec.groups)) {
    tables.set(prefix, typeof group === "function" ? await group(own as never) : group);
  }
  const known = new Set(["config", "help"]);
  for (const [name] of entriesOf(tables)) {
    if (known.has(name)) throw new UsageError(`two options are named ${flagOf(name)}: the task's own and another's`);
    known.add(name);
  }
  if (first.help) throw new HelpRequest(helpText(spec, tables));

  const flags = readFlags(args, tables, true);
  const names = entriesOf(tables).map(([name]) => name);
  for (const key of config.keys()) {
    if (ABOUT.includes(key)) continue;
    if (!names.includes(key)) throw new UsageError(`${flags.config}: unknown option ${key}${nearest(key, names)}`);
  }
  if (flags.rest.length > 0 && spec.rest === undefined) throw new UsageError(`unexpected argument "${flags.rest[0]}"`);
  if (flags.rest.includes("")) throw new UsageError("an argument is empty");
  const groups: Record<string, OwnValues> = {};
  for (const [prefix, table] of tables) if (prefix !== "") groups[prefix] = merge(prefix, table, flags, config);
  const grouped = Object.entries(groups).flatMap(([prefix, group]) =>
    Object.entries(group).map(([name, value]) => [dotted(prefix, name), value])
  );
  return {
    values: own as OptionValues<G[""]>,
    groups: groups as GroupValues<G>,
    flat: { ...own, ...Object.fromEntries(grouped) },
    given: names.filter((name) => flags.given.has(name) || config.has(name)),
    rest: flags.rest,
  };
}
