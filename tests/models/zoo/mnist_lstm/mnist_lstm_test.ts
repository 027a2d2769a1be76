import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import { differentiate } from "../../../../models/gradients/differentiate.ts";
import { composedGru } from "../../../../models/ops/gru.ts";
import { composedLstm } from "../../../../models/ops/lstm_composed.ts";
import { nll } from "../../../../models/losses.ts";
import { mnistLstm } from "../../../../models/zoo/mnist_lstm/mnist_lstm.ts";
import type { Model } from "../../../../models/model.ts";
import { readingOrder, sequenceOf, sideAt } from "../../../../models/zoo/mnist_lstm/pixel_sequence.ts";
import type { Batch } from "../../../../pipelines/dataset.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { assertNear, CAN, testAgainstCpu } from "../../backends.ts";
import { adam } from "../../../../models/optimizers/adam.ts";
import { describeDrawings } from "../../../../tasks/bench/random_drawings.ts";
import { defaultsOf } from "../../../../pipelines/base/option_table.ts";
import { STEP_OPTIONS } from "../../../../models/step_options.ts";

const SIZE = 6;
const DATA = describeDrawings({ side: SIZE, frames: 1, classes: 3 });
const BATCH = randomImages(4, new Prng(3));

function randomImages(size: number, prng: Prng): Batch & { readonly fields: { readonly image: Uint8Array } } {
  const image = Uint8Array.from({ length: size * SIZE * SIZE }, () => prng.integer(256));
  return { size, fields: { image, label: Uint8Array.from({ length: size }, () => prng.integer(3)) } };
}

/** The images as floats, [B, S, S]. */
const images = () => tf.div(tf.tensor3d([...BATCH.fields.image], [BATCH.size, SIZE, SIZE]), 255) as tf.Tensor3D;

Deno.test("rows are the picture with time first, pixels the picture line by line", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    for (const [input, width] of [["rows", SIZE], ["pixels", 1]] as const) {
      const order = readingOrder({ size: SIZE, input, permutation: 0, reversed: false });
      const expected = tf.transpose(tf.reshape(images(), [BATCH.size, -1, width]), [1, 0, 2]); // [T, B, F]
      assertEquals(sequenceOf(BATCH.fields.image, { order, width }), expected.dataSync());
      const back = readingOrder({ size: SIZE, input, permutation: 0, reversed: true });
      assertEquals(
        sequenceOf(BATCH.fields.image, { order: back, width }),
        tf.reverse(expected, 0).dataSync(),
        "the other direction reads the last step first, a row still from left to right",
      );
    }
  });
});

Deno.test("a permutation reads every pixel once, always in its seed's order", () => {
  const order = (permutation: number, reversed = false) =>
    readingOrder({ size: 28, input: "pixels", permutation, reversed });
  assertEquals(order(5).toSorted(), order(0));
  assertEquals(order(5), order(5));
  assertNotEquals(order(5), order(6));
  assertEquals(order(5, true), order(5).toReversed());
  const steps = order(5).subarray(1).map((place, i) => Math.abs(place - order(5)[i]));
  assert(steps.reduce((sum, step) => sum + step, 0) / steps.length > 200, "neighbours are far apart: a third of 784");
});

/** The model in stock operations, from whole pictures. */
function plainLogProbs(model: Model, { input, permutation, cell }: Record<string, unknown>): tf.Tensor2D {
  const v = model.variables as Record<string, tf.Variable>;
  const width = input === "rows" ? SIZE : 1;
  let flat = tf.reshape(images(), [BATCH.size, SIZE * SIZE]);
  if (permutation) flat = tf.gather(flat, [...new Prng(permutation as number).permutation(SIZE * SIZE)], 1);
  let x = tf.transpose(tf.reshape(flat, [BATCH.size, -1, width]), [1, 0, 2]) as tf.Tensor3D; // [T, B, F]
  let last: tf.Tensor[] = [];
  for (let i = 1; `${cell}${i}/kernel` in v; i++) {
    const read = (name: string, sequence: tf.Tensor3D) => {
      const [kernel, recurrentKernel, bias] = ["kernel", "recurrentKernel", "bias"].map((part) => v[`${name}/${part}`]);
      const zeros = tf.zeros<tf.Rank.R2>([BATCH.size, recurrentKernel.shape[0]]);
      const weights = { kernel, recurrentKernel, bias, recurrentBias: v[`${name}/recurrentBias`] };
      if (cell === "gru") return composedGru(sequence, weights as Parameters<typeof composedGru>[1], zeros);
      const projected = tf.unstack(sequence).map((step) => tf.add(tf.matMul(step, kernel), bias)); // T times [B, 4H]
      const state = { hidden: zeros, cell: zeros };
      return composedLstm(tf.stack(projected) as tf.Tensor3D, recurrentKernel as tf.Tensor2D, state);
    };
    const ahead = read(`${cell}${i}`, x);
    const steps = ahead.shape[0];
    if (`${cell}${i}Back/kernel` in v) {
      const back = tf.reverse(read(`${cell}${i}Back`, tf.reverse(x, 0)), 0); // time runs forward again
      last = [tf.gather(ahead, steps - 1), tf.gather(back, 0)];
      x = tf.concat([ahead, back], 2);
    } else {
      last = [tf.gather(ahead, steps - 1)];
      x = ahead;
    }
  }
  const logits = tf.add(tf.matMul(tf.concat(last, 1), v["output/weights"]), v["output/bias"]);
  return tf.logSoftmax(logits) as tf.Tensor2D;
}

const KINDS = [
  { input: "rows", cell: "lstm" },
  { input: "rows", cell: "lstm", bidirectional: true, layers: 2 },
  { input: "rows", cell: "gru", bidirectional: true, layers: 3 },
  { input: "pixels", cell: "gru" },
  { input: "pixels", cell: "lstm", permutation: 7, bidirectional: true },
  { input: "pixels", cell: "lstm", chronoSpan: 36 },
  { input: "pixels", cell: "gru", chronoSpan: 36, bidirectional: true },
] as const;

for (const kind of KINDS) {
  const build = () => mnistLstm.build({ ...kind, units: 5 }, DATA, new Prng(1));
  Deno.test(`mnist-lstm ${Object.values(kind).join(" ")}: results and gradients are those of the plain computation`, async () => {
    await startBackend("cpu");
    const model = build();
    tf.tidy(() => {
      const values = (tensors: tf.Tensor[]) => tensors.map((tensor) => [...tensor.dataSync()]);
      assertNear(values([model.classify!(BATCH)]), values([plainLogProbs(model, kind)]), 1e-6);
      const labels = tf.tensor1d(Int32Array.from(BATCH.fields.label, Number), "int32");
      const names = Object.keys(model.variables);
      const trained = names.map((name) => model.variables[name]);
      const plain = tf.variableGrads(() => nll(plainLogProbs(model, kind), labels), trained);
      const { loss, gradients } = differentiate(model, model.objectives[0], { batch: BATCH, prng: new Prng(1) });
      assertNear(values([loss]), values([plain.value]), 1e-6);
      const expected = trained.map(({ name }) => plain.grads[name]);
      assertNear(values(names.map((name) => gradients[name])), values(expected), 1e-6);
    });
    model.dispose();
  });
  testAgainstCpu(`mnist-lstm ${Object.values(kind).join(" ")}: loss and gradients`, () => {
    const model = build();
    const { loss, gradients } = differentiate(model, model.objectives[0], { batch: BATCH, prng: new Prng(1) });
    model.dispose();
    return [loss, ...Object.values(gradients)];
  }, { backends: ["wasm"] });
}

Deno.test({
  name: "mnist-lstm learns where the bright row is, and digits that it never saw",
  ignore: !CAN.wasm,
  fn: async () => {
    await startBackend("wasm");
    const prng = new Prng(9);
    /** Noise, one of the first three rows brighter; its place is the class. */
    const bright = (size: number): Batch => {
      const batch = randomImages(size, prng);
      const { image, label } = batch.fields as { image: Uint8Array; label: Uint8Array };
      for (let i = 0; i < image.length; i++) {
        const row = Math.floor(i / SIZE) % SIZE;
        image[i] = row === label[Math.floor(i / SIZE ** 2)] ? 155 + image[i] / 3 : image[i] / 3;
      }
      return batch;
    };
    const model = mnistLstm.build({ units: 8 }, DATA, new Prng(1));
    const optimizer = adam({ learningRate: 0.03 });
    for (let step = 0; step < 120; step++) {
      tf.tidy(() => {
        const { gradients } = differentiate(model, model.objectives[0], { batch: bright(16), prng });
        optimizer.apply(model.variables, gradients);
      });
    }
    tf.tidy(() => {
      const { accuracy } =
        model.objectives[0].loss(bright(200), { prng, training: undefined, firstExample: 0 }).metrics;
      assert(accuracy.dataSync()[0] > 0.95, `accuracy ${accuracy.dataSync()[0]}`);
    });
    model.dispose();
    optimizer.dispose();
  },
});

Deno.test("mnist-lstm: forgetBias opens the forget gates alone", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const bias = (forgetBias: number) => {
      const model = mnistLstm.build({ units: 2, forgetBias }, DATA, new Prng(1));
      const values = model.variables["lstm1/bias"].dataSync();
      model.dispose();
      return values;
    };
    const plain = bias(0);
    assertNear([Array.from(bias(1), (value, i) => value - plain[i])], [[0, 0, 1, 1, 0, 0, 0, 0]], 1e-6);
  });
});

Deno.test("mnist-lstm drops units in training only", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const model = mnistLstm.build({ units: 20, layers: 2, dropoutRate: 0.5 }, DATA, new Prng(1));
    const step = defaultsOf(STEP_OPTIONS);
    const loss = (training: typeof step | undefined, seed: number) =>
      model.objectives[0].loss(BATCH, { prng: new Prng(seed), training, firstExample: 0 }).loss
        .dataSync()[0];
    assertEquals(loss(undefined, 1), loss(undefined, 2));
    assertNotEquals(loss(step, 1), loss(step, 2));
    model.dispose();
  });
});

Deno.test("mnist-lstm: chronoSpan takes forgetBias's place, in every layer and direction", async () => {
  await startBackend("cpu");
  const biases = (options: Record<string, number>) => {
    const model = mnistLstm.build({ units: 50, layers: 2, bidirectional: true, ...options }, DATA, new Prng(1));
    const found = Object.entries(model.variables).filter(([name]) => name.startsWith("lstm") && name.endsWith("bias"))
      .map(([, variable]) => [...variable.dataSync()]);
    model.dispose();
    return found;
  };
  const found = biases({ chronoSpan: 20 });
  assertEquals(found, biases({ chronoSpan: 20, forgetBias: 3 }));
  assertEquals(found.length, 4);
  for (const bias of found) {
    const [i, f] = [bias.slice(0, 50), bias.slice(50, 100)];
    assert(f.every((value) => value >= 0 && value <= Math.log(19) + 1e-6) && Math.max(...f) > Math.log(15));
    assertEquals(i, f.map((value) => -value));
  }
  assertThrows(() => biases({ chronoSpan: 1 }), RangeError, "Cannot keep a state for 1 to 1 steps: expected 2 or more");
});

Deno.test("mnist-lstm permutes pixels, not rows", () => {
  const build = () => mnistLstm.build({ permutation: 3 }, DATA, new Prng(1));
  assertThrows(build, RangeError, 'permutation 3 needs input "pixels", found "rows"');
});

Deno.test("mnist-lstm: digits grow by a pixel a side, each size for as many steps", () => {
  const sides = (growSteps: number, growFrom: number) =>
    Array.from({ length: 9 }, (_, step) => sideAt(step, { size: 6, growSteps, growFrom }));
  assertEquals(sides(6, 3), [3, 3, 4, 4, 5, 5, 6, 6, 6]);
  assertEquals(sides(2, 3), [3, 4, 6, 6, 6, 6, 6, 6, 6]); // fewer steps than sizes: some are passed over
  assertEquals(sides(0, 3), Array(9).fill(6));
});

for (const bidirectional of [false, true]) {
  Deno.test(`mnist-lstm: a digit that has not grown is the mean of its pixels; bidirectional ${bidirectional}`, async () => {
    await startBackend("cpu");
    tf.tidy(() => {
      const options = { input: "pixels", units: 5, bidirectional } as const;
      const model = mnistLstm.build({ ...options, growSteps: 9, growFrom: 3 }, DATA, new Prng(1));
      const small = mnistLstm.build(options, describeDrawings({ side: 3, frames: 1, classes: 3 }), new Prng(1));
      // Multiples of 4, whose means are whole: a byte keeps them.
      const image = Uint8Array.from(BATCH.fields.image, (value) => value & ~3);
      const pooled = tf.avgPool(tf.tensor4d([...image], [BATCH.size, SIZE, SIZE, 1]), 2, 2, "valid").dataSync();
      const lossOf = (of: Model, image: Uint8Array<ArrayBuffer>, stepsTaken?: number) => {
        const training = stepsTaken === undefined ? undefined : { ...defaultsOf(STEP_OPTIONS), stepsTaken };
        const batch = { size: BATCH.size, fields: { ...BATCH.fields, image } };
        return of.objectives[0].loss(batch, { prng: new Prng(1), training, firstExample: 0 }).loss.dataSync()[0];
      };
      assertEquals(lossOf(model, image, 2), lossOf(small, Uint8Array.from(pooled)));
      assertNotEquals(lossOf(model, image, 3), lossOf(model, image, 2));
      assertEquals(lossOf(model, image, 9), lossOf(model, image), "in the end, and in evaluation, it is whole");
      model.dispose();
      small.dispose();
    });
  });
}

Deno.test("mnist-lstm: only pixels in their own order grow, and from fewer than there are", () => {
  for (
    const [options, message] of [
      [{ growSteps: 5 }, 'growSteps 5 needs input "pixels", found "rows"'],
      [{ growSteps: 5, input: "pixels", permutation: 2 }, "growSteps 5 needs permutation 0, found 2"],
      [{ growSteps: 5, input: "pixels", growFrom: 6 }, "growFrom 6: expected less than the 6 pixels that a side has"],
    ] as const
  ) {
    assertThrows(() => mnistLstm.build(options, DATA, new Prng(1)), RangeError, message);
  }
});
