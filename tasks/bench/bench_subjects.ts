/**
 * The models whose training step is timed, each with its batch and the same work for PyTorch.
 *
 * @module
 */
import type { ModelSpec } from "../../models/model_spec.ts";
import type { Batch, DataDescription } from "../../pipelines/dataset.ts";
import type { NdArray } from "../../pipelines/base/arrays.ts";
import { readBatches } from "../../pipelines/batches/batch.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import { readShardIndex } from "../../pipelines/shards/shard_reader.ts";
import { expandFrames } from "../../pipelines/strokes/rasterize.ts";
import type { PeerJob } from "./bench_peers.ts";
import { imageSubjects } from "./bench_images.ts";
import { sketchRnnSubjects } from "./bench_sketch_rnn.ts";
import { sumSubjects } from "./bench_sums.ts";
import type { Drawings, Subject } from "./subject.ts";
import { defaultsOf } from "../../pipelines/base/option_table.ts";
import { mnist } from "../../pipelines/datasets/mnist.ts";
import { mnistLstm } from "../../models/zoo/mnist_lstm/mnist_lstm.ts";
import { draw } from "../../models/zoo/draw/draw.ts";
import { cnn, cnnLstm } from "../../models/zoo/stroke_classifier/stroke_classifier.ts";
import { prepare } from "../../pipelines/prepare/prepare.ts";
import { QUICKSTART } from "../reproduce/experiments/quickstart.ts";
import { preparationOf } from "../reproduce/experiment.ts";

/** A folder of shards that is named, or one of the embedded drawings, which lasts until it is disposed. */
export async function drawingShards(named: string | undefined): Promise<AsyncDisposable & { readonly folder: string }> {
  if (named !== undefined) return { folder: named, [Symbol.asyncDispose]: () => Promise.resolve() };
  const temporary = await Deno.makeTempDir({ prefix: "strokewise-bench-" });
  const folder = `${temporary}/shards`;
  await prepare(preparationOf(QUICKSTART, folder));
  return { folder, [Symbol.asyncDispose]: () => Deno.remove(temporary, { recursive: true }) };
}

/** The training split of a folder of shards, shuffled. */
export async function preparedDrawings(folder: string): Promise<Drawings> {
  const data = await readShardIndex(folder);
  const lacking = ["stroke_index", "stroke_count"].find((name) => !Object.hasOwn(data.fields, name));
  if (lacking) {
    throw new InputError(
      `data ${folder}: no field ${lacking}; expected drawings, as prepare --dataset quickdraw makes them`,
    );
  }
  const fields = ["stroke_index", "stroke_count", "label", "stroke3"].filter((name) => name in data.fields);
  return {
    data,
    async batch(size) {
      for await (const batch of readBatches({ folder, split: "train", batchSize: size, fields, shuffleSeed: 1 })) {
        return batch;
      }
      throw new InputError(`data ${folder}: no batch of ${size} drawings`);
    },
  };
}

/** A classifier of drawings: blank frames spared, as here they are; and every frame computed. */
function sketches(model: ModelSpec, { data }: Drawings, { size, fields }: Batch): Subject[] {
  const { max, shape: [side] } = data.fields.stroke_index;
  const [frames, cells] = [max!, side * side];
  const dense = new Uint8Array(size * frames * cells); // [B, T, S, S]
  for (let b = 0; b < size; b++) {
    const map = (fields.stroke_index as Uint8Array).subarray(b * cells, (b + 1) * cells);
    expandFrames(map, frames, dense.subarray(b * frames * cells, (b + 1) * frames * cells));
  }
  return [false, true].map((whole) => {
    const stroke_count = whole ? new Uint8Array(size).fill(frames) : fields.stroke_count;
    const name = `${model.name}, batch ${size}${whole ? ", every frame" : ""}`;
    return {
      ...{ name, model, options: {}, data, whole, batch: { size, fields: { ...fields, stroke_count } } },
      peer: {
        ...{ name, model: model.name, classes: data.classes.length, options: { skip: !whole } },
        fields: {
          frames: { dtype: "uint8", shape: [size, frames, side, side], data: dense },
          stroke_count: { dtype: "uint8", shape: [size], data: Uint8Array.from(stroke_count, Number) },
          label: labels(fields),
        },
      },
    };
  });
}

const labels = ({ label }: Batch["fields"]): NdArray => (
  { dtype: "uint8", shape: [label.length], data: Uint8Array.from(label, Number) }
);

const DIGITS: DataDescription = { fields: mnist.fields(defaultsOf(mnist.options)), classes: [..."0123456789"] };

/** Pictures of random cells, [B, 28, 28]: what is in them changes no time. */
function randomDigits(size: number): { readonly batch: Batch; readonly fields: PeerJob["fields"] } {
  const prng = new Prng(3);
  const fields = {
    image: Uint8Array.from({ length: size * 784 }, () => prng.integer(256)),
    label: Uint8Array.from({ length: size }, () => prng.integer(10)),
  };
  const image: NdArray = { dtype: "uint8", shape: [size, 28, 28], data: fields.image };
  return { batch: { size, fields }, fields: { image, label: labels(fields) } };
}

function digits(input: "rows" | "pixels", size: number): Subject {
  const { batch, fields } = randomDigits(size);
  const name = `mnist-lstm, ${input}, T ${input === "rows" ? 28 : 784}, batch ${size}`;
  return {
    ...{ name, model: mnistLstm, options: { input }, data: DIGITS, batch, whole: true, long: input === "pixels" },
    peer: { name, model: "mnist-lstm", fields, classes: 10, options: { input } },
  };
}

/** DRAW over binary digits, with windows or without. */
function drawing(window: number, size: number): Subject {
  const { batch, fields } = randomDigits(size);
  const name = `draw, ${window > 0 ? `windows ${window}x${window}` : "no windows"}, T 10, batch ${size}`;
  return {
    ...{ name, model: draw, options: { readAttention: window, writeAttention: window }, data: DIGITS, batch },
    ...{ clipNorm: 5, whole: true },
    peer: { name, model: "draw", fields, classes: 10, options: { window, clipNorm: 5 } },
  };
}

/** The names of the models that are timed. */
export const TIMED_MODELS: readonly string[] = [
  ...["cnn-lstm", "cnn", "mnist-lstm", "draw", "sketch-rnn"],
  ...["seq2seq", "cae", "vae", "gan"],
];

/**
 * The models.
 *
 * @param drawings Where drawings come from.
 * @param size B of every batch; each model's usual one when left out.
 */
export async function subjects(drawings: Drawings, size?: number): Promise<Subject[]> {
  const batch = await drawings.batch(size ?? 32);
  return [
    ...[cnnLstm, cnn].flatMap((model) => sketches(model, drawings, batch)),
    ...[digits("rows", size ?? 64), digits("pixels", size ?? 64)],
    ...[drawing(5, size ?? 100), drawing(0, size ?? 100)],
    ...await sketchRnnSubjects(drawings, size),
    ...sumSubjects(size),
    ...imageSubjects(size),
  ];
}

/**
 * The models of the comparison on a graphics card: the classifier of drawings with a large batch too.
 *
 * @param size B of every batch; each model's usual one when left out, and a large one beside.
 */
export async function gpuSubjects(drawings: Drawings, size?: number): Promise<Subject[]> {
  const [usual, , , , ...others] = await subjects(drawings, size);
  const large = size === undefined ? [sketches(cnnLstm, drawings, await drawings.batch(256))[0]] : [];
  return [usual, ...large, ...others];
}
