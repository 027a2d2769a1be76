/**
 * Runs to the files of sketch-rnn-js and back.
 *
 * @module
 */
import type { Checkpoint } from "../../models/checkpoint.ts";
import { decodeGoogleDecoder, encodeGoogleDecoder } from "../../models/zoo/sketch_rnn/google_decoder.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { checkFree, makeOutput, writeAll } from "../../pipelines/base/files.ts";
import { defaultsOf } from "../../pipelines/base/option_table.ts";
import { AUGMENT_OPTIONS } from "../../pipelines/strokes/augment.ts";
import { checkpointPath, checkRunFolder, claimNewRun, loadRunCheckpoint, saveCheckpoint } from "./run_directory.ts";
import type { RunState } from "./run_state.ts";
import { LOOP_OPTIONS } from "./settings.ts";

/** What was written. */
export interface ConvertedModel {
  /** What was read. */
  readonly from: string;
  /** Numbers that did not fit and were cut. */
  readonly cut: number;
}

/**
 * Writes the decoder of a run as sketch-rnn-js and magenta-js read it.
 *
 * @param source A run's folder, whose best weights are meant, or the path of a checkpoint.
 * @param output The file to be made; one that is there is replaced where `overwrite` says so.
 * @throws {InputError} When the run is no unconditional Sketch-RNN, or the file is there.
 */
export async function writeDecoderFile(
  source: string,
  { output, overwrite }: { readonly output: string; readonly overwrite: boolean },
): Promise<ConvertedModel> {
  if (!overwrite) await checkFree(output);
  const path = source.endsWith(".safetensors") ? source : (await checkpointPath(source, "best")).path;
  const { text, cut } = encodeGoogleDecoder(await loadRunCheckpoint(path));
  await makeOutput({ path: output, overwrite }, (file) => writeAll(file, new TextEncoder().encode(text)));
  return { from: path, cut };
}

/**
 * Makes a run of a file of sketch-rnn-js: one that can be sampled from, judged on data, and begun with.
 *
 * @param source The file.
 * @param output The run's folder, to be made.
 * @param deviation What offsets are divided by: that of the data that it is for; the file's own when left out.
 * @throws {InputError} When it is no file of a decoder, or the folder is taken.
 */
export async function runOfDecoderFile(
  source: string,
  { output, deviation }: { readonly output: string; readonly deviation?: number },
): Promise<ConvertedModel> {
  await checkRunFolder(output);
  let text;
  try {
    text = await Deno.readTextFile(source);
  } catch (error) {
    throw new InputError(`${source}: ${(error as Error).message}`);
  }
  const { tensors, state: { settings, data } } = decodeGoogleDecoder(text, source);
  const state: RunState = {
    settings: {
      ...{ ...settings, data: "", folder: output, from: "", workers: 1, loop: defaultsOf(LOOP_OPTIONS) },
      ...{ augmentation: { name: "affine" }, augment: defaultsOf(AUGMENT_OPTIONS) },
    },
    data: {
      ...data,
      ...deviation ? { statistics: { offsetDeviation: deviation } } : {},
      dataset: "quickdraw",
      identity: "",
    },
    backend: "wasm",
    position: { step: 0, epoch: 0, seen: 0, prng: [0, 0, 0, 1], best: 0, sinceBest: 0, seconds: 0 },
  };
  const checkpoint: Checkpoint<RunState> = { tensors, state };
  using _claim = await claimNewRun(output);
  await saveCheckpoint(`${output}/best.safetensors`, checkpoint);
  return { from: source, cut: 0 };
}
