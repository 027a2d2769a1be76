/**
 * Files of drawings in text, whatever their form: cut into pieces of whole records that can be parsed apart, and pieces to
 * records. The forms are lines of JSON, CSV as Kaggle's Quick, Draw! competition has it, other JSON, and SVG. Browser safe.
 *
 * @module
 */
import { concatBytes } from "../../base/bytes.ts";
import { Reject } from "../../base/errors.ts";
import { cutCsv, parseCsv } from "../csv.ts";
import { cutJsonItems } from "./json_items.ts";
import { type Members, parseObject, parseText } from "./members.ts";
import { readLineChunks } from "../../sources/line_chunks.ts";

/** The formats that {@linkcode cutTexts} reads. */
export const DRAWING_TEXTS: readonly string[] = ["ndjson", "raw", "csv", "json", "svg"];

/** Some whole records of a file. */
export interface DrawingPiece {
  /** Lines of JSON, or of CSV where there are columns. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What the fields of CSV are, in lower case. */
  readonly columns?: readonly string[];
  /** The class of records that name none, where the file says it. */
  readonly word?: string;
  /** The number of the first drawing, 1-based, where the lines of the piece are none of the file. */
  readonly first?: number;
  /** Whether coordinates are in units of their own, whatever is asked for. */
  readonly isFree?: boolean;
  /** Why the only record of a file cannot be used; there are no bytes then. */
  readonly refused?: { readonly reason: string; readonly detail: string };
}

/** A record before it is checked. */
export interface DrawingItem {
  /** Its line in the piece, 1-based. */
  readonly line: number;
  /** Whether the piece ends with it and without a line feed: it may have been cut off. */
  readonly isLast: boolean;
  /** @throws {Reject} `bad JSON`, `wrong type`, or of CSV `wrong number of fields` or `open quote`. */
  read(): Members;
  /** Whether it says its class, as {@linkcode read} would tell; most records need not be parsed for that. */
  hasWord(): boolean;
}

/** What a file that ends inside a record makes of it. */
export const CUT_REASONS: readonly string[] = ["bad JSON", "wrong number of fields", "open quote"];

/** The longest SVG file that is read, in bytes. */
const MAX_SVG = 2 ** 22;

/**
 * Cuts a file of drawings into pieces.
 *
 * @param bytes UTF-8 in pieces of any size.
 * @param format One of {@linkcode DRAWING_TEXTS}.
 * @throws {Reject} When the file is broken, a record is too long, or CSV does not name its columns; the pieces before were
 * delivered.
 */
export async function* cutTexts(bytes: AsyncIterable<Uint8Array>, format: string): AsyncGenerator<DrawingPiece> {
  if (format === "csv") yield* cutTable(withoutMark(bytes));
  else if (format === "json") yield* cutJsonItems(withoutMark(bytes));
  else if (format === "svg") yield await svgLine(bytes);
  else for await (const lines of readLineChunks(bytes)) yield { bytes: lines };
}

async function* cutTable(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<DrawingPiece> {
  let columns: readonly string[] | undefined;
  for await (const piece of cutCsv(bytes)) {
    columns ??= columnsOf(new TextDecoder().decode(piece.subarray(0, 4096)));
    if (columns === undefined) {
      throw new Reject("no columns", "the first line does not name columns, drawing among them, as Kaggle's files do");
    }
    const twice = columns.find((name, i) => name !== "" && columns?.indexOf(name) !== i);
    if (twice !== undefined) throw new Reject("no columns", `two of the first line's columns are named ${twice}`);
    yield { bytes: piece, columns };
  }
}

/**
 * The columns of a CSV file of drawings.
 *
 * @param text Its beginning.
 * @returns In lower case; undefined where none is `drawing`.
 */
export function columnsOf(text: string): string[] | undefined {
  const head = text.slice(0, 4096).split("\n", 1)[0];
  const [{ fields } = { fields: [] }] = parseCsv(head);
  const columns = fields.map((name) => name.trim().toLowerCase());
  return columns.includes("drawing") ? columns : undefined;
}

/** A picture as a line of JSON: the file's only record, so that what is wrong with it concerns no other. */
async function svgLine(bytes: AsyncIterable<Uint8Array>): Promise<DrawingPiece> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of bytes) {
    length += part.length;
    if (length <= MAX_SVG) parts.push(part);
  }
  const { readSvg } = await import("../svg.ts"); // few need its packages
  try {
    if (length > MAX_SVG) throw new Reject("too long", `an SVG file of ${length} bytes, at most ${MAX_SVG} are read`);
    const drawing = readSvg(new TextDecoder().decode(concatBytes(parts)));
    return { bytes: new TextEncoder().encode(`${JSON.stringify({ drawing })}\n`), isFree: true };
  } catch (error) {
    if (!(error instanceof Reject)) throw error;
    return { bytes: new Uint8Array(0), isFree: true, refused: { reason: error.reason, detail: error.detail } };
  }
}

/** Bytes without the mark with which some programs begin UTF-8. */
async function* withoutMark(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head: Uint8Array | undefined = new Uint8Array(0);
  for await (const part of bytes) {
    if (head === undefined) {
      yield part;
      continue;
    }
    head = concatBytes([head, part]);
    if (head.length < 3) continue;
    yield head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? head.subarray(3) : head;
    head = undefined;
  }
  if (head !== undefined && head.length > 0) yield head;
}

const LINE_FEED = 0x0a;
/** The class as a member, and not in a text: there its quotes have a backslash before them. */
const WORD = /(?<!\\)"word"\s*:/;

/** The records of a piece. */
export function* readPiece(piece: DrawingPiece): Generator<DrawingItem> {
  if (piece.refused) {
    const { reason, detail } = piece.refused;
    const refuse = () => {
      throw new Reject(reason, detail);
    };
    yield { line: 1, isLast: false, read: refuse, hasWord: refuse };
  }
  const text = new TextDecoder().decode(piece.bytes);
  const checked = text.includes("\ufffd") && !isUtf8(piece.bytes) ? checkText : () => {};
  const isWhole = piece.bytes.at(-1) === LINE_FEED;
  if (piece.columns) {
    const [drawings, words] = ["drawing", "word"].map((name) => piece.columns!.indexOf(name));
    const records = [...parseCsv(text)];
    for (const [i, { line, fields, isOpen }] of records.entries()) {
      if (fields[drawings]?.trim().toLowerCase() === "drawing") continue; // the header
      const read = () => {
        fields.forEach(checked);
        return membersOf(piece.columns!, fields, isOpen);
      };
      const hasWord = () => (fields[words] ?? "") !== "" || read().word !== undefined;
      yield { line, isLast: !isWhole && i === records.length - 1, read, hasWord };
    }
    return;
  }
  const lines = text.split("\n");
  for (const [i, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const read = () => {
      checked(line);
      return parseObject(line);
    };
    const isFlat = () => line.indexOf("{") === line.lastIndexOf("{"); // no object in it has a word of its own
    const hasWord = () => WORD.test(line) && isFlat() || read().word !== undefined;
    yield { line: i + 1, isLast: !isWhole && i === lines.length - 1, read, hasWord };
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Refuses a text that has lost letters: it would be another word, the same for several. */
function checkText(text: string): void {
  const at = text.indexOf("\ufffd");
  if (at < 0) return;
  const found = JSON.stringify(text.slice(Math.max(0, at - 12), at + 8));
  throw new Reject("not UTF-8", `near ${found}; of Latin-1, iconv -f LATIN1 -t UTF-8 makes it UTF-8`);
}

/** A record of CSV as JSON would have it; empty fields are not known. */
function membersOf(columns: readonly string[], fields: readonly string[], isOpen: boolean): Members {
  if (isOpen) throw new Reject("open quote", "the record ends inside of a quoted field");
  if (fields.length !== columns.length) {
    throw new Reject("wrong number of fields", `${fields.length}, expected ${columns.length}: ${columns.join(", ")}`);
  }
  const named = columns.map((name, i): [string, unknown] => [name, fields[i]]).filter(([, text]) => text !== "");
  const { drawing, recognized, ...others } = Object.fromEntries(named);
  return {
    ...others,
    ...(recognized === undefined ? {} : { recognized: truthOf(recognized as string) }),
    drawing: drawing === undefined ? undefined : parseText(drawing as string),
  };
}

/** True and False as Python writes them, or as others do; any other text as it is. */
function truthOf(text: string): boolean | string {
  if (/^(true|1)$/i.test(text)) return true;
  return /^(false|0)$/i.test(text) ? false : text;
}
