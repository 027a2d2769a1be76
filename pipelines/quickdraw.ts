/**
 * Quick, Draw! drawings: simplified ndjson to rows, rows to shards.
 *
 * A line is one JSON object with `drawing`, a list of strokes `[[x, …], [y, …]]`, whole numbers 0..255 aligned to the
 * top left; and, where they are known, `word`, `key_id` (a 64-bit integer in a string) and `recognized`. Format:
 * https://github.com/googlecreativelab/quickdraw-dataset#the-raw-moderated-dataset
 *
 * @module
 */
import type { Dataset, Fields, LabelledRow, NdArray, ReadLog, Row } from "./dataset.ts";
import { Reject } from "./errors.ts";
import type { OptionValues } from "./option_table.ts";
import { QUICKDRAW_CATEGORIES } from "./quickdraw_categories.ts";
import { expandFrames, type Overflow, rasterize } from "./rasterize.ts";
import { baseName, type OpenSource, readLines } from "./source.ts";
import { hashBytes } from "./split.ts";
import { type Drawing, toStroke3 } from "./stroke.ts";

/** What one line says. */
export interface QuickDrawRecord {
  /** The strokes, each `[xs, ys]`, whole numbers 0..255. */
  readonly drawing: Drawing;
  /** The category, where the line names it. */
  readonly word?: string;
  /** Identifies the drawing, 0 to 2^64 - 1. */
  readonly keyId?: bigint;
  /** Whether the game's own classifier recognized the drawing. */
  readonly recognized?: boolean;
}

/** The options of {@linkcode quickdraw}. */
export const QUICKDRAW_OPTIONS = {
  classes: {
    value: [] as readonly string[],
    help: "only these classes, comma-separated; all that the sources name when left out",
  },
  class: { value: "", help: "the class of lines that name none; the file's name when left out" },
  recognizedOnly: { value: false, help: "leave out drawings that the game did not recognize" },
  size: {
    value: 64,
    help: "cells a side, 1 to 256: 64 max-pools 4 x 4 pixels of the 256 grid",
    min: 1,
    max: 256,
    whole: true,
  },
  maxStrokes: { value: 8, help: "frames a drawing, 1 to 255", min: 1, max: 255, whole: true },
  overflow: {
    value: "truncate" as Overflow as string,
    choices: ["truncate", "merge", "drop"],
    help: "strokes after the last frame: left out, drawn into the last frame, or the drawing left out",
  },
  frames: {
    value: "index",
    choices: ["index", "dense"],
    help: "dense writes the frames themselves too, uint8 [max-strokes, size, size]",
  },
} as const;

type Options = OptionValues<typeof QUICKDRAW_OPTIONS>;

/**
 * The dataset of simplified Quick, Draw! drawings.
 *
 * @example
 * ```ts
 * import { defaultsOf, quickdraw } from "@strokewise/strokewise";
 * import { assertEquals } from "@std/assert";
 *
 * const fields = quickdraw.fields({ ...defaultsOf(quickdraw.options), size: 28 });
 * assertEquals(fields.stroke_index, { dtype: "uint8", shape: [28, 28] });
 * ```
 */
export const quickdraw: Dataset<typeof QUICKDRAW_OPTIONS> = {
  name: "quickdraw",
  summary: "Google's Quick, Draw! drawings, simplified ndjson, as cumulative stroke bitmaps",
  licence: "The Quick, Draw! Dataset, Google, CC BY 4.0",
  extensions: [".ndjson", ".jsonl"],
  embedded: new URL("../fixtures/quickdraw/", import.meta.url),
  options: QUICKDRAW_OPTIONS,

  fields({ size, maxStrokes, frames }: Options): Fields {
    return {
      stroke_index: { dtype: "uint8", shape: [size, size] },
      stroke_count: { dtype: "uint8", shape: [] },
      label: { dtype: "uint16", shape: [] },
      key_id: { dtype: "uint64", shape: [] },
      stroke3: { dtype: "int16", shape: [-1, 3] },
      ...(frames === "dense" ? { frames: { dtype: "uint8", shape: [maxStrokes, size, size] } } : {}),
    };
  },

  async *read(sources: readonly OpenSource[], options: Options, log: ReadLog): AsyncGenerator<Row[]> {
    const known = new Set([...QUICKDRAW_CATEGORIES, ...options.classes, ...(options.class ? [options.class] : [])]);
    const wanted = options.classes.length > 0 ? new Set(options.classes) : known;
    for (const source of sources) {
      const file = baseName(source.path);
      const defaultClass = options.class || classOfFile(source.path);
      let line = 0;
      try {
        for await (const lines of readLines(source)) {
          const rows: Row[] = [];
          for (const { number, text } of lines) {
            line = number;
            try {
              const { drawing, word = defaultClass, keyId, recognized } = parseQuickDrawLine(text);
              if (word === undefined || !known.has(word)) throw new Reject("unknown class", describeClass(word));
              if (!wanted.has(word)) log.filter("class not asked for");
              else if (options.recognizedOnly && recognized === false) log.filter("not recognized");
              else if (options.overflow === "drop" && drawing.length > options.maxStrokes) {
                log.filter("too many strokes");
              } else {
                const payload = encodeDrawing(drawing);
                rows.push({ key: keyId ?? hashBytes(payload, word), className: word, payload });
              }
            } catch (error) {
              if (!(error instanceof Reject)) throw error;
              log.reject({ file, line }, error.reason, error.detail);
            }
          }
          yield rows;
        }
      } catch (error) {
        if (!(error instanceof Reject)) throw error;
        log.reject({ file, line: line + 1 }, error.reason, error.detail);
      }
    }
  },

  pack(rows: readonly LabelledRow[], options: Options): Record<string, NdArray> {
    const { size, maxStrokes } = options;
    const [count, cells] = [rows.length, size * size];
    const index = new Uint8Array(count * cells); // [N, size, size]
    const counts = new Uint8Array(count); // [N]
    const dense = options.frames === "dense" ? new Uint8Array(count * maxStrokes * cells) : undefined; // [N, T, size, size]
    const vectors = rows.map((row, i) => {
      const drawing = decodeDrawing(row.payload);
      const map = index.subarray(i * cells, (i + 1) * cells); // [size, size]
      counts[i] = rasterize(drawing, { size, maxStrokes, overflow: options.overflow as Overflow }, map).count;
      if (dense) expandFrames(map, counts[i], dense.subarray(i * maxStrokes * cells, (i + 1) * maxStrokes * cells));
      return toStroke3(drawing); // [points, 3]
    });
    return {
      stroke_index: { dtype: "uint8", shape: [count, size, size], data: index },
      stroke_count: { dtype: "uint8", shape: [count], data: counts },
      label: { dtype: "uint16", shape: [count], data: Uint16Array.from(rows, ({ label }) => label) },
      key_id: { dtype: "uint64", shape: [count], data: BigUint64Array.from(rows, ({ key }) => key) },
      ...concatRagged("stroke3", vectors),
      ...(dense ? { frames: { dtype: "uint8", shape: [count, maxStrokes, size, size], data: dense } } : {}),
    };
  },

  picture: { field: "stroke_index", grey: false },
  histogram: { name: "strokes", of: ({ payload }) => payload[0] | (payload[1] << 8) },
};

/** The class that a file's name stands for: `sun` for `sun.ndjson.gz`, none for standard input. */
function classOfFile(path: string): string | undefined {
  return path === "-" ? undefined : baseName(path).replace(/(\.(ndjson|jsonl|gz|txt))+$/, "");
}

function describeClass(word: string | undefined): string {
  return word === undefined
    ? "the line has no word: name the class with --class"
    : `${JSON.stringify(word)} is no Quick, Draw! category; --classes or --class allows it`;
}

/** Side by side, with where each begins: `name` [sum n, 3] and `name_offsets` [N + 1]. */
function concatRagged(name: string, vectors: readonly Int16Array[]): Record<string, NdArray> {
  const offsets = new BigInt64Array(vectors.length + 1); // [N + 1]
  vectors.forEach((vector, i) => offsets[i + 1] = offsets[i] + BigInt(vector.length / 3));
  const points = Number(offsets[vectors.length]);
  const data = new Int16Array(3 * points); // [points, 3]
  vectors.forEach((vector, i) => data.set(vector, 3 * Number(offsets[i])));
  return {
    [name]: { dtype: "int16", shape: [points, 3], data },
    [`${name}_offsets`]: { dtype: "int64", shape: [vectors.length + 1], data: offsets },
  };
}

/**
 * Parses and checks one line.
 *
 * @param text A JSON object; every key but `drawing` may be missing, others are passed over.
 * @returns The drawing and what else is known of it.
 * @throws {Reject} With one of the reasons: bad JSON, wrong type, empty drawing, unequal arrays, coordinate out of range,
 * coordinate not whole, too long.
 *
 * @example
 * ```ts
 * import { parseQuickDrawLine } from "@strokewise/strokewise";
 * import { assertEquals } from "@std/assert";
 *
 * const { drawing, word } = parseQuickDrawLine('{"word":"line","drawing":[[[0,255],[9,7]]]}');
 * assertEquals(drawing, [[[0, 255], [9, 7]]]);
 * assertEquals(word, "line");
 * ```
 */
export function parseQuickDrawLine(text: string): QuickDrawRecord {
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch (error) {
    throw new Reject("bad JSON", (error as Error).message);
  }
  if (typeof record !== "object" || record === null || Array.isArray(record)) {
    throw new Reject("wrong type", "the line is not a JSON object");
  }
  const { drawing, word, key_id, recognized } = record as Record<string, unknown>;
  checkDrawing(drawing);
  if (word !== undefined && typeof word !== "string") throw wrongType("word", "a string", word);
  if (recognized !== undefined && typeof recognized !== "boolean") {
    throw wrongType("recognized", "true or false", recognized);
  }
  if (key_id !== undefined && !isKey(key_id)) throw wrongType("key_id", "a string of digits below 2^64", key_id);
  return {
    drawing,
    ...(word === undefined ? {} : { word }),
    ...(key_id === undefined ? {} : { keyId: BigInt(key_id) }),
    ...(recognized === undefined ? {} : { recognized }),
  };
}

function isKey(value: unknown): value is string {
  return typeof value === "string" && /^\d{1,20}$/.test(value) && BigInt(value) < 2n ** 64n;
}

function wrongType(name: string, expected: string, found: unknown): Reject {
  const shown = JSON.stringify(found) ?? "nothing";
  return new Reject(
    "wrong type",
    `${name} is ${shown.length > 40 ? `${shown.slice(0, 40)}…` : shown}, expected ${expected}`,
  );
}

function checkDrawing(drawing: unknown): asserts drawing is Drawing {
  if (!Array.isArray(drawing)) throw wrongType("drawing", "a list of strokes", drawing);
  if (drawing.length === 0) throw new Reject("empty drawing", "no strokes");
  if (drawing.length > 0xffff) throw new Reject("too long", `${drawing.length} strokes, at most 65535 are read`);
  drawing.forEach((stroke, i) => {
    const where = `stroke ${i + 1}`;
    if (!Array.isArray(stroke) || !Array.isArray(stroke[0]) || !Array.isArray(stroke[1])) {
      throw wrongType(where, "[[x, …], [y, …]]", stroke);
    }
    const [xs, ys] = stroke;
    if (xs.length !== ys.length) throw new Reject("unequal arrays", `${where} has ${xs.length} x and ${ys.length} y`);
    if (xs.length === 0) throw new Reject("empty drawing", `${where} has no points`);
    if (xs.length > 0xffff) throw new Reject("too long", `${where} has ${xs.length} points, at most 65535 are read`);
    checkCoordinates(xs, `${where}: x`);
    checkCoordinates(ys, `${where}: y`);
  });
}

function checkCoordinates(values: readonly unknown[], name: string): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value !== "number") throw wrongType(`${name} of point ${i + 1}`, "a number", value);
    if (value < 0 || value > 255) {
      throw new Reject("coordinate out of range", `${name} of point ${i + 1} is ${value}, expected 0 to 255`);
    }
    if (value !== (value & 255)) {
      throw new Reject("coordinate not whole", `${name} of point ${i + 1} is ${value}, expected a whole number`);
    }
  }
}

/**
 * Packs a drawing into bytes as Google's binary files do: the number of strokes (uint16), then for each stroke the number
 * of points (uint16), all x (uint8) and all y (uint8); little-endian.
 *
 * @param drawing Whole coordinates, 0..255; this is not checked here.
 * @returns 2 bytes, and for each stroke 2 + 2 points.
 * @throws {RangeError} When there are more than 65,535 strokes, or points in one.
 *
 * @example
 * ```ts
 * import { encodeDrawing } from "@strokewise/strokewise";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(encodeDrawing([[[0, 255], [9, 7]]]), Uint8Array.of(1, 0, 2, 0, 0, 255, 9, 7));
 * ```
 */
export function encodeDrawing(drawing: Drawing): Uint8Array<ArrayBuffer> {
  const length = drawing.reduce((sum, [xs]) => sum + 2 + 2 * xs.length, 2);
  const bytes = new Uint8Array(length);
  let at = putUint16(bytes, 0, drawing.length);
  for (const [xs, ys] of drawing) {
    at = putUint16(bytes, at, xs.length);
    bytes.set(xs, at);
    bytes.set(ys, at + xs.length);
    at += 2 * xs.length;
  }
  return bytes;
}

function putUint16(bytes: Uint8Array, at: number, value: number): number {
  if (value > 0xffff) throw new RangeError(`cannot pack ${value} strokes or points: at most 65535`);
  bytes[at] = value & 255;
  bytes[at + 1] = value >> 8;
  return at + 2;
}

/**
 * Unpacks what {@linkcode encodeDrawing} packed.
 *
 * @param bytes As {@linkcode encodeDrawing} made them; this is not checked.
 * @returns The strokes, each `[xs, ys]`; the coordinates are views of `bytes`.
 *
 * @example
 * ```ts
 * import { decodeDrawing } from "@strokewise/strokewise";
 * import { assertEquals } from "@std/assert";
 *
 * const drawing = decodeDrawing(Uint8Array.of(1, 0, 2, 0, 0, 255, 9, 7));
 * assertEquals(drawing, [[Uint8Array.of(0, 255), Uint8Array.of(9, 7)]]);
 * ```
 */
export function decodeDrawing(bytes: Uint8Array<ArrayBuffer>): [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>][] {
  const drawing: [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>][] = [];
  const strokes = bytes[0] | (bytes[1] << 8);
  let at = 2;
  for (let i = 0; i < strokes; i++) {
    const points = bytes[at] | (bytes[at + 1] << 8);
    const xs = bytes.subarray(at + 2, at + 2 + points);
    const ys = bytes.subarray(at + 2 + points, at + 2 + 2 * points);
    drawing.push([xs, ys]);
    at += 2 + 2 * points;
  }
  return drawing;
}
