/**
 * Many lines of Quick Draw ndjson to rows: the bytes are scanned in place, and only what is unusual is parsed as JSON.
 * Browser safe.
 *
 * @module
 */
import type { RowSink } from "../../dataset.ts";
import { encodeDrawing } from "../../strokes/drawing_bytes.ts";
import { Reject } from "../../base/errors.ts";
import { createScannedLine, scanLine } from "../../formats/quickdraw/quickdraw_bytes.ts";
import { QUICKDRAW_CATEGORIES } from "./quickdraw_categories.ts";
import { parseQuickDrawLine } from "../../formats/quickdraw/quickdraw_line.ts";

/** Whole lines, and what is known of them from elsewhere. */
export interface QuickDrawChunk {
  readonly bytes: Uint8Array;
  /** The class of lines that name none. */
  readonly defaultClass?: string | undefined;
  /** What is wrong with the source behind these lines. */
  readonly fault?: { readonly reason: string; readonly detail: string };
}

/** Which lines are wanted. */
export interface QuickDrawFilter {
  /** Only these classes; all known ones when empty. */
  readonly classes: readonly string[];
  /** A class that is known, beside the 345 categories and `classes`. */
  readonly class: string;
  readonly recognizedOnly: boolean;
  readonly maxStrokes: number;
  /** `drop` leaves out drawings with more than `maxStrokes`. */
  readonly overflow: string;
}

const LINE_FEED = 0x0a;
const line = createScannedLine();
const decoder = new TextDecoder();

/** What a line says beside the strokes, which are in the sink already. */
interface Found {
  /** Of the packed strokes, in bytes. */
  readonly length: number;
  readonly strokes: number;
  readonly word: string | undefined;
  readonly key: { readonly low: number; readonly high: number } | undefined;
  readonly recognized: boolean | undefined;
}

/** Parses a chunk; each good line becomes a row, each bad one a reject. */
export function parseQuickDrawChunk(chunk: QuickDrawChunk, filter: QuickDrawFilter, sink: RowSink): void {
  const { bytes, defaultClass, fault } = chunk;
  const known = new Set([...QUICKDRAW_CATEGORIES, ...filter.classes, ...(filter.class ? [filter.class] : [])]);
  const wanted = filter.classes.length > 0 ? new Set(filter.classes) : known;
  const words = new WordCache();
  for (let start = 0; start < bytes.length;) {
    const feed = bytes.indexOf(LINE_FEED, start);
    const end = feed < 0 ? bytes.length : feed;
    sink.lines++;
    if (!isBlank(bytes, start, end)) {
      try {
        take(scan(bytes, start, end));
      } catch (error) {
        if (!(error instanceof Reject)) throw error;
        if (feed < 0 && error.reason === "bad JSON") {
          sink.damage(sink.lines, "truncated line", `the file ends inside it: ${error.detail}`);
        } else {
          sink.reject(sink.lines, error.reason, error.detail);
        }
      }
    }
    start = end + 1;
  }
  if (fault) sink.damage(sink.lines + 1, fault.reason, fault.detail);

  /** Reads a line's strokes into the sink. */
  function scan(bytes: Uint8Array, start: number, end: number): Found {
    const { bytes: out, offset: at } = sink.rows.reserve(end - start);
    scanLine({ bytes, start, end }, { out, at }, line);
    if (line.length === 0) return parse(decoder.decode(bytes.subarray(start, end)));
    const { length, strokes, recognized } = line;
    const word = line.wordStart < 0 ? undefined : words.at(bytes, line.wordStart, line.wordEnd);
    return {
      length,
      strokes,
      word,
      recognized,
      key: line.hasKey ? { low: line.keyLow, high: line.keyHigh } : undefined,
    };
  }

  function parse(text: string): Found {
    const { drawing, word, keyId, recognized } = parseQuickDrawLine(text);
    const packed = encodeDrawing(drawing);
    const { bytes, offset } = sink.rows.reserve(packed.length);
    bytes.set(packed, offset);
    const key = keyId === undefined
      ? undefined
      : { low: Number(BigInt.asUintN(32, keyId)), high: Number(BigInt.asUintN(32, keyId >> 32n)) };
    return { length: packed.length, strokes: drawing.length, word, key, recognized };
  }

  /** Keeps the row in the sink, or leaves it to be written over. */
  function take({ length, strokes, word = defaultClass, key, recognized }: Found): void {
    if (word === undefined || !known.has(word)) throw new Reject("unknown class", describeClass(word));
    if (!wanted.has(word)) return sink.filter("class not asked for");
    if (filter.recognizedOnly && recognized === false) return sink.filter("not recognized", word);
    if (filter.overflow === "drop" && strokes > filter.maxStrokes) return sink.filter("too many strokes", word);
    sink.rows.commit(length, key, word);
  }
}

function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  while (start < end && (bytes[start] === 0x20 || bytes[start] === 0x0d || bytes[start] === 0x09)) start++;
  return start === end;
}

function describeClass(word: string | undefined): string {
  return word === undefined
    ? "the line has no word: name the class with --class"
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
