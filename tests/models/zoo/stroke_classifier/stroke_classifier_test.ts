import * as tf from "@tensorflow/tfjs-core";
import { assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import { differentiate } from "../../../../models/gradients/differentiate.ts";
import { composedConvReluPool } from "../../../../models/ops/conv_relu_pool.ts";
import { composedLstm } from "../../../../models/ops/lstm_composed.ts";
import { nll } from "../../../../models/losses.ts";
import type { Model } from "../../../../models/model.ts";
import { cnn, cnnLstm } from "../../../../models/zoo/stroke_classifier/stroke_classifier.ts";
import type { Batch } from "../../../../pipelines/dataset.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { assertNear, testAgainstCpu } from "../../backends.ts";
import { describeDrawings, randomDrawings } from "../../../../tasks/bench/random_drawings.ts";

const SIZE = { side: 12, frames: 4, classes: 3 };
const DATA = describeDrawings(SIZE);
const BATCH = randomDrawings({ size: 5, side: 12, frames: 4, classes: 3 }, new Prng(8));

/** The plain computation: every frame of every example is expanded and goes through everything. */
function plainLogProbs(model: Model, { size: batch, fields }: Batch, strokes = 99): tf.Tensor2D {
  const { side: size, frames } = SIZE;
  const v = model.variables;
  const pixels = new Float32Array(batch * frames * size * size);
  for (let i = 0; i < pixels.length; i++) {
    const cell = i % (size * size), t = Math.floor(i / (size * size)) % frames;
    const b = Math.floor(i / (size * size * frames));
    const first = Number(fields.stroke_index[b * size * size + cell]);
    pixels[i] = t < Math.min(Number(fields.stroke_count[b]), strokes) && first > 0 && first <= t + 1 ? 1 : 0;
  }
  let x = tf.tensor4d(pixels, [batch * frames, size, size, 1]);
  for (let i = 1; `conv${i}/filter` in v; i++) {
    x = composedConvReluPool(x, v[`conv${i}/filter`] as tf.Tensor4D, v[`conv${i}/bias`] as tf.Tensor1D);
  }
  let summary = tf.reshape(x, [batch, -1]); // [B, T x features]
  if ("lstm1/kernel" in v) {
    let sequence = tf.transpose(tf.reshape(x, [batch, frames, -1]), [1, 0, 2]); // [T, B, features]
    for (let i = 1; `lstm${i}/kernel` in v; i++) {
      const [inputs, gates] = v[`lstm${i}/kernel`].shape;
      const flat = tf.matMul(tf.reshape(sequence, [-1, inputs]), v[`lstm${i}/kernel`] as tf.Tensor2D); // [TB, 4H]
      const projected = tf.reshape(tf.add(flat, v[`lstm${i}/bias`]), [frames, batch, gates]) as tf.Tensor3D;
      const zeros = tf.zeros<tf.Rank.R2>([batch, gates / 4]);
      const state = { hidden: zeros, cell: zeros };
      sequence = composedLstm(projected, v[`lstm${i}/recurrentKernel`] as tf.Tensor2D, state); // [T, B, H]
    }
    summary = tf.gather(sequence, frames - 1); // [B, H]
  }
  const hidden = tf.relu(tf.add(tf.matMul(summary as tf.Tensor2D, v["dense/weights"] as tf.Tensor2D), v["dense/bias"]));
  const logits = tf.add(tf.matMul(hidden as tf.Tensor2D, v["output/weights"] as tf.Tensor2D), v["output/bias"]);
  return tf.logSoftmax(logits) as tf.Tensor2D;
}

/** Drawings of no stroke, of every number of strokes, and of more than there are frames. */
const ALL_COUNTS: Batch = { ...BATCH, fields: { ...BATCH.fields, stroke_count: Uint8Array.of(3, 0, 2, 9, 1) } };

/** Some examples of a batch. */
function examplesOf({ size, fields }: Batch, from: number, to: number): Batch {
  const parts = Object.entries(fields).map(([name, values]) => {
    const length = values.length / size;
    return [name, values.slice(from * length, to * length)];
  });
  return { size: to - from, fields: Object.fromEntries(parts) };
}

for (const spec of [cnnLstm, cnn]) {
  Deno.test(`${spec.name}: results and gradients are those of the plain computation`, async () => {
    await startBackend("cpu");
    const model = spec.build(spec.tiny, DATA, new Prng(1));
    const names = Object.keys(model.variables);
    tf.tidy(() => {
      for (const strokes of [undefined, 1, 2]) {
        assertNear([[...model.classify!(BATCH, strokes).dataSync()]], [[
          ...plainLogProbs(model, BATCH, strokes).dataSync(),
        ]], 1e-6);
      }
      const labels = tf.tensor1d(Int32Array.from(BATCH.fields.label, Number), "int32");
      const trained = names.map((name) => model.variables[name]);
      const plain = tf.variableGrads(() => nll(plainLogProbs(model, BATCH), labels), trained);
      const { loss, gradients } = differentiate(model, model.objectives[0], { batch: BATCH, prng: new Prng(1) });
      const values = (tensors: tf.Tensor[]) => tensors.map((tensor) => [...tensor.dataSync()]);
      assertNear(values([loss]), values([plain.value]), 1e-6);
      const expected = names.map((name) => plain.grads[model.variables[name].name]);
      for (const [i, name] of names.entries()) assertNear(values([gradients[name]]), values([expected[i]]), 1e-6);
    });
    model.dispose();
  });

  testAgainstCpu(`${spec.name}: loss and gradients`, () => {
    const model = spec.build(spec.tiny, DATA, new Prng(2));
    const { loss, gradients } = differentiate(model, model.objectives[0], { batch: BATCH, prng: new Prng(1) });
    model.dispose();
    return [loss, ...Object.values(gradients)];
  }, { further: spec === cnn });

  Deno.test(`${spec.name}: the answers for all prefixes are those of the plain computation, prefix by prefix`, async () => {
    await startBackend("cpu");
    const model = spec.build({ ...spec.tiny, channels: [3, 5] }, DATA, new Prng(1));
    for (const variable of Object.values(model.variables)) variable.assign(tf.mul(variable, 3)); // each frame matters
    const before = tf.memory().numTensors;
    for (const batch of [ALL_COUNTS, examplesOf(ALL_COUNTS, 1, 2)]) {
      tf.tidy(() => {
        const answers = model.classifyPrefixes!(batch); // [T, B, classes]
        assertEquals(answers.shape, [4, batch.size, 3]);
        const plain = [1, 2, 3, 4].map((strokes) => plainLogProbs(model, batch, strokes).dataSync());
        assertNear([[...answers.dataSync()]], [plain.flatMap((values) => [...values])], 1e-6);
        if (batch.size === 1) return;
        for (const [shorter, longer] of [[0, 1], [1, 2], [2, 3]]) {
          assertThrows(() => assertNear([[...plain[shorter]]], [[...plain[longer]]], 1e-3)); // each stroke matters
        }
      });
    }
    assertEquals(tf.memory().numTensors, before);
    model.dispose();
  });

  testAgainstCpu(`${spec.name}: answers for all prefixes`, () => {
    const model = spec.build(spec.tiny, DATA, new Prng(2));
    const answers = model.classifyPrefixes!(ALL_COUNTS);
    model.dispose();
    return [answers];
  }, { further: spec === cnn });

  Deno.test(`${spec.name}: the parts of a batch drop the very units of the whole`, async () => {
    await startBackend("cpu");
    const model = spec.build({ ...spec.tiny, dropoutRate: 0.5 }, DATA, new Prng(1));
    tf.tidy(() => {
      const passOf = (batch: Batch, firstExample: number) => {
        const { loss, gradients } = differentiate(model, model.objectives[0], {
          batch,
          prng: new Prng(6),
          firstExample,
        });
        return [loss, ...Object.values(gradients)].map((tensor) => tf.mul(tensor, batch.size / BATCH.size));
      };
      const values = (tensors: tf.Tensor[]) => tensors.map((tensor) => [...tensor.dataSync()]);
      const together = (a: tf.Tensor[], b: tf.Tensor[]) => values(a.map((tensor, i) => tf.add(tensor, b[i])));
      const whole = values(passOf(BATCH, 0));
      const first = passOf(examplesOf(BATCH, 0, 2), 0), rest = examplesOf(BATCH, 2, BATCH.size);
      assertNear(together(first, passOf(rest, 2)), whole, 1e-6);
      assertThrows(() => assertNear(together(first, passOf(rest, 0)), whole, 1e-3)); // a place matters
    });
    model.dispose();
  });

  Deno.test(`${spec.name}: sides that do not halve evenly are allowed, too small ones are not`, async () => {
    await startBackend("cpu");
    const odd = describeDrawings({ ...SIZE, side: 7 });
    const model = spec.build(spec.tiny, odd, new Prng(1));
    const batch = randomDrawings({ size: 2, side: 7, frames: 4, classes: 3 }, new Prng(8));
    assertEquals(tf.tidy(() => model.classify!(batch).shape), [2, 3]);
    model.dispose();
    assertThrows(
      () => spec.build(spec.tiny, describeDrawings({ ...SIZE, side: 3 }), new Prng(1)),
      RangeError,
      "found 3 x 3",
    );
  });
}
