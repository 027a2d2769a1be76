/**
 * Quick Draw lines straight from bytes, for the common shape of a line: an object whose values are strings without
 * escapes, `true`, `false`, plain numbers, and a drawing of whole coordinates 0..255. The keys may come in any order, with
 * any white space and any others between them. Whatever is unusual, a fault included, is left to JSON.parse and
 * `parseQuickDrawLine`, which then say what is wrong; the two agree on every line that both take. Browser safe.
 *
 * @module
 */

/** What a line says, but for the strokes, which were written where the caller wanted them. */
export interface ScannedLine {
  /** Bytes of packed strokes written; 0 when the line is unusual and nothing else counts. */
  length: number;
  /** The drawing's number of strokes. */
  strokes: number;
  /** Where the word is in the input; `wordStart` is -1 when there is none. */
  wordStart: number;
  wordEnd: number;
  /** Where the country code is; `countryStart` is -1 when there is none. */
  countryStart: number;
  countryEnd: number;
  /** Where the timestamp is; `timeStart` is -1 when there is none. */
  timeStart: number;
  timeEnd: number;
  /** The key in two unsigned 32-bit words. */
  hasKey: boolean;
  keyLow: number;
  keyHigh: number;
  recognized: boolean | undefined;
}

/** A {@linkcode ScannedLine} to be filled again and again. */
export function createScannedLine(): ScannedLine {
  return {
    ...{ length: 0, strokes: 0, wordStart: -1, wordEnd: -1 },
    ...{ countryStart: -1, countryEnd: -1, timeStart: -1, timeEnd: -1 },
    ...{ hasKey: false, keyLow: 0, keyHigh: 0, recognized: undefined },
  };
}

const [QUOTE, BACKSLASH, COMMA, COLON, MINUS, DOT] = [0x22, 0x5c, 0x2c, 0x3a, 0x2d, 0x2e];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const UNUSUAL = -1;

/** The input and where the output goes; module state, so that no call in the inner loops has to pass it. */
let input: Uint8Array;
let output: Uint8Array;

/**
 * Scans one line.
 *
 * @param bytes Holds the line from `start` to before `end`, without its line feed.
 * @param out Gets the drawing, packed as `encodeDrawing` does, from `at` on; must have room for `end - start` bytes.
 * @param line Is filled.
 */
export function scanLine(
  { bytes, start, end }: { readonly bytes: Uint8Array; readonly start: number; readonly end: number },
  { out, at }: { readonly out: Uint8Array; readonly at: number },
  line: ScannedLine,
): void {
  [input, output] = [bytes, out];
  line.length = 0;
  line.wordStart = line.countryStart = line.timeStart = -1;
  line.hasKey = false;
  line.recognized = undefined;
  let seen = 0;
  let length = 0;
  let place = skipSpace(start, end);
  if (input[place] !== OPEN_OBJECT) return;
  place = skipSpace(place + 1, end);
  for (;;) {
    if (input[place] !== QUOTE) return;
    const keyStart = place + 1;
    const keyEnd = endOfString(keyStart, end);
    if (keyEnd === UNUSUAL) return;
    place = skipSpace(keyEnd + 1, end);
    if (input[place] !== COLON) return;
    place = skipSpace(place + 1, end);
    const field = nameBit(keyStart, keyEnd);
    if (field !== 0 && (seen & field) !== 0) return; // JSON.parse takes the last of two
    seen |= field;
    if (field === DRAWING) {
      const stop = scanDrawing(place, end, at, line);
      if (stop === UNUSUAL) return;
      length = scanned - at;
      place = stop;
    } else if (field === KEY_ID && input[place] !== QUOTE) { // a number
      const stop = skipValue(place, end);
      if (stop === UNUSUAL || !scanKey(place, stop, line)) return;
      place = stop;
    } else if (field !== 0 && field !== RECOGNIZED) {
      if (input[place] !== QUOTE) return;
      const stop = endOfString(place + 1, end);
      if (stop === UNUSUAL) return;
      if (field === WORD) [line.wordStart, line.wordEnd] = [place + 1, stop];
      else if (field === COUNTRY) [line.countryStart, line.countryEnd] = [place + 1, stop];
      else if (field === TIMESTAMP) [line.timeStart, line.timeEnd] = [place + 1, stop];
      else if (!scanKey(place + 1, stop, line)) return;
      place = stop + 1;
    } else {
      const stop = skipValue(place, end);
      if (stop === UNUSUAL) return;
      if (field === RECOGNIZED) {
        if (input[place] !== 0x74 && input[place] !== 0x66) return;
        line.recognized = input[place] === 0x74;
      }
      place = stop;
    }
    place = skipSpace(place, end);
    if (input[place] === COMMA) place = skipSpace(place + 1, end);
    else break;
  }
  if (place >= end || input[place] !== CLOSE_OBJECT || skipSpace(place + 1, end) !== end) return;
  line.length = length; // 0 without a drawing
}

const [DRAWING, WORD, KEY_ID, RECOGNIZED, COUNTRY, TIMESTAMP] = [1, 2, 4, 8, 16, 32];

const NAMES = ["drawing", "word", "key_id", "recognized", "countrycode", "timestamp"]
  .map((name) => new TextEncoder().encode(name));

/** The bit of a key that counts, 0 for any other. */
function nameBit(start: number, end: number): number {
  for (let i = 0; i < NAMES.length; i++) {
    const name = NAMES[i];
    if (name.length !== end - start) continue;
    let same = 0;
    while (same < name.length && input[start + same] === name[same]) same++;
    if (same === name.length) return 1 << i;
  }
  return 0;
}

function skipSpace(place: number, end: number): number {
  while (place < end) {
    const byte = input[place];
    if (byte !== 0x20 && byte !== 0x0d && byte !== 0x09 && byte !== 0x0a) break;
    place++;
  }
  return place;
}

/** The closing quote of a string of plain ASCII. */
function endOfString(place: number, end: number): number {
  for (; place < end; place++) {
    const byte = input[place];
    if (byte === QUOTE) return place;
    if (byte === BACKSLASH || byte < 0x20 || byte > 0x7e) return UNUSUAL;
  }
  return UNUSUAL;
}

/** The end of a string, a literal or a whole or decimal number; lists, objects and exponents are unusual. */
function skipValue(place: number, end: number): number {
  const byte = input[place];
  if (byte === QUOTE) {
    const stop = endOfString(place + 1, end);
    return stop === UNUSUAL ? UNUSUAL : stop + 1;
  }
  for (const literal of LITERALS) {
    let same = 0;
    while (same < literal.length && place + same < end && input[place + same] === literal[same]) same++;
    if (same === literal.length) return place + same;
  }
  let at = byte === MINUS ? place + 1 : place;
  const first = at;
  while (at < end && isDigit(input[at])) at++;
  if (at === first || (input[first] === 0x30 && at > first + 1)) return UNUSUAL;
  if (at < end && input[at] === DOT) {
    const fraction = ++at;
    while (at < end && isDigit(input[at])) at++;
    if (at === fraction) return UNUSUAL;
  }
  return at;
}

const LITERALS = ["true", "false", "null"].map((text) => new TextEncoder().encode(text));

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** Reads up to 20 digits into two words; false when there are none, others among them, or too many. */
function scanKey(place: number, end: number, line: ScannedLine): boolean {
  if (place === end || end - place > 20) return false;
  let [low, high] = [0, 0];
  for (; place < end; place++) {
    if (!isDigit(input[place])) return false;
    low = low * 10 + (input[place] - 0x30);
    const carry = Math.floor(low / 2 ** 32);
    low -= carry * 2 ** 32;
    high = high * 10 + carry;
  }
  if (high >= 2 ** 32) return false;
  line.hasKey = true;
  line.keyLow = low;
  line.keyHigh = high;
  return true;
}

/** Where the last coordinate written ends. */
let scanned = 0;

/** Scans `[[[x, …], [y, …]], …]`, each stroke with two lists of equal length, and packs it from `at` on. */
function scanDrawing(place: number, end: number, at: number, line: ScannedLine): number {
  if (input[place] !== OPEN_LIST) return UNUSUAL;
  let strokes = 0;
  let out = at + 2;
  place = skipSpace(place + 1, end);
  for (;;) {
    if (place >= end || input[place] !== OPEN_LIST) return UNUSUAL;
    const countAt = out;
    place = scanCoordinates(skipSpace(place + 1, end), end, countAt + 2);
    if (place === UNUSUAL) return UNUSUAL;
    const points = scanned - countAt - 2;
    place = skipSpace(place, end);
    if (input[place] !== COMMA) return UNUSUAL;
    place = scanCoordinates(skipSpace(place + 1, end), end, scanned);
    if (place === UNUSUAL) return UNUSUAL;
    out = scanned;
    if (out - countAt - 2 !== 2 * points || points > 0xffff) return UNUSUAL;
    output[countAt] = points & 255;
    output[countAt + 1] = points >> 8;
    place = skipSpace(place, end);
    if (place >= end || input[place] !== CLOSE_LIST) return UNUSUAL; // a third list: raw drawings have one
    if (++strokes > 0xffff) return UNUSUAL;
    place = skipSpace(place + 1, end);
    if (input[place] === COMMA) place = skipSpace(place + 1, end);
    else break;
  }
  if (place >= end || input[place] !== CLOSE_LIST) return UNUSUAL;
  output[at] = strokes & 255;
  output[at + 1] = strokes >> 8;
  line.strokes = strokes;
  return place + 1;
}

/** Scans `[n, …]`, one number or more, each 0..255, and writes a byte each from `out` on. */
function scanCoordinates(place: number, end: number, out: number): number {
  if (place >= end || input[place] !== OPEN_LIST) return UNUSUAL;
  place++;
  for (;;) {
    let byte = input[place];
    while (byte === 0x20) byte = input[++place];
    let value = byte - 0x30;
    if (!(value >= 0 && value <= 9)) return UNUSUAL;
    byte = input[++place];
    let digit = byte - 0x30;
    if (digit >= 0 && digit <= 9) {
      if (value === 0) return UNUSUAL;
      value = value * 10 + digit;
      byte = input[++place];
      digit = byte - 0x30;
      if (digit >= 0 && digit <= 9) {
        value = value * 10 + digit;
        byte = input[++place];
        if (value > 255) return UNUSUAL;
      }
    }
    output[out++] = value;
    while (byte === 0x20) byte = input[++place];
    place++;
    if (byte === COMMA) continue;
    if (byte !== CLOSE_LIST || place > end) return UNUSUAL;
    scanned = out;
    return place;
  }
}
