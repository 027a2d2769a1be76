/**
 * Comma-separated values (RFC 4180): records, of which a quoted field may hold commas, quotes and line feeds. Browser safe.
 *
 * @module
 */
import { Reject } from "../base/errors.ts";

/** A record. */
export interface CsvRecord {
  /** The line on which it begins, 1-based. */
  readonly line: number;
  /** Its fields, without their quotes. */
  readonly fields: readonly string[];
  /** Whether the text ends inside one of its quoted fields. */
  readonly isOpen: boolean;
}

/**
 * Reads records; those that are empty lines are passed over. A quote that does not begin a field is part of it.
 *
 * @param text Whole records, and perhaps the beginning of one.
 *
 * @example
 * ```ts
 * import { parseCsv } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * const records = [...parseCsv('US,"[[[0, 9],[0, 9]]]"\r\nCH,"a ""b"""\n')];
 * assertEquals(records.map(({ fields }) => fields), [["US", "[[[0, 9],[0, 9]]]"], ["CH", 'a "b"']]);
 * ```
 */
export function* parseCsv(text: string): Generator<CsvRecord> {
  let [at, line] = [0, 1];
  while (at < text.length) {
    const fields: string[] = [];
    const first = line;
    let isOpen = false;
    for (;;) {
      let field = "";
      if (text[at] === '"') {
        let close = text.indexOf('"', at + 1);
        for (; close >= 0 && text[close + 1] === '"'; close = text.indexOf('"', at + 1)) {
          field += text.slice(at + 1, close + 1);
          at = close + 1;
        }
        isOpen = close < 0;
        const part = text.slice(at + 1, isOpen ? text.length : close);
        field += part;
        at = isOpen ? text.length : close + 1;
        line += countFeeds(field);
      }
      const end = endOfField(text, at);
      fields.push(field + text.slice(at, end));
      at = end;
      if (text[at] !== ",") break;
      at++;
    }
    if (text[at] === "\r") at++;
    at++; // the line feed
    line++;
    if (fields.length > 1 || fields[0] !== "") yield { line: first, fields, isOpen };
  }
}

/** The comma or the line's end after a field; a carriage return alone is part of the field. */
function endOfField(text: string, at: number): number {
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x2c || code === 0x0a || code === 0x0d && text.charCodeAt(at + 1) === 0x0a) return at;
  }
  return at;
}

function countFeeds(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

/** The longest record that is read, in bytes. */
const MAX_RECORD = 2 ** 24;
const [QUOTE, COMMA, LINE_FEED] = [0x22, 0x2c, 0x0a];

/**
 * Cuts bytes into pieces of whole records. Where they are cut depends on the bytes alone.
 *
 * @param bytes UTF-8 in pieces of any size, without a byte-order mark.
 * @param size A piece is the records that begin in so many bytes; 1 MiB when left out.
 * @returns Pieces with buffers of their own, none empty.
 * @throws {Reject} When a record is longer than 16 MiB, as it is where a quote is never closed; those before were delivered.
 */
export async function* cutCsv(
  bytes: AsyncIterable<Uint8Array>,
  size: number = 2 ** 20,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let held = new Uint8Array(2 ** 18);
  let used = 0;
  let place: Place = { searched: 0, end: 0, state: "field" };
  try {
    for await (const part of bytes) {
      if (used + part.length > held.length) held = grown(held, used, used + part.length);
      held.set(part, used);
      used += part.length;
      for (
        place = search(held, used, { place, size });
        place.end >= size;
        place = search(held, used, { place, size })
      ) {
        yield held.slice(0, place.end);
        held.copyWithin(0, place.end, used);
        used -= place.end;
        place = { searched: 0, end: 0, state: "field" };
      }
      if (used - place.end > MAX_RECORD) {
        throw new Reject("record too long", `more than ${MAX_RECORD} bytes, or an open quote`);
      }
    }
  } catch (error) {
    if (error instanceof Reject && place.end > 0) yield held.slice(0, place.end);
    throw error;
  }
  if (used > 0) yield held.slice(0, used);
}

/** How far the bytes were searched, and where the last whole record ends in them. */
interface Place {
  readonly searched: number;
  readonly end: number;
  readonly state: State;
}

/**
 * Where in a field the search is: at its first byte, within its quotes, behind a quote that closes them unless another
 * follows, or in what has no quotes, where one is a byte as any other.
 */
type State = "field" | "quoted" | "closed" | "bare";

/** Goes on to the end of a record at or behind `size`, or of the bytes. */
function search(
  held: Uint8Array,
  used: number,
  { place, size }: { readonly place: Place; readonly size: number },
): Place {
  let { searched, end, state } = place;
  while (searched < used && end < size) {
    const byte = held[searched++];
    if (state === "quoted") {
      if (byte === QUOTE) state = "closed";
    } else if (byte === QUOTE) {
      if (state !== "bare") state = "quoted";
    } else if (byte === COMMA || byte === LINE_FEED) {
      state = "field";
      if (byte === LINE_FEED) end = searched;
    } else state = "bare";
  }
  return { searched, end, state };
}

function grown(held: Uint8Array<ArrayBuffer>, used: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(2 * length);
  bytes.set(held.subarray(0, used));
  return bytes;
}
