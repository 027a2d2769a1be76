/**
 * What the browser's door computes: the same program here and in a page, to be compared number by number. Deno's and
 * Chromium's cos, sin, log and exp differ in the last bit of one result in ten to thirty; coordinates rounded to whole
 * numbers and values rounded to float32 hide it, so only such are compared where these functions have a part.
 */
import * as tf from "@tensorflow/tfjs-core";
import * as door from "../models/browser.ts";
import { describeDrawings } from "../tasks/bench/random_drawings.ts";
import { randomBatch } from "./random_batch.ts";

const { Prng } = door;

/** Drawings of two strokes each, as a pointer would leave them: with fractions, not scaled. */
function pointedDrawings(): [number[], number[]][][] {
  const prng = new Prng(3);
  return Array.from({ length: 5 }, () =>
    Array.from({ length: 2 }, () => {
      let [x, y] = [600 * prng.uniform(), 600 * prng.uniform()];
      const points = Array.from({ length: 40 }, () => [x += 30 * prng.uniform() - 15, y += 30 * prng.uniform() - 15]);
      return [points.map(([x]) => x), points.map(([, y]) => y)];
    }));
}

function drawings(): Record<string, number[]> {
  const found: Record<string, number[]> = {};
  const vectorizer = new door.Vectorizer({ width: 28, height: 28 });
  pointedDrawings().forEach((pointed, i) => {
    const drawing = door.simplifyRaw(pointed);
    const turned = door.augment(drawing, { flip: 0.5, rotate: 15, scale: [0.8, 1], shift: 0.1 }, new Prng(i));
    const { map, count } = door.rasterize(turned);
    Object.assign(found, {
      [`drawing ${i}, simplified`]: drawing.flat(2),
      [`drawing ${i}, resampled`]: door.resample(pointed[0], 1.5).flat(),
      [`drawing ${i}, augmented`]: turned.flat(2),
      [`drawing ${i}, rasterized`]: [count, ...map, ...door.expandFrames(map, count, new Uint8Array(8 * 64 * 64))],
      [`drawing ${i}, rendered`]: [...door.renderBitmap(drawing), ...door.renderFrames(drawing)],
      [`drawing ${i}, stroke-3`]: [...door.toStroke3(drawing), ...door.fromStroke3(door.toStroke3(drawing)).flat(2)],
      [`drawing ${i}, packed`]: [...door.encodeDrawing(drawing)],
      [`drawing ${i}, as a PNG`]: [...door.encodePng(door.paintDrawing(map))],
      [`drawing ${i}, from a PNG`]: [...door.decodePicture(door.encodePng(door.paintDrawing(map))).data],
      [`drawing ${i}, vectorized`]: vectorizer.vectorize(door.renderBitmap(drawing)).flat(2),
    });
  });
  return found;
}

/** A model's loss of a batch, its gradients, and its variables after a step along them. */
async function trained(name: string): Promise<Record<string, number[]>> {
  const spec = door.MODELS[name];
  const batch = randomBatch(spec.fields, { size: 6, side: 16, frames: 4, classes: 3 }, new Prng(4));
  const model = spec.build(spec.tiny, describeDrawings({ side: 16, frames: 4, classes: 3 }), new Prng(1));
  const pass = door.differentiate(model, model.objectives[0], { batch, prng: new Prng(2) });
  const optimizer = door.adam({ learningRate: 0.02 });
  const clipped = door.clipByGlobalNorm(pass.gradients, 5);
  optimizer.apply(model.variables, pass.gradients, clipped.scale);
  const found: Record<string, number[]> = { [`${name}, loss`]: [...await pass.loss.data()] };
  for (const [variable, gradient] of Object.entries(pass.gradients)) {
    found[`${name}, gradient of ${variable}`] = [...await gradient.data()];
    found[`${name}, new ${variable}`] = [...await model.variables[variable].data()];
  }
  tf.dispose([pass, clipped]);
  optimizer.dispose();
  model.dispose();
  return found;
}

/** What a model of full size makes of a batch: a classifier its log-probabilities, another its loss. */
async function forward(name: string): Promise<Record<string, number[]>> {
  const spec = door.MODELS[name];
  const side = spec.fields.includes("stroke_index") ? 64 : 28;
  const batch = randomBatch(spec.fields, { size: 2, side, frames: 8, classes: 3 }, new Prng(5));
  const model = spec.build({}, describeDrawings({ side, frames: 8, classes: 3 }), new Prng(1));
  const result = tf.tidy(() =>
    model.classify?.(batch) ??
      model.objectives[0].loss(batch, { prng: new Prng(2), training: undefined, firstExample: 0 }).loss
  );
  const values = [...await result.data()];
  result.dispose();
  model.dispose();
  return { [`${name}, forward`]: values };
}

/** What a model of full size that draws images makes of latents: two pictures, in all of its steps. */
async function drawn(name: string): Promise<Record<string, number[]>> {
  const spec = door.MODELS[name];
  const model = spec.build({}, describeDrawings({ side: 28, frames: 8, classes: 3 }), new Prng(1));
  const { images } = model;
  const found: Record<string, number[]> = {};
  if (images) {
    const [steps, size] = images.latentShape;
    const prng = new Prng(6);
    const latents = tf.tensor3d(Float32Array.from({ length: steps * 2 * size }, () => 2 * prng.uniform() - 1), [
      ...[steps, 2, size] as const,
    ]);
    const pictures = images.draw(latents);
    found[`${name}, drawn`] = [...await pictures.canvases.data()];
    tf.dispose([latents, pictures]);
  }
  model.dispose();
  return found;
}

/** Results as JSON, in which -0 is not 0. */
export function toJson(found: Record<string, number[]>): string {
  return JSON.stringify(found, (_name, value) => Object.is(value, -0) ? "-0" : value);
}

/**
 * Everything that is compared, by name.
 *
 * @param bytes A checkpoint with a `TrainedState`; its model is a classifier.
 * @param options How the wasm backend is started.
 */
export async function results(
  bytes: Uint8Array<ArrayBuffer>,
  options: door.BackendOptions,
): Promise<Record<string, number[]>> {
  await door.startBackend("wasm", options);
  const before = tf.memory().numTensors;
  const { tensors, state } = await door.decodeCheckpoint<door.TrainedState>(bytes, "checkpoint");
  const model = door.buildTrained(door.cnnLstm, { tensors, state }, "checkpoint");
  const { fields } = door.cnnLstm;
  const classifier = door.drawingClassifier(model, { fields, data: state.data });
  const guesses = await classifier.classify(door.simplifyRaw(pointedDrawings()[0]));
  const found: Record<string, number[]> = {
    ...drawings(),
    ...Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [`checkpoint, ${name}`, [...data]])),
    // exp differs in the last bits of a double: float32 hides it.
    ...Object.fromEntries(guesses.map(({ name, probability }) => [`guess ${name}`, [Math.fround(probability)]])),
  };
  classifier[Symbol.dispose]();
  for (const name of Object.keys(door.MODELS)) {
    Object.assign(found, await trained(name), await forward(name), await drawn(name));
  }
  return { ...found, "tensors left behind": [tf.memory().numTensors - before] };
}
