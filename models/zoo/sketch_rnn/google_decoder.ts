/**
 * Google's trained decoders as checkpoints of an unconditional Sketch-RNN, and back. Their gates are in the order i, g, f,
 * o (Google's i, j, f, o), and 1 is to be added to the forget gate's bias, which is part of it here. Browser safe.
 *
 * @module
 */
import { InputError } from "../../../pipelines/base/errors.ts";
import { defaultsOf } from "../../../pipelines/base/option_table.ts";
import {
  DECODER_TENSORS,
  decodeSketchRnnJs,
  encodeSketchRnnJs,
  type SketchRnnJs,
} from "../../../pipelines/formats/sketchrnn_js.ts";
import { type Checkpoint, faultyNumber, type NamedArray } from "../../checkpoint.ts";
import { type TrainedState, usedWeights } from "../trained_model.ts";
import { SKETCH_RNN_OPTIONS, type SketchRnnOptions } from "./sketch_rnn_options.ts";

/** The variables of a decoder, in the order of {@linkcode DECODER_TENSORS}. */
const VARIABLES = [
  "output/weights",
  "output/bias",
  "decoder/kernel",
  "decoder/recurrentKernel",
  "decoder/bias",
] as const;
/** Gate k here is the k-th of these there, and the other way round. */
const GATES = [0, 2, 1, 3] as const;
const FORGET_BIAS = 1;

/**
 * Reads a file of sketch-rnn-js as the checkpoint of an unconditional Sketch-RNN.
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
 * const text = '[{"mode":0,"name":"cat","max_seq_len":9,"scale_factor":30},[],[]]';
 * assertThrows(() => decodeGoogleDecoder(text, "cat.vae.json"), InputError, "cat.vae.json: mode 0");
 * ```
 */
export function decodeGoogleDecoder(text: string, path: string): Checkpoint<TrainedState> {
  const { info, tensors: given } = decoded(text, path);
  const refuse = (why: string) => new InputError(`${path}: ${why}`);
  if (info.mode !== 2) {
    throw refuse(
      `mode ${info.mode}, a model with an encoder; a decoder alone, mode 2, can be read: such as the .gen.json beside it`,
    );
  }
  const tensors: Record<string, NamedArray> = {};
  VARIABLES.forEach((name, i) => tensors[`model/${name}`] = given[DECODER_TENSORS[i]]);
  const units = given.W_hh.shape[0];
  const outputs = given.output_b.shape[0];
  const numMixtures = (outputs - 3) / 6;
  if (!Number.isInteger(numMixtures) || numMixtures < 1) throw refuse(`${outputs} outputs, expected 3 + 6 M`);
  const expected = [[units, outputs], [outputs], [5, 4 * units], [units, 4 * units], [4 * units]];
  DECODER_TENSORS.forEach((name, i) => {
    const { shape } = given[name];
    if (shape.join() !== expected[i].join()) throw refuse(`${name} is [${shape}], expected [${expected[i]}]`);
  });
  for (const name of VARIABLES.slice(2)) regate(tensors[`model/${name}`], units);
  shiftGate(tensors["model/decoder/bias"], units, 1, FORGET_BIAS);
  const modelOptions = {
    ...defaultsOf(SKETCH_RNN_OPTIONS),
    ...{ conditional: false, decoderUnits: units, numMixtures, maxLength: info.max_seq_len },
  };
  const data: TrainedState["data"] = {
    classes: [info.name],
    fields: { stroke3: { dtype: "int16", shape: [-1, 3] }, label: { dtype: "uint16", shape: [] } },
    statistics: { offsetDeviation: info.scale_factor },
  };
  return { tensors, state: { settings: { model: { name: "sketch-rnn" }, modelOptions, seed: 0 }, data } };
}

function decoded(text: string, path: string): SketchRnnJs {
  try {
    return decodeSketchRnnJs(text);
  } catch (error) {
    throw new InputError(`${path}: ${(error as Error).message}; expected a model of sketch-rnn-js`);
  }
}

/**
 * Writes the checkpoint of an unconditional Sketch-RNN as sketch-rnn-js and magenta-js read it. Numbers are rounded to
 * 1 / 3,277, and cut to 10 either way.
 *
 * @param checkpoint Its weights are those by which the run was judged: their running mean, where it kept one.
 * @returns The file's text, and how many numbers were cut.
 * @throws {InputError} When it is of another model, has what such a file has no room for, or a weight that is not finite.
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
  const refuse = (why: string) => new InputError(`no decoder for sketch-rnn-js can be written: ${why}`);
  if (settings.model.name !== "sketch-rnn") throw refuse(`the model is ${settings.model.name}, expected sketch-rnn`);
  const options = settings.modelOptions as SketchRnnOptions;
  const { conditional, classCondition, decoderCell, decoderUnits, maxLength } = options;
  if (conditional) throw refuse("the model is conditional; one of --model.conditional false has a decoder alone");
  if (classCondition) throw refuse("its decoder is told classes");
  if (decoderCell !== "lstm") throw refuse(`its cell is ${decoderCell}, expected lstm`);
  const weights = usedWeights(tensors);
  const fault = faultyNumber(weights);
  if (fault !== undefined) throw refuse(`${fault}: it is of no use`);
  const arrays = VARIABLES.map((name, i) => {
    const { shape, data } = weights[`model/${name}`] ?? {};
    if (data === undefined) throw refuse(`it lacks ${name}`);
    const copy = { dtype: "float32", shape, data: data.slice() } as const;
    if (name === "decoder/bias") shiftGate(copy, decoderUnits, 1, -FORGET_BIAS);
    if (name.startsWith("decoder/")) regate(copy, decoderUnits);
    return [DECODER_TENSORS[i], copy] as const;
  });
  const scale_factor = data.statistics?.offsetDeviation ?? 1;
  const info = { mode: 2, version: 6, max_seq_len: maxLength, name: data.classes.join(" "), scale_factor };
  return encodeSketchRnnJs({ info, tensors: Object.fromEntries(arrays) });
}

/** Changes between Google's order of the gates and ours, columns of [rows, 4D], in place. */
function regate({ data }: NamedArray, units: number): void {
  for (let row = 0; row < data.length; row += 4 * units) {
    const before = data.slice(row, row + 4 * units);
    GATES.forEach((from, k) => data.set(before.subarray(from * units, (from + 1) * units), row + k * units));
  }
}

/** Adds to the bias of a gate, in our order. */
function shiftGate({ data }: NamedArray, units: number, gate: number, shift: number): void {
  for (let i = gate * units; i < (gate + 1) * units; i++) data[i] += shift;
}
