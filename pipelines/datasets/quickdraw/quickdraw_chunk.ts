/**
 * Many records of drawings to rows. Lines of simplified ndjson are scanned in place, and only what is unusual is parsed as
 * JSON; so is everything else. Browser safe.
 *
 * @module
 */
import type { RowSink } from "../../dataset.ts";
import { ABOUT_BYTES, putAbout, wantsAbout } from "./about_bytes.ts";
import { encodeDrawing } from "../../strokes/drawing_bytes.ts";
import { Reject } from "../../base/errors.ts";
import { createScannedLine, scanLine } from "../../formats/quickdraw/quickdraw_bytes.ts";
import { QUICKDRAW_CATEGORIES } from "./quickdraw_categories.ts";
import { CUT_REASONS, readPiece } from "../../formats/quickdraw/drawing_file.ts";
import type { AnyPiece } from "../../formats/quickdraw/drawing_pieces.ts";
import { parseAbout } from "../../formats/quickdraw/drawing_record.ts";
import { HOLE, type Members, parseObject } from "../../formats/quickdraw/members.ts";
import { checkRecord } from "../../formats/quickdraw/quickdraw_line.ts";
import { type PackedDrawing, recordItems, tableItems, vectorItems } from "./packed_drawings.ts";
import type { Split } from "../../base/split.ts";

/** Whole records, and what is known of them from elsewhere. */
export interface QuickDrawChunk extends AnyPiece {
  /** The class of records that name none. */
  readonly defaultClass?: string | undefined;
  /** What is wrong with the source behind these records. */
  readonly fault?: { readonly reason: string; readonly detail: string };
}

/** Which drawings are wanted, and what of them. */
export interface QuickDrawFilter {
  /** Only these classes; all known ones when empty. */
  readonly classes: readonly string[];
  /** A class that is known, beside the 345 categories and `classes`. */
  readonly class: string;
  readonly recognizedOnly: boolean;
  readonly maxStrokes: number;
  /** `drop` leaves out drawings with more than `maxStrokes`. */
  readonly overflow: string;
  /** Whether drawings are scaled and simplified. */
  readonly fit: boolean;
  /** How far those may be from what was drawn, in grid units. */
  readonly epsilon: number;
  /** `own` where drawings that their file has a split for are in that one. */
  readonly splits: string;
  /** The fields that are asked for; those of about_bytes.ts make payloads longer. */
  readonly fields: readonly string[];
}

const LINE_FEED = 0x0a;
const line = createScannedLine();
const decoder = new TextDecoder();

/** What a record says beside the strokes, which are in the sink already. */
interface Found {
  /** Of the packed strokes, in bytes. */
  readonly length: number;
  readonly strokes: number;
  readonly word: string | undefined;
  readonly key: { readonly low: number; readonly high: number } | undefined;
  readonly recognized: boolean | undefined;
  /** Where the file says which. */
  readonly split?: Split | undefined;
  /** The last two only where they are asked for. */
  readonly countryCode?: string | undefined;
  readonly timestamp?: string | undefined;
}

/** Parses a chunk; each good record becomes a row, each bad one a reject. */
export function parseQuickDrawChunk(chunk: QuickDrawChunk, filter: QuickDrawFilter, sink: RowSink): void {
  const { text, records, vectors, table, defaultClass, fault } = chunk;
  const known = new Set([...QUICKDRAW_CATEGORIES, ...filter.classes, ...(filter.class ? [filter.class] : [])]);
  const wanted = filter.classes.length > 0 ? new Set(filter.classes) : known;
  const { epsilon } = filter;
  const fit = filter.fit || text?.isFree ? "all" : "none";
  const hasAbout = wantsAbout(filter);
  const words = new WordCache();
  const bytes = text?.bytes ?? new Uint8Array(0);
  if (records || vectors || table) {
    const how = { isFitted: filter.fit, epsilon, hasAbout };
    const items = records ? recordItems(records, how) : vectors ? vectorItems(vectors, how) : tableItems(table!, how);
    try {
      for (const { place, read } of items) {
        sink.lines++;
        attempt(() => put(read()), false, place);
      }
    } catch (error) {
      if (!(error instanceof Reject)) throw error; // of all of them: none was read
      sink.damage(sink.lines + 1, error.reason, error.detail);
    }
  } else if (text?.columns || fit === "all") {
    for (const { line, isLast, read } of readPiece({ ...text, bytes })) {
      sink.lines = line;
      attempt(() => parse(read()), isLast);
    }
    sink.lines = countLines(bytes);
  } else scanLines();
  if (fault) sink.damage(sink.lines + 1, fault.reason, fault.detail);

  function scanLines(): void {
    for (let start = 0; start < bytes.length;) {
      const feed = bytes.indexOf(LINE_FEED, start);
      const end = feed < 0 ? bytes.length : feed;
      sink.lines++;
      if (!isBlank(bytes, start, end)) attempt(() => scan(start, end), feed < 0);
      start = end + 1;
    }
  }

  /** Takes what a record says, or tells what is wrong with it. */
  function attempt(find: () => Found, isLast: boolean, place?: string): void {
    try {
      take(find());
    } catch (error) {
      if (!(error instanceof Reject)) throw error;
      const { reason, detail } = error;
      if (isLast && CUT_REASONS.includes(reason)) {
        sink.damage(sink.lines, "truncated line", `the file ends inside it: ${detail}`);
      } else if (reason === HOLE) { // nobody knows how many lines it had
        sink.damage(sink.lines, reason, detail);
      } else {
        const where = place ?? (text?.first && `drawing ${text.first + sink.lines - 1}`);
        sink.reject(sink.lines, reason, where ? `${where}: ${detail}` : detail);
      }
    }
  }

  /** Reads a line's strokes into the sink. */
  function scan(start: number, end: number): Found {
    const { bytes: out, offset: at } = sink.rows.reserve(end - start);
    scanLine({ bytes, start, end }, { out, at }, line);
    if (line.length === 0) return parse(parseObject(decoder.decode(bytes.subarray(start, end))));
    const { length, strokes, recognized, countryStart, timeStart } = line;
    const word = line.wordStart < 0 ? undefined : words.at(bytes, line.wordStart, line.wordEnd);
    const key = line.hasKey ? { low: line.keyLow, high: line.keyHigh } : undefined;
    if (!hasAbout) return { length, strokes, word, key, recognized };
    const countryCode = countryStart < 0 ? undefined : textAt(countryStart, line.countryEnd);
    const timestamp = timeStart < 0 ? undefined : textAt(timeStart, line.timeEnd);
    return { length, strokes, word, key, recognized, countryCode, timestamp };
  }

  function textAt(start: number, end: number): string {
    return decoder.decode(bytes.subarray(start, end));
  }

  /** Copies packed strokes to the sink. */
  function put({ strokes, key, split, ...about }: PackedDrawing): Found {
    const { bytes, offset } = sink.rows.reserve(strokes.length);
    bytes.set(strokes, offset);
    const count = strokes[0] | strokes[1] << 8;
    const own = filter.splits === "own" ? split : undefined;
    return {
      ...{ recognized: undefined, word: undefined },
      ...about,
      length: strokes.length,
      strokes: count,
      key,
      split: own,
    };
  }

  function parse(members: Members): Found {
    const { drawing, word, keyId, recognized } = checkRecord(members, fit, epsilon);
    const packed = encodeDrawing(drawing);
    const { bytes, offset } = sink.rows.reserve(packed.length);
    bytes.set(packed, offset);
    const key = keyId === undefined
      ? undefined
      : { low: Number(BigInt.asUintN(32, keyId)), high: Number(BigInt.asUintN(32, keyId >> 32n)) };
    return {
      ...(hasAbout ? parseAbout(members) : {}),
      length: packed.length,
      strokes: drawing.length,
      word,
      key,
      recognized,
    };
  }

  /** Keeps the row in the sink, or leaves it to be written over. */
  function take(found: Found): void {
    const { length, strokes, word = defaultClass, key, recognized, split } = found;
    if (word === undefined || !known.has(word)) throw new Reject("unknown class", describeClass(word));
    if (!wanted.has(word)) return sink.filter("class not asked for");
    if (filter.recognizedOnly && recognized === false) return sink.filter("not recognized", word);
    if (filter.overflow === "drop" && strokes > filter.maxStrokes) return sink.filter("too many strokes", word);
    if (hasAbout) {
      const { bytes, offset } = sink.rows.reserve(length + ABOUT_BYTES);
      putAbout(bytes, offset + length, found);
    }
    sink.rows.commit(length + (hasAbout ? ABOUT_BYTES : 0), key, word, split);
  }
}

function countLines(bytes: Uint8Array): number {
  let count = bytes.length > 0 && bytes.at(-1) !== LINE_FEED ? 1 : 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) count++;
  return count;
}

function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  while (start < end && (bytes[start] === 0x20 || bytes[start] === 0x0d || bytes[start] === 0x09)) start++;
  return start === end;
}

function describeClass(word: string | undefined): string {
  return word === undefined
    ? "it has no word: name the class with --class"
    : `${JSON.stringify(word)} is no Quick, Draw! category; --classes or --class allows it`;
}

/** Decodes words; most lines have that of the line before. */
class WordCache {
  #bytes = new Uint8Array(0);
  #word = "";

  at(bytes: Uint8Array, start: number, end: number): string {
    let same = this.#bytes.length === end - start ? 0 : -1;
    while (same >= 0 && same < this.#bytes.length) same = bytes[start + same] === this.#bytes[same] ? same + 1 : -1;
    if (same < 0) {
      this.#bytes = bytes.slice(start, end);
      this.#word = decoder.decode(this.#bytes);
    }
    return this.#word;
  }
}
