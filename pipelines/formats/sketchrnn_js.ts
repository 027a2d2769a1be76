/**
 * The files of sketch-rnn-js and magenta-js: the weights of a trained Sketch-RNN. Browser safe.
 *
 * A file is JSON, `[info, shapes, weights]`: what the model is, the shape of each tensor, and its numbers as base64 of
 * little-endian int16, each 10 / 32767 of a unit. The tensors of a decoder alone (`mode` 2) are the output's weights
 * [D, 3 + 6M] and bias, and the LSTM's kernel [5, 4D], recurrent kernel [D, 4D] and bias [4D].
 *
 * Format: https://github.com/magenta/magenta-demos/tree/main/sketch-rnn-js.
 *
 * @module
 */
import { elementCount, type NdArray } from "../base/arrays.ts";
import { foundValue } from "../base/option_table.ts";

/** What a file says of its model. */
export interface SketchRnnJsInfo {
  /** 2 is a decoder alone. */
  readonly mode: number;
  /** Of the file. */
  readonly version?: number;
  /** N_max, the most points of a drawing. */
  readonly max_seq_len: number;
  /** The class of its drawings. */
  readonly name: string;
  /** What offsets were divided by. */
  readonly scale_factor: number;
}

/** A file. */
export interface SketchRnnJs {
  /** What it says of its model. */
  readonly info: SketchRnnJsInfo;
  /** The tensors of a decoder by {@linkcode DECODER_TENSORS}, in order; of another model `tensor 1` and so on. */
  readonly tensors: Readonly<Record<string, NdArray<"float32">>>;
}

/** The tensors of a decoder, in a file's order. */
export const DECODER_TENSORS = ["output_w", "output_b", "W_xh", "W_hh", "bias"] as const;

/** A unit of the numbers. */
const UNIT = 10 / 32767;

/** Whether a text begins as such a file does. */
export function isSketchRnnJs(text: string): boolean {
  return /^\s*\[\s*\{[^}]*"mode"\s*:[^}]*\}\s*,\s*\[\s*\[/.test(text);
}

/**
 * Reads a file.
 *
 * @param text The whole of it.
 * @throws {SyntaxError} When it is not JSON, or its numbers are not base64.
 * @throws {TypeError} When it is not `[info, shapes, weights]`, or says less of the model than there must be.
 * @throws {RangeError} When a tensor has not as many numbers as its shape says, or there are more tensors than are read.
 *
 * @example
 * ```ts
 * import { decodeSketchRnnJs, encodeSketchRnnJs } from "@strokewise/strokewise/formats";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * const info = { mode: 0, max_seq_len: 9, name: "cat", scale_factor: 30 };
 * const tensor = { dtype: "float32", shape: [2], data: Float32Array.of(0.5, -20) } as const;
 * const { text, cut } = encodeSketchRnnJs({ info, tensors: { a: tensor } });
 * const [half, ten] = decodeSketchRnnJs(text).tensors["tensor 1"].data;
 * assertAlmostEquals(half, 0.5, 2e-4);
 * assertEquals([ten, cut], [-10, 1]);
 * ```
 */
export function decodeSketchRnnJs(text: string): SketchRnnJs {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(`not JSON: ${(error as Error).message}`);
  }
  const [info, shapes, weights] = Array.isArray(parsed) ? parsed : [];
  checkInfo(info);
  if (!Array.isArray(shapes) || !Array.isArray(weights)) throw new TypeError("expected [info, shapes, weights]");
  const names = info.mode === 2 ? DECODER_TENSORS : shapes.map((_, i) => `tensor ${i + 1}`);
  const count = Math.max(shapes.length, weights.length);
  if (count > names.length) throw new RangeError(`${count} tensors, expected ${names.length}`);
  const tensors = names.map((name, i) => [name, tensorOf(shapes[i], weights[i], name)]);
  return { info, tensors: Object.fromEntries(tensors) };
}

/**
 * Writes a file; numbers are rounded to 1 / 3,277, and cut to 10 either way.
 *
 * @returns Its text, and how many numbers were cut.
 * @throws {RangeError} When a tensor holds NaN, for which such a file has no number.
 */
export function encodeSketchRnnJs({ info, tensors }: SketchRnnJs): { readonly text: string; readonly cut: number } {
  let cut = 0;
  const strings = Object.entries(tensors).map(([name, { data }]) => {
    if (data.some(Number.isNaN)) throw new RangeError(`cannot write ${name} for sketch-rnn-js: it holds NaN`);
    const bytes = new Uint8Array(2 * data.length);
    const view = new DataView(bytes.buffer);
    data.forEach((value, i) => {
      const rounded = Math.round(value / UNIT);
      const kept = Math.min(32767, Math.max(-32767, rounded));
      if (kept !== rounded) cut++;
      view.setInt16(2 * i, kept, true);
    });
    return bytes.toBase64();
  });
  return { text: JSON.stringify([info, Object.values(tensors).map(({ shape }) => shape), strings]), cut };
}

function checkInfo(info: unknown): asserts info is SketchRnnJsInfo {
  const { mode, name, max_seq_len, scale_factor } = (info ?? {}) as Partial<SketchRnnJsInfo>;
  const refuse = (what: string, value: unknown) => {
    throw new TypeError(`${what} is ${foundValue(value)}`);
  };
  if (typeof mode !== "number") refuse("mode", mode);
  if (typeof name !== "string") refuse("name", name);
  if (!Number.isSafeInteger(max_seq_len) || max_seq_len! < 1) refuse("max_seq_len", max_seq_len);
  if (!Number.isFinite(scale_factor) || scale_factor! <= 0) refuse("scale_factor", scale_factor);
}

function tensorOf(shape: unknown, text: unknown, name: string): NdArray<"float32"> {
  if (!Array.isArray(shape) || typeof text !== "string") throw new TypeError(`${name} is missing`);
  const count = elementCount(shape);
  let bytes;
  try {
    bytes = Uint8Array.fromBase64(text);
  } catch (error) {
    throw new SyntaxError(`${name} is not base64: ${(error as Error).message}`);
  }
  if (bytes.length !== 2 * count) throw new RangeError(`${name} has ${bytes.length} bytes, expected ${2 * count}`);
  const view = new DataView(bytes.buffer);
  const data = Float32Array.from({ length: count }, (_, i) => UNIT * view.getInt16(2 * i, true));
  return { dtype: "float32", shape, data };
}
