/**
 * Grids: a command line on which options are given more than once, as the command lines of its rows.
 *
 * @module
 */
import { resolve } from "node:path";
import type { OptionValue } from "../../pipelines/base/option_table.ts";
import { flagOf, flagsFor, kebab, UsageError } from "../cli/option_values.ts";

/** A row of a grid. */
export interface GridRow {
  /** What its folder is called. */
  readonly name: string;
  /** Its arguments, each option once. */
  readonly args: readonly string[];
  /** What it has of the options that vary, by their dotted names, in the grid's order. */
  readonly varied: Readonly<Record<string, OptionValue>>;
}

/** A command line, understood, as `parseOptions` gives it. */
export interface FlatOptions {
  readonly flat: Readonly<Record<string, OptionValue>>;
  readonly given: readonly string[];
}

/** How the command lines of rows are understood. */
export interface GridReading<P extends FlatOptions> {
  /** The options on which others depend, such as the model, by dotted name. */
  readonly deciding: readonly string[];
  /** The options that name folders, by dotted name: written in two ways one is the same. */
  readonly folders: readonly string[];
  /** Whether an option is one of all rows, which none has in its own way. */
  isShared(name: string): boolean;
  /** Understands the command line of one row; refuses what it does not know. */
  parse(args: readonly string[]): Promise<P>;
}

/** What a command line asks for. */
export interface Grid<P extends FlatOptions> {
  /** In the order of the options that vary, of which the seed varies fastest. */
  readonly rows: readonly GridRow[];
  /** The options that vary, by dotted name. */
  readonly varied: readonly string[];
  /** Each row's command line, understood, with what is shared by all. */
  readonly parsed: readonly P[];
  /** The grid as arguments, without what is shared by all, and with what a file of options says in place of its name. */
  readonly args: readonly string[];
}

/** More rows than this are no sweep but a mistake; an array job of Slurm has no more by default. */
const MOST_ROWS = 1000;

/** An option as it was written: its flag by the kebab-case name, and its value where it has one. */
interface Token {
  /** Without dashes, and without `no-` where that switches it off. */
  readonly name: string;
  readonly arg: string;
  readonly value: string | undefined;
}

/** Arguments as options with their values; none of them is anything else. */
function tokensOf(args: readonly string[]): Token[] {
  const tokens: Token[] = [];
  for (let i = 0; i < args.length; i++) {
    const [, flag, , joined] = /^--([^=]+)(=(.*))?$/s.exec(args[i]) ?? [];
    if (flag === undefined) throw new UsageError(`unexpected argument "${args[i]}"`);
    const next = args[i + 1];
    const isNext = joined === undefined && next !== undefined && (!next.startsWith("-") || /^-(\.?\d|$)/.test(next));
    tokens.push({ name: kebab(flag), arg: `--${kebab(flag)}`, value: isNext ? args[++i] : joined });
  }
  return tokens;
}

/** The option of a token among those that there are, by dotted name; its own name where there is none. */
function optionOf({ name }: Token, flat: FlatOptions["flat"]): string {
  const byFlag = (wanted: string) => Object.keys(flat).find((known) => flagOf(known) === `--${wanted}`);
  const isOff = name.startsWith("no-") && typeof flat[byFlag(name.slice(3)) ?? ""] === "boolean";
  return byFlag(isOff ? name.slice(3) : name) ?? name;
}

/** What a token stands for, one argument each: a value that is no list may be several with commas between. */
function choicesOf({ arg, value }: Token, shape: OptionValue | undefined): string[] {
  if (value === undefined) return [arg];
  const isWhole = shape === undefined || Array.isArray(shape) || typeof shape === "boolean";
  const parts = isWhole ? [value] : value.split(",").map((part) => part.trim());
  if (parts.length > 1 && parts.includes("")) {
    throw new UsageError(`${arg}: nothing stands between two commas of ${JSON.stringify(value)}`);
  }
  return parts.map((part) => `${arg}=${part}`);
}

/** The choices of each option, by its dotted name. */
function gathered(tokens: readonly Token[], flat: FlatOptions["flat"]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const token of tokens) {
    const name = optionOf(token, flat);
    found.set(name, [...found.get(name) ?? [], ...choicesOf(token, flat[name])]);
  }
  return found;
}

/**
 * The rows of a grid: one for each combination of what is given more than once, by a flag again or by commas in a value that
 * is no list.
 *
 * @param args Options alone.
 * @throws {UsageError} When nothing is given more than once, two rows are alike, there are more than 1,000, or the command
 * line of one is not understood.
 */
export async function gridOf<P extends FlatOptions>(
  args: readonly string[],
  { deciding, folders, isShared, parse }: GridReading<P>,
): Promise<Grid<P>> {
  const tokens = tokensOf(args);
  const { flat: defaults } = await parse([]);
  const nameOf = (token: Token) => optionOf(token, defaults);
  const shared = tokens.filter((token) => isShared(nameOf(token))).flatMap((token) => choicesOf(token, undefined));
  const own = tokens.filter((token) => !isShared(nameOf(token)));
  const firsts = gathered(own.filter((token) => deciding.includes(nameOf(token))), defaults);
  const many = new Set<string>();
  const found: (Unnamed & { readonly parsed: P })[] = [];
  for (const first of combinations(firsts, many)) {
    const telling = first.filter((arg) => [...firsts.values()].some((list) => list.length > 1 && list.includes(arg)));
    const parseRow = (args: readonly string[]) =>
      parse([...shared, ...first, ...args]).catch((error) => told(error, telling));
    const { flat } = await parseRow([]);
    const others = gathered(own.filter((token) => !deciding.includes(nameOf(token))), flat);
    for (const rest of combinations(others, many)) {
      const args = [...first, ...rest];
      found.push({ args, varied: {}, parsed: await parseRow(rest) });
      checkCount(found.length);
    }
  }
  if (found.length < 2) {
    throw new UsageError("no grid: give an option more than once, such as --seed 0,1,2; deno task train does one run");
  }
  const varied = [...many].sort((a, b) => Number(a === "seed") - Number(b === "seed"));
  const written = new Set(own.map(nameOf));
  // What is empty by itself, some flags refuse to be told.
  const isUnsaid = (name: string, flat: FlatOptions["flat"]) =>
    `${flat[name]}` === "" && `${defaults[name] ?? ""}` === "";
  const rows = found.map(({ args, parsed }) => {
    const { flat, given } = parsed;
    const ofFile = given.filter((name) => !written.has(name) && !isShared(name) && !isUnsaid(name, flat))
      .flatMap((name) => flagsOf(name, flat));
    return {
      ...{ args: [...args.filter((arg) => !arg.startsWith(CONFIG)), ...ofFile], parsed, ofFile },
      varied: Object.fromEntries(varied.filter((name) => Object.hasOwn(flat, name)).map((name) => [name, flat[name]])),
    };
  });
  checkTwins(rows, folders);
  const ordered = sorted(rows, varied);
  const names = namesFor(ordered, varied);
  return {
    ...{ varied, rows: ordered.map(({ args, varied }, i) => ({ name: names[i], args, varied })) },
    parsed: ordered.map(({ parsed }) => parsed),
    args: [...own.flatMap(plainArg).filter((arg) => !arg.startsWith(CONFIG)), ...rows[0].ofFile],
  };
}

/** Throws an error; of a command line that is not understood with what tells its rows from others that may be. */
function told(error: unknown, own: readonly string[]): never {
  if (!(error instanceof UsageError) || own.length === 0) throw error;
  throw new UsageError(`${error.message}; in the rows of ${own.map((arg) => arg.replace("=", " ")).join(" ")}`);
}

/** Begins the argument that names a file of options. */
const CONFIG = "--config=";

/** A token as one argument. */
const plainArg = ({ arg, value }: Token): string => value === undefined ? arg : `${arg}=${value}`;

/** An option as one argument. */
function flagsOf(name: string, flat: FlatOptions["flat"]): string[] {
  const [flag, value] = flagsFor({ [name]: flat[name] });
  return [value === undefined ? flag : `${flag}=${value}`];
}

/** Every way to take one choice of each option, the first varying slowest; `many` gets the names of those with several. */
function combinations(choices: ReadonlyMap<string, readonly string[]>, many: Set<string>): string[][] {
  for (const [name, { length }] of choices) if (length > 1) many.add(name);
  const lists = [...choices.values()];
  checkCount(lists.reduce((count, { length }) => count * length, 1));
  return lists.reduce<string[][]>((rows, list) => rows.flatMap((row) => list.map((item) => [...row, item])), [[]]);
}

/** Refuses rows whose options are the same, whatever words they were given in. */
function checkTwins(
  rows: readonly (Unnamed & { readonly parsed: FlatOptions })[],
  folders: readonly string[],
): void {
  const seen = new Set<string>();
  for (const { varied, parsed: { flat } } of rows) {
    const text = JSON.stringify(flat, (name, value) => folders.includes(name) && value !== "" ? resolve(value) : value);
    if (seen.has(text)) {
      const said = Object.entries(varied).map(([name, value]) => `${flagOf(name)} ${value}`).join(" ");
      throw new UsageError(`two rows are alike: ${said}; give each value once`);
    }
    seen.add(text);
  }
}

function checkCount(count: number): void {
  if (count <= MOST_ROWS) return;
  throw new UsageError(`a grid of more than ${MOST_ROWS} rows; give fewer values, or make several sweeps of it`);
}

type Unnamed = Pick<GridRow, "args" | "varied">;

/** Rows by the options that vary, each option's values in the order in which they came. */
function sorted<T extends Unnamed>(rows: readonly T[], names: readonly string[]): T[] {
  const ranks = names.map((name) => [...new Set(rows.map(({ varied }) => String(varied[name])))]);
  const rank = ({ varied }: T) => names.map((name, i) => ranks[i].indexOf(String(varied[name])));
  const isBefore = (a: number[], b: number[]) =>
    a.map((at, i) => at - b[i]).find((difference) => difference !== 0) ?? 0;
  return [...rows].sort((a, b) => isBefore(rank(a), rank(b)));
}

/** The longest name of a folder, in letters; every file system takes it. */
const LONGEST = 120;

/** What rows are called: the options that vary and what they are, as far as a folder may be called so. */
function namesFor(rows: readonly Unnamed[], names: readonly string[]): string[] {
  const last = names.map((name) => kebab(name.split(".").at(-1)!));
  const titles = names.map((name, i) => last.indexOf(last[i]) < last.lastIndexOf(last[i]) ? kebab(name) : last[i]);
  const taken = new Set<string>();
  return rows.map(({ varied }) => {
    const parts = names.map((name, i) => Object.hasOwn(varied, name) ? `${titles[i]}-${letters(varied[name])}` : "");
    const plain = parts.filter((part) => part !== "").join("-").slice(0, LONGEST);
    let name = plain;
    for (let number = 2; taken.has(name); number++) name = `${plain}-${number}`;
    taken.add(name);
    return name;
  });
}

const letters = (value: OptionValue): string => String(value).replace(/[^\w.+-]+/g, "-");
