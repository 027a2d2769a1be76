/**
 * Google's trained decoders, as sketch-rnn-js and magenta-js read them: weights of an unconditional Sketch-RNN. Browser
 * safe.
 *
 * A file is JSON, `[info, shapes, weights]`: what the model is, the shape of each tensor, and its numbers as base64 of
 * little-endian int16, each 10 / 32767 of a unit. The tensors of a decoder (`mode` 2) are the output's weights [D, 3 + 6M]
 * and bias, and the LSTM's kernel [5, 4D], recurrent kernel [D, 4D] and bias [4D]; its gates are in the order i, g, f, o
 * (Google's i, j, f, o), and 1 is to be added to the forget gate's bias, which is part of it here.
 *
 * Format: https://github.com/magenta/magenta-demos/tree/main/sketch-rnn-js.
 *
 * @module
 */
import { InputError } from "../../../pipelines/base/errors.ts";
import { defaultsOf } from "../../../pipelines/base/option_table.ts";
import type { Checkpoint, NamedArray } from "../../checkpoint.ts";
import type { TrainedState } from "../trained_model.ts";
import { SKETCH_RNN_OPTIONS, type SketchRnnOptions } from "./sketch_rnn_options.ts";

/** What a file says of its model. */
export interface GoogleInfo {
  /** 2 is a decoder alone. */
  readonly mode: number;
  readonly version?: number;
  /** N_max. */
  readonly max_seq_len: number;
  /** The class of its drawings. */
  readonly name: string;
  /** What offsets were divided by. */
  readonly scale_factor: number;
}

/** The tensors of a file in their order, by the names of the variables here. */
const ORDER = ["output/weights", "output/bias", "decoder/kernel", "decoder/recurrentKernel", "decoder/bias"] as const;
/** A unit of the numbers. */
const UNIT = 10 / 32767;
/** Where each gate stands in Google's order i, g, f, o: gate k here is the k-th of these there, and the other way round. */
const GATES = [0, 2, 1, 3] as const;
const FORGET_BIAS = 1;

/** Whether a text begins as such a file does. */
export function isGoogleDecoder(text: string): boolean {
  return /^\s*\[\s*\{[^}]*"mode"[^}]*\}\s*,\s*\[/.test(text);
}

/**
 * Reads a file as the checkpoint of an unconditional Sketch-RNN.
 *
 * @param text The whole file.
 * @param path Names it in messages.
 * @returns For `buildTrained(sketchRnn, …)`; `statistics.offsetDeviation` is the file's scale factor.
 * @throws {InputError} When it is not such a file, or of a model with an encoder.
 *
 * @example
 * ```ts
 * import { InputError } from "@strokewise/strokewise";
 * import { decodeGoogleDecoder } from "@strokewise/strokewise/models";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => decodeGoogleDecoder("[{}, [], []]", "cat.gen.json"), InputError, "cat.gen.json: no name");
 * ```
 */
export function decodeGoogleDecoder(text: string, path: string): Checkpoint<TrainedState> {
  const refuse = (why: string) => new InputError(`${path}: ${why}; expected a decoder of sketch-rnn-js`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw refuse(`not JSON (${(error as Error).message})`);
  }
  const [info, shapes, weights] = Array.isArray(parsed) ? parsed : [];
  checkInfo(info, refuse);
  if (info.mode !== 2) throw refuse(`mode ${info.mode}, a model with an encoder or of another kind`);
  const tensors: Record<string, NamedArray> = {};
  for (const [i, name] of ORDER.entries()) tensors[`model/${name}`] = tensorOf(shapes?.[i], weights?.[i], name, refuse);
  const units = tensors["model/decoder/recurrentKernel"].shape[0];
  const outputs = tensors["model/output/bias"].shape[0];
  const numMixtures = (outputs - 3) / 6;
  const expected = [[units, outputs], [outputs], [5, 4 * units], [units, 4 * units], [4 * units]];
  ORDER.forEach((name, i) => {
    const { shape } = tensors[`model/${name}`];
    if (shape.join() !== expected[i].join()) throw refuse(`${name} is [${shape}], expected [${expected[i]}]`);
  });
  if (!Number.isInteger(numMixtures) || numMixtures < 1) throw refuse(`${outputs} outputs, expected 3 + 6 M`);
  for (const name of ["kernel", "recurrentKernel", "bias"]) regate(tensors[`model/decoder/${name}`], units);
  shiftForgetBias(tensors["model/decoder/bias"], units, FORGET_BIAS);
  const modelOptions = {
    ...defaultsOf(SKETCH_RNN_OPTIONS),
    ...{ conditional: false, decoderUnits: units, numMixtures, maxLength: info.max_seq_len },
  };
  return { tensors, state: { settings: { model: { name: "sketch-rnn" }, modelOptions, seed: 0 }, data: dataOf(info) } };
}

/** What such a model learnt from. */
function dataOf({ name, scale_factor }: GoogleInfo): TrainedState["data"] {
  return {
    classes: [name],
    fields: { stroke3: { dtype: "int16", shape: [-1, 3] }, label: { dtype: "uint16", shape: [] } },
    statistics: { offsetDeviation: scale_factor },
  };
}

/**
 * Writes the checkpoint of an unconditional Sketch-RNN as sketch-rnn-js and magenta-js read it. Numbers are rounded to
 * 1 / 3,277, and cut to 10 either way.
 *
 * @returns The file's text, and how many numbers were cut.
 * @throws {InputError} When it is of another model, or has what such a file has no room for.
 *
 * @example
 * ```ts
 * import { InputError } from "@strokewise/strokewise";
 * import { encodeGoogleDecoder } from "@strokewise/strokewise/models";
 * import { assertThrows } from "@std/assert";
 *
 * const settings = { model: { name: "draw" }, modelOptions: {}, seed: 0 };
 * const state = { settings, data: { classes: ["cat"], fields: {} } };
 * assertThrows(() => encodeGoogleDecoder({ tensors: {}, state }), InputError, "the model is draw");
 * ```
 */
export function encodeGoogleDecoder(
  { tensors, state: { settings, data } }: Checkpoint<TrainedState>,
): { readonly text: string; readonly cut: number } {
  const refuse = (why: string) => new InputError(`cannot write a decoder for sketch-rnn-js: ${why}`);
  if (settings.model.name !== "sketch-rnn") throw refuse(`the model is ${settings.model.name}, expected sketch-rnn`);
  const { conditional, classCondition, decoderCell, decoderUnits, maxLength } = settings
    .modelOptions as SketchRnnOptions;
  if (conditional) throw refuse("the model is conditional; one of --model.conditional false has a decoder alone");
  if (classCondition) throw refuse("its decoder is told classes");
  if (decoderCell !== "lstm") throw refuse(`its cell is ${decoderCell}, expected lstm`);
  const scale_factor = data.statistics?.offsetDeviation ?? 1;
  const info: GoogleInfo = { mode: 2, version: 6, max_seq_len: maxLength, name: data.classes.join(" "), scale_factor };
  let cut = 0;
  const arrays = ORDER.map((name): NamedArray => {
    const { shape, data } = tensors[`model/${name}`] ?? {};
    if (data === undefined) throw refuse(`it lacks ${name}`);
    const copy = { shape, data: data.slice() };
    if (name.startsWith("decoder/")) regate(copy, decoderUnits);
    if (name === "decoder/bias") shiftForgetBias(copy, decoderUnits, -FORGET_BIAS, 2);
    return copy;
  });
  const strings = arrays.map(({ data }) => {
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
  return { text: JSON.stringify([info, arrays.map(({ shape }) => shape), strings]), cut };
}

function checkInfo(info: unknown, refuse: (why: string) => InputError): asserts info is GoogleInfo {
  const { name, max_seq_len, scale_factor } = (info ?? {}) as Partial<GoogleInfo>;
  if (typeof name !== "string") throw refuse("no name");
  if (!Number.isInteger(max_seq_len) || max_seq_len! < 1) throw refuse(`max_seq_len is ${max_seq_len}`);
  if (typeof scale_factor !== "number" || !(scale_factor > 0)) throw refuse(`scale_factor is ${scale_factor}`);
}

function tensorOf(
  shape: unknown,
  text: unknown,
  name: string,
  refuse: (why: string) => InputError,
): NamedArray {
  const isShape = Array.isArray(shape) && shape.every((length) => Number.isSafeInteger(length) && length > 0);
  if (!isShape || typeof text !== "string") throw refuse(`${name} is missing`);
  let bytes;
  try {
    bytes = Uint8Array.fromBase64(text);
  } catch (error) {
    throw refuse(`${name} is not base64 (${(error as Error).message})`);
  }
  const count = shape.reduce((product, length) => product * length, 1);
  if (bytes.length !== 2 * count) throw refuse(`${name} has ${bytes.length} bytes, expected ${2 * count}`);
  const view = new DataView(bytes.buffer);
  return { shape, data: Float32Array.from({ length: count }, (_, i) => UNIT * view.getInt16(2 * i, true)) };
}

/** Changes between Google's order of the gates and ours, columns of [rows, 4D], in place. */
function regate({ data }: NamedArray, units: number): void {
  for (let row = 0; row < data.length; row += 4 * units) {
    const before = data.slice(row, row + 4 * units);
    GATES.forEach((from, k) => data.set(before.subarray(from * units, (from + 1) * units), row + k * units));
  }
}

/** Adds to the bias of the forget gate, which stands at 1 here and at 2 there. */
function shiftForgetBias({ data }: NamedArray, units: number, shift: number, gate = 1): void {
  for (let i = gate * units; i < (gate + 1) * units; i++) data[i] += shift;
}
