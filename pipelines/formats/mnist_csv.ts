/**
 * MNIST as CSV: a line a picture, its label and its 784 pixels, 0 to 255, row by row; with a first line of names
 * (`label,pixel0,…` or `label,1x1,…`) or without. Test files of competitions have no label. Browser safe.
 *
 * @module
 */
import { Reject } from "../base/errors.ts";
import { readLineChunks } from "../sources/line_chunks.ts";

/** Pixels of a picture, 28 x 28. */
const PIXELS = 784;
const SIDE = 28;
const [LINE_FEED, CARRIAGE_RETURN, COMMA, SPACE, QUOTE] = [0x0a, 0x0d, 0x2c, 0x20, 0x22];

/** What the first line of a file says of it. */
export interface MnistColumns {
  readonly hasNames: boolean;
  readonly hasLabels: boolean;
  /** What is wrong with the order that the names say; left out where nothing is. */
  readonly fault?: string;
}

/**
 * Tells MNIST by a file's beginning.
 *
 * @param text The first line at least.
 * @returns Undefined where it is something else.
 */
export function mnistColumns(text: string): MnistColumns | undefined {
  const fields = text.replace(/^\ufeff/, "").split("\n", 1)[0].split(",").map((field) =>
    field.trim().replace(/^"(.*)"$/, "$1")
  );
  if (fields.length !== PIXELS && fields.length !== PIXELS + 1) return undefined;
  const hasLabels = fields.length > PIXELS;
  if (fields.every((field) => /^\d{1,3}$/.test(field))) return { hasNames: false, hasLabels };
  const pixels = hasLabels ? fields.slice(1) : fields;
  const isNamed = pixels.every((name) => /^(pixel_?\d+|\d+x\d+|\d+)$/i.test(name));
  if (!isNamed || hasLabels && !/^(label|class|target|y)$/i.test(fields[0])) return undefined;
  const fault = orderFault(pixels);
  return { hasNames: true, hasLabels, ...(fault === undefined ? {} : { fault }) };
}

/** What is wrong with the order of named pixels, which go from 0 or 1 row by row; undefined where nothing is. */
function orderFault(names: readonly string[]): string | undefined {
  const numbers = names.map((name) => name.match(/\d+/g)!.map(Number));
  const first = numbers[0][0] === 0 ? 0 : 1;
  const wrong = numbers.findIndex(([place, column], i) =>
    column === undefined ? place - first !== i : place - first !== Math.floor(i / SIDE) || column - first !== i % SIDE
  );
  if (wrong < 0) return undefined;
  const where = wrong === 0 ? "first" : `after ${names[wrong - 1]}`;
  return `the columns are not in the order of the pixels: ${names[wrong]} comes ${where}`;
}

/** Some pictures. */
export interface MnistRows {
  /** uint8 [n, 28, 28]. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** [n]; none where the file has none. */
  readonly labels: Uint8Array<ArrayBuffer>;
}

/**
 * Reads pictures, many at a time.
 *
 * @param bytes A file's bytes in pieces of any size.
 * @throws {Reject} `not MNIST`, where the names say another order, and at the end where the label seems to be the last
 * number of each line; or `wrong number of fields` and `not a pixel` with the line.
 */
export async function* readMnistCsv(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<MnistRows> {
  let columns: MnistColumns | undefined;
  let line = 0;
  let isDark = true; // the first numbers of all lines
  const last = new Set<number>();
  for await (const chunk of readLineChunks(bytes)) {
    let start = 0;
    if (columns === undefined) {
      const feed = chunk.indexOf(LINE_FEED);
      const head = chunk.subarray(0, feed < 0 ? chunk.length : feed);
      columns = mnistColumns(new TextDecoder().decode(head));
      if (columns === undefined) {
        throw new Reject("not MNIST", "the first line is neither 784 or 785 numbers nor label, pixel0 and so on");
      }
      if (columns.fault !== undefined) throw new Reject("not MNIST", columns.fault);
      if (columns.hasNames) [start, line] = [head.length + 1, 1];
    }
    const width = PIXELS + (columns.hasLabels ? 1 : 0);
    const values = numbersOf(chunk.subarray(start), width, line); // [n, width]
    line += values.lines;
    const n = values.data.length / width;
    if (!columns.hasLabels) yield { pixels: values.data, labels: new Uint8Array(0) };
    else {
      for (let end = width; end <= values.data.length; end += width) {
        isDark &&= values.data[end - width] === 0;
        last.add(values.data[end - 1]);
      }
      yield split(values.data, n);
    }
  }
  // A corner of the pictures is always dark: what differs at the other end are the labels.
  if (columns?.hasLabels && !columns.hasNames && isDark && last.size > 1) {
    throw new Reject("not MNIST", "each line begins with 0 and the last numbers differ, expected the label first");
  }
}

/** Labels, [n], apart from pixels, [n, 784]. */
function split(data: Uint8Array, n: number): MnistRows {
  const [labels, pixels] = [new Uint8Array(n), new Uint8Array(n * PIXELS)];
  for (let i = 0; i < n; i++) {
    const at = i * (PIXELS + 1);
    labels[i] = data[at];
    pixels.set(data.subarray(at + 1, at + 1 + PIXELS), i * PIXELS);
  }
  return { pixels, labels };
}

/** The numbers of whole lines, 0 to 255, `width` in each; empty lines are passed over. */
function numbersOf(
  bytes: Uint8Array,
  width: number,
  before: number,
): { readonly data: Uint8Array<ArrayBuffer>; readonly lines: number } {
  const data = new Uint8Array(Math.ceil(bytes.length / (2 * width)) * width); // a number and its comma take two bytes or more
  let [count, fields, lines, value, digits, isClosed] = [0, 0, 0, 0, 0, false];
  const reject = (reason: string, detail: string) => new Reject(reason, `line ${before + lines + 1}: ${detail}`);
  const wrong = (found: string) =>
    reject("not a pixel", `field ${fields + 1} has ${found}, expected a whole number, 0 to 255`);
  for (let at = 0; at <= bytes.length; at++) {
    const byte = at < bytes.length ? bytes[at] : LINE_FEED;
    if (byte >= 0x30 && byte <= 0x39 && !isClosed) {
      value = 10 * value + byte - 0x30;
      digits++;
    } else if (byte === LINE_FEED && fields === 0 && digits === 0) {
      if (at < bytes.length) lines++; // an empty one
    } else if (byte === COMMA || byte === LINE_FEED) {
      if (fields === width) throw reject("wrong number of fields", `more than ${width}`);
      if (digits === 0 || value > 255) throw wrong(digits === 0 ? "nothing" : String(value));
      data[count * width + fields++] = value;
      [value, digits, isClosed] = [0, 0, false];
      if (byte === COMMA) continue;
      if (fields < width) throw reject("wrong number of fields", `${fields}, expected ${width}`);
      [fields, count, lines] = [0, count + 1, lines + 1];
    } else if (byte === CARRIAGE_RETURN || byte === SPACE || byte === QUOTE) isClosed = digits > 0;
    else throw wrong(JSON.stringify(String.fromCharCode(byte)));
  }
  return { data: data.subarray(0, count * width), lines };
}
