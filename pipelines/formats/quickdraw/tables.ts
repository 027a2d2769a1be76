/**
 * Drawings of Parquet files: a file cut into its groups of rows, and the drawings of such a group. Browser safe.
 *
 * @module
 */
import { Reject } from "../../base/errors.ts";
import type { ColumnBytes } from "../parquet/column.ts";
import { cutRowGroups, readDescription, type ReadTail, type RowGroupBytes } from "../parquet/row_groups.ts";
import { type NestedNumbers, readFlat, readNested } from "../parquet/rows.ts";
import { fitGrid } from "../../strokes/fit_grid.ts";
import { encodeDrawing } from "../../strokes/drawing_bytes.ts";
import { fromStroke3 } from "../../strokes/stroke.ts";
import { gridDrawing } from "./grid_drawing.ts";
import { parseText } from "./members.ts";
import { simplifyRaw } from "./simplify_raw.ts";
import { type TableColumns, tableColumnsOf } from "./table_columns.ts";
import { timestampOfMicroseconds } from "./timestamp.ts";

/** A group of rows of drawings, as it goes to a Worker. */
export interface TablePiece extends RowGroupBytes, Pick<TableColumns, "form" | "names"> {
  /** What each of the columns is: `drawing.x`, `word`. */
  readonly roles: readonly string[];
  /** Columns of the file that are passed over; said of its first piece. */
  readonly others?: readonly string[];
}

/** The reason of a file that is not as the format has it. */
const BROKEN = "broken Parquet";

/** Damage of a file, which ends the reading of it; so does what there is no room for. */
function asReject(error: unknown): unknown {
  const isBroken = error instanceof SyntaxError || error instanceof RangeError;
  return isBroken ? new Reject(BROKEN, error.message) : error;
}

/**
 * Cuts a file into groups of rows; only what is a drawing's is held.
 *
 * @param bytes All of the file, in pieces of any size.
 * @param tail Its last bytes.
 * @throws {Reject} `other columns`, or `broken Parquet`; the groups before were delivered.
 */
export async function* cutTables(
  bytes: AsyncIterable<Uint8Array>,
  tail: ReadTail,
): AsyncGenerator<TablePiece> {
  try {
    const footer = await readDescription(tail);
    const { form, places, names, others } = tableColumnsOf(footer);
    const roles = Object.keys(places);
    let isFirst = true;
    for await (const group of cutRowGroups(bytes, footer, Object.values(places))) {
      yield { ...group, form, roles, ...(names ? { names } : {}), ...(isFirst ? { others } : {}) };
      isFirst = false;
    }
  } catch (error) {
    throw asReject(error);
  }
}

/** What a row says beside its strokes. */
export interface TableAbout {
  readonly word?: string;
  readonly keyId?: bigint;
  readonly recognized?: boolean;
  readonly countryCode?: string;
  readonly timestamp?: string;
}

/** A row before it is read. */
export interface TableItem {
  /** Where it is in the file: `row 7`. */
  readonly place: string;
  /**
   * The strokes, as `encodeDrawing` packs them, and what else is known.
   *
   * @throws {Reject} When it cannot be used.
   */
  read(): { readonly strokes: Uint8Array<ArrayBuffer>; readonly about: TableAbout };
}

/** How drawings are read. */
export interface TableHow {
  /** Whether drawings are scaled, aligned and simplified. */
  readonly isFitted: boolean;
  /** As `simplifyRaw` has it. */
  readonly epsilon?: number | undefined;
  /** Whether country and time are asked for. */
  readonly hasAbout: boolean;
}

/**
 * The rows of a piece.
 *
 * @throws {Reject} `broken Parquet`, before the first row.
 */
export function* readTable(piece: TablePiece, how: TableHow): Generator<TableItem> {
  const { strokes, about } = columnsOf(piece, how);
  for (let i = 0; i < piece.rows; i++) {
    yield { place: `row ${piece.first + i}`, read: () => ({ strokes: strokes(i), about: about(i) }) };
  }
}

/** Whether some row of a piece has no word; not of one that cannot be read, which is told where it is. */
export function hasUnnamedRows({ rows, roles, columns }: TablePiece): boolean {
  const column = columns[roles.indexOf("word")];
  if (column === undefined) return true;
  try {
    return readFlat(column, rows).includes(undefined);
  } catch (error) {
    if (!(asReject(error) instanceof Reject)) throw error;
    return false;
  }
}

interface Readers {
  strokes(row: number): Uint8Array<ArrayBuffer>;
  about(row: number): TableAbout;
}

function columnsOf({ rows, roles, columns, form, names }: TablePiece, how: TableHow): Readers {
  const columnOf = (role: string): ColumnBytes | undefined => columns[roles.indexOf(role)];
  const nested = (role: string) => readNested(columnOf(role)!, rows);
  try {
    const strokes = form === "json"
      ? jsonStrokes(readFlat(columnOf("drawing")!, rows), how)
      : form === "stroke3"
      ? offsetStrokes(nested("drawing"), how)
      : form === "strokes"
      ? listStrokes(nested("drawing"), how)
      : coordinateStrokes(roles.filter((role) => role.startsWith("drawing")).map(nested), how);
    const wanted = how.hasAbout
      ? ["word", "key_id", "recognized", "countrycode", "timestamp"]
      : ["word", "key_id", "recognized"];
    const flat = wanted.map((role) => {
      const column = columnOf(role);
      return column === undefined ? undefined : { values: readFlat(column, rows), unit: column.leaf.unit };
    });
    return { strokes, about: (row) => aboutOf(flat.map((column) => column?.values[row]), names, flat[4]?.unit) };
  } catch (error) {
    throw asReject(error);
  }
}

type ReadStrokes = Readers["strokes"];

/** Numbers of x and of y, a list a stroke, and perhaps of times. */
function coordinateStrokes(lists: readonly NestedNumbers[], { isFitted, epsilon }: TableHow): ReadStrokes {
  const [x, y] = lists;
  return (row) => {
    const packed = isFitted || lists.length > 2 ? undefined : packRow(x, y, row);
    if (packed) return packed;
    checkWhole(lists, row);
    const parts = lists.map((list) => strokesIn(list, row));
    const count = parts[0].length;
    const other = parts.find(({ length }) => length !== count);
    if (other) throw new Reject("unequal arrays", `it has x of ${count} strokes, and others of ${other.length}`);
    const drawing = parts[0].map((_, stroke) => parts.map((part) => part[stroke]));
    return encodeDrawing(gridDrawing(drawing, isFitted ? "all" : "none", epsilon));
  };
}

/** A drawing on the grid, in one go; undefined where there is anything else about it. */
function packRow(x: NestedNumbers, y: NestedNumbers, row: number): Uint8Array<ArrayBuffer> | undefined {
  if (x.holes.size + y.holes.size > 0 && (x.holes.has(row) || y.holes.has(row))) return undefined;
  const [[rows, strokes], [otherRows, otherStrokes]] = [x.starts, y.starts];
  const [begin, end, offset] = [rows[row], rows[row + 1], otherRows[row] - rows[row]];
  const count = end - begin;
  if (count !== otherRows[row + 1] - otherRows[row] || count === 0 || count > 0xffff) return undefined;
  const packed = new Uint8Array(2 + 2 * count + 2 * (strokes[end] - strokes[begin]));
  packed[0] = count & 255;
  packed[1] = count >> 8;
  for (let stroke = begin, at = 2; stroke < end; stroke++) {
    const [first, last, other] = [strokes[stroke], strokes[stroke + 1], otherStrokes[stroke + offset]];
    const points = last - first;
    if (points !== otherStrokes[stroke + offset + 1] - other || points === 0 || points > 0xffff) return undefined;
    packed[at] = points & 255;
    packed[at + 1] = points >> 8;
    at += 2;
    for (let i = 0; i < points; i++) {
      const [xi, yi] = [x.values[first + i], y.values[other + i]];
      if ((xi & 255) !== xi || (yi & 255) !== yi) return undefined;
      packed[at + i] = xi;
      packed[at + points + i] = yi;
    }
    at += 2 * points;
  }
  return packed;
}

/** Strokes, each a list of lists. */
function listStrokes(list: NestedNumbers, { isFitted, epsilon }: TableHow): ReadStrokes {
  const [rows, strokes, lists] = list.starts;
  return (row) => {
    checkWhole([list], row);
    const drawing = each(rows, row, (stroke) => each(strokes, stroke, (part) => numbersIn(list.values, lists, part)));
    return encodeDrawing(gridDrawing(drawing, isFitted ? "all" : "none", epsilon));
  };
}

/** Rows of dx, dy and whether the pen was lifted. */
function offsetStrokes(list: NestedNumbers, { isFitted, epsilon }: TableHow): ReadStrokes {
  return (row) => {
    checkWhole([list], row);
    const points = strokesIn(list, row);
    const odd = points.findIndex(({ length }) => length !== 3);
    if (odd >= 0) throw new Reject("not a drawing", `point ${odd + 1} has ${points[odd].length} numbers, expected 3`);
    if (points.length === 0) throw new Reject("empty drawing", "no points");
    if (points.length > 0xffff) throw new Reject("too long", `${points.length} points, at most 65535 are read`);
    const drawing = fromStroke3(points.flat());
    return encodeDrawing(isFitted ? simplifyRaw(drawing, epsilon) : fitGrid(drawing));
  };
}

function jsonStrokes(texts: readonly unknown[], { isFitted, epsilon }: TableHow): ReadStrokes {
  return (row) => {
    const drawing = parseText(textOf(texts[row]) ?? "null");
    return encodeDrawing(gridDrawing(drawing, isFitted ? "all" : "none", epsilon));
  };
}

/** @throws {Reject} When a row lacks a number. */
function checkWhole(lists: readonly NestedNumbers[], row: number): void {
  if (lists.some(({ holes }) => holes.has(row))) throw new Reject("wrong type", "drawing has a null among its numbers");
}

function each<T>(starts: Int32Array, i: number, read: (place: number) => T): T[] {
  return Array.from({ length: starts[i + 1] - starts[i] }, (_, k) => read(starts[i] + k));
}

const numbersIn = (values: NestedNumbers["values"], starts: Int32Array, i: number): number[] =>
  Array.from(values.subarray(starts[i], starts[i + 1]));

const strokesIn = ({ starts: [rows, strokes], values }: NestedNumbers, row: number): number[][] =>
  each(rows, row, (stroke) => numbersIn(values, strokes, stroke));

const decoder = new TextDecoder();

function textOf(value: unknown): string | undefined {
  return value === undefined ? undefined : decoder.decode(value as Uint8Array);
}

const MICROSECONDS = { MILLIS: (time: bigint) => time * 1000n, MICROS: (time: bigint) => time } as const;

function aboutOf(
  [word, key, recognized, country, time]: readonly unknown[],
  names: readonly string[] | undefined,
  unit: ColumnBytes["leaf"]["unit"],
): TableAbout {
  const countryCode = textOf(country);
  return {
    ...(word === undefined ? {} : { word: names ? nameOf(word, names) : textOf(word)! }),
    ...(key === undefined ? {} : { keyId: keyOf(key) }),
    ...(recognized === undefined ? {} : { recognized: recognized === true }),
    ...(countryCode === undefined ? {} : { countryCode }),
    ...(time === undefined ? {} : { timestamp: timeOf(time, unit) }),
  };
}

function nameOf(label: unknown, names: readonly string[]): string {
  const name = names[Number(label)];
  if (name !== undefined) return name;
  throw new Reject("unknown class", `word is the label ${label}, and the file names ${names.length} classes`);
}

function keyOf(key: unknown): bigint {
  if (typeof key === "bigint") return BigInt.asUintN(64, key);
  const digits = textOf(key)!;
  const number = /^\d{1,20}$/.test(digits) ? BigInt(digits) : 2n ** 64n;
  if (number < 2n ** 64n) return number;
  throw new Reject(
    "wrong type",
    `key_id is ${JSON.stringify(digits).slice(0, 60)}, expected digits of a number below 2^64`,
  );
}

function timeOf(time: unknown, unit: ColumnBytes["leaf"]["unit"]): string {
  if (typeof time !== "bigint") return textOf(time)!;
  const microseconds = unit === "NANOS" ? time / 1000n : MICROSECONDS[unit ?? "MICROS"](time);
  try {
    return timestampOfMicroseconds(microseconds);
  } catch {
    throw new Reject("wrong type", `timestamp is ${time}, which is no time`);
  }
}
