/** Models with weights as training leaves them, what is given to them, and what they say of it by themselves. */
import * as tf from "@tensorflow/tfjs-core";
import { startBackend } from "../../../models/backends/backend.ts";
import type { Model } from "../../../models/model.ts";
import type { Network } from "../../../models/network.ts";
import { MODELS } from "../../../models/zoo/registry.ts";
import type { OptionValue } from "../../../pipelines/base/option_table.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import type { Batch } from "../../../pipelines/dataset.ts";

/** A model that is to be written, and why it may not be as tfjs's layers. */
export interface ModelCase {
  readonly model: string;
  readonly options?: Readonly<Record<string, OptionValue>>;
  /** The shape of its images, where it reads such. */
  readonly image?: readonly number[];
  /** What is said where tfjs has no layers for it. */
  readonly notTfjs?: string;
}

/** Every model with a graph, every kind of layer, odd sides, colours, even filters. */
export const CASES: readonly ModelCase[] = [
  { model: "cnn-lstm", options: { channels: [3, 4] } },
  { model: "cnn", options: { channels: [3, 4] } },
  { model: "cnn", options: { channels: [3, 4, 5], input: "image" }, image: [28, 31] },
  { model: "cnn", options: { channels: [3, 4], input: "image" }, image: [17, 15, 3] },
  { model: "mnist-lstm", options: { layers: 2 } },
  { model: "mnist-lstm", options: { bidirectional: false, layers: 2 } },
  { model: "mnist-lstm", options: { input: "pixels" }, image: [9, 9] },
  {
    ...{ model: "mnist-lstm", options: { input: "pixels", permutation: 3 }, image: [9, 9] },
    notTfjs: "no layer that reads pixels in an order of their own",
  },
  { model: "mnist-lstm", options: { cell: "gru", layers: 2 }, image: [9, 9], notTfjs: "tfjs's GRU" },
  { model: "cae" },
  { model: "cae", options: { kernelSize: 4 }, image: [30, 30, 3] },
  { model: "cae", options: { activation: "relu" }, image: [29, 29, 3] },
  { model: "vae", options: { scale: "pixel" } },
  { model: "vae", options: { kernelSize: 5 }, image: [16, 16, 3] },
  { model: "gan", notTfjs: "no layer that normalizes a pixel's channels" },
  { model: "gan", options: { generatorNorm: "batch", spectralNorm: "both" }, image: [32, 32, 3] },
  { model: "gan", options: { generatorNorm: "none", architecture: "report" }, image: [32, 32, 3] },
  { model: "gan", options: { generatorNorm: "batch", architecture: "report" }, image: [32, 32, 3] },
  { model: "draw", notTfjs: "no layer that gives the same numbers for every example" },
  {
    model: "draw",
    options: { writeAttention: 0 },
    image: [20, 20, 3],
    notTfjs: "no layer that gives the same numbers",
  },
  { model: "draw", options: { writeAttention: 1, steps: 5 }, image: [20, 20, 3], notTfjs: "no layer that gives" },
];

/** The name of a case. */
export const nameOf = ({ model, options = {}, image = [28, 28] }: ModelCase): string =>
  [model, ...Object.entries(options).map(([name, value]) => `${name} ${value}`), `[${image}]`].join(", ");

/** Strokes of drawings at most. */
const STROKES = 5;

/** Builds a tiny model on the wasm backend; its weights are not what they begin with. */
export async function builtModel({ model: name, options, image = [28, 28] }: ModelCase): Promise<Model> {
  await startBackend("wasm");
  const data = {
    fields: {
      stroke_index: { dtype: "uint8", shape: [16, 16], max: STROKES },
      stroke_count: { dtype: "uint8", shape: [], max: STROKES },
      image: { dtype: "uint8", shape: image },
      stroke3: { dtype: "int16", shape: [-1, 3] },
      label: { dtype: "uint8", shape: [] },
    },
    classes: ["a", "b", "c"],
    statistics: { offsetDeviation: 3 },
  } as const;
  const model = MODELS[name].build({ ...MODELS[name].tiny, ...options }, data, new Prng(1));
  const prng = new Prng(5);
  for (const variable of Object.values(model.variables)) {
    const moved = Float32Array.from(await variable.data(), (value) => value + 0.1 * (prng.uniform() - 0.5));
    tf.tidy(() => variable.assign(tf.tensor(moved, variable.shape)));
  }
  return model;
}

/** What is given to a network, by the names of its inputs. */
export type Given = Readonly<Record<string, Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer>>>;

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

/**
 * Random inputs of a network for a batch. Of drawings each has one stroke more than the one before, from none to more than
 * the model sees.
 */
export function inputsFor({ inputs }: Network, batch: number, prng: Prng): Given {
  return Object.fromEntries(inputs.map(({ name, dtype, shape }) => {
    const length = batch * sizeOf(shape);
    if (name === "stroke_count") return [name, Uint8Array.from({ length }, (_, b) => b % (STROKES + 2))];
    if (dtype === "float32") return [name, Float32Array.from({ length }, () => 4 * prng.uniform() - 2)];
    if (name === "image") return [name, Uint8Array.from({ length }, () => 256 * prng.uniform())];
    const each = sizeOf(shape); // cells of a map hold strokes that the drawing has
    return [name, Uint8Array.from({ length }, (_, i) => prng.uniform() * (Math.floor(i / each) % (STROKES + 2) + 1))];
  }));
}

type Answer = (model: Model, given: Given, batch: Batch) => Promise<Record<string, ArrayLike<number>>>;

const pass = (seed: number) => ({ prng: new Prng(seed), training: undefined, firstExample: 0 });

/** The values of a tensor, which is freed. */
async function take(tensor: tf.Tensor): Promise<Float32Array> {
  const values = await tensor.data<"float32">();
  tensor.dispose();
  return values;
}

const drawn: Answer = async (model, given, { size }) => {
  const [latents] = Object.values(given);
  const [steps, width] = model.images!.latentShape;
  const all = tf.tidy(() => {
    const perStep = tf.transpose(tf.tensor3d(latents as Float32Array, [size, steps, width]), [1, 0, 2]); // [T, N, Z]
    const { canvases } = model.images!.draw(perStep as tf.Tensor3D);
    return tf.transpose(tf.sigmoid(canvases), [1, 0, 2, 3, 4]); // [N, T, S, S, C]
  });
  const canvases = await take(all);
  const each = canvases.length / size;
  const last = Array.from(
    { length: size },
    (_, n) => [...canvases.subarray((n + 1) * each - each / steps, (n + 1) * each)],
  );
  return { image: last.flat(), ...steps > 1 ? { canvases } : {} };
};

const encoded = (name: string): Answer => async (model, _, batch) => {
  const { latents, images } = model.images!.reconstruct!(batch, pass(1), { spread: 0 });
  tf.dispose(images);
  return { [name]: await take(latents) };
};

/** What a part's outputs are by the model itself; not every one of them is told. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  "classifier": async (model, _, batch) => ({ probabilities: (await take(model.classify!(batch))).map(Math.exp) }),
  "cae encoder": encoded("code"),
  "vae encoder": encoded("mean"),
  "decoder": drawn,
  "generator": drawn,
};

/** What a part of a model says of inputs, by itself. */
export async function ownAnswers(
  { model: name }: ModelCase,
  { model, part, given, size }: {
    readonly model: Model;
    readonly part: string;
    readonly given: Given;
    readonly size: number;
  },
): Promise<Record<string, ArrayLike<number>>> {
  const answer = ANSWERS[`${name} ${part}`] ?? ANSWERS[part];
  return await answer(model, given, { size, fields: { ...given, label: new Uint8Array(size) } });
}

/** The largest difference of two lists; infinite where they are not as long, or a number is none. */
export function worstOf(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length || found.length === 0) return Infinity;
  const distances = Array.from(found, (value, i) => Math.abs(value - expected[i]));
  return distances.some(Number.isNaN) ? Infinity : distances.reduce((most, distance) => Math.max(most, distance), 0);
}
