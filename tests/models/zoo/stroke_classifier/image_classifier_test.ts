/** The cnn on pictures, grey and in colour, beside tfjs's own operations and optimizer. */
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import { differentiate } from "../../../../models/gradients/differentiate.ts";
import { fieldsRead, type ModelSpec } from "../../../../models/model_spec.ts";
import { sgd } from "../../../../models/optimizers/sgd.ts";
import { mnistLstm } from "../../../../models/zoo/mnist_lstm/mnist_lstm.ts";
import { cnn } from "../../../../models/zoo/stroke_classifier/stroke_classifier.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import type { Batch, DataDescription } from "../../../../pipelines/dataset.ts";
import { describeDrawings } from "../../../../tasks/bench/random_drawings.ts";
import { FAST } from "../../../helpers.ts";
import { assertNear, CAN, testAgainstCpu } from "../../backends.ts";

const CLASSES = ["0", "1", "2"];

function describeImages(...shape: number[]): DataDescription {
  return { fields: { image: { dtype: "uint8", shape }, label: { dtype: "uint8", shape: [] } }, classes: CLASSES };
}

/** Pictures with a bright spot that leans to the label's side. */
function randomImages(size: number, [height, width, channels = 1]: readonly number[], prng: Prng): Batch {
  const label = Uint8Array.from({ length: size }, () => prng.integer(CLASSES.length));
  const image = Uint8Array.from({ length: size * height * width * channels }, (_, i) => {
    const [b, x] = [Math.floor(i / (height * width * channels)), Math.floor(i / channels) % width];
    return prng.integer(Math.floor(x * CLASSES.length / width) === label[b] ? 256 : 60);
  });
  return { size, fields: { image, label } };
}

/** The same classifier by stock operations alone, its gradients by tfjs. */
class StockClassifier {
  readonly variables: Record<string, tf.Variable>;

  constructor(variables: Readonly<Record<string, tf.Variable>>, readonly shape: readonly number[]) {
    this.variables = Object.fromEntries(
      Object.entries(variables).map((
        [name, { shape }],
      ) => [name, tf.variable(tf.tensor(variables[name].dataSync(), shape))]),
    );
  }

  loss({ size, fields }: Batch): tf.Scalar {
    const v = this.variables;
    const pixels = tf.tensor4d([...fields.image].map(Number), [size, this.shape[0], this.shape[1], this.shape[2] ?? 1]);
    let x: tf.Tensor4D = tf.div(pixels, 255);
    for (let i = 1; `conv${i}/filter` in v; i++) {
      const convolved = tf.add(tf.conv2d(x, v[`conv${i}/filter`] as tf.Tensor4D, 1, "same"), v[`conv${i}/bias`]);
      x = tf.maxPool(tf.relu(convolved as tf.Tensor4D), 2, 2, "valid");
    }
    const layer = (input: tf.Tensor, name: string) =>
      tf.add(tf.matMul(input as tf.Tensor2D, v[`${name}/weights`] as tf.Tensor2D), v[`${name}/bias`]);
    const logits = layer(tf.relu(layer(tf.reshape(x, [size, -1]), "dense")), "output"); // [B, K]
    const labels = tf.oneHot(tf.tensor1d([...fields.label].map(Number), "int32"), CLASSES.length);
    return tf.neg(tf.mean(tf.sum(tf.mul(labels, tf.logSoftmax(logits as tf.Tensor2D)), 1)));
  }
}

for (const backend of ["cpu", "wasm"] as const) {
  for (const shape of [[28, 28], [9, 14], [10, 10, 3]]) {
    Deno.test({
      name: `cnn on ${shape.join(" x ")} pictures: eight steps on ${backend} are those of tfjs's stock operations`,
      ignore: !CAN[backend] || FAST && shape[0] === 28,
      fn: async () => {
        await startBackend("cpu");
        const prng = new Prng(5);
        const options = { channels: [3, 4], denseUnits: 6 };
        const batches = Array.from({ length: 8 }, () => randomImages(6, shape, prng));

        const initial = cnn.build(options, describeImages(...shape), new Prng(1));
        const stock = new StockClassifier(initial.variables, shape);
        const theirs = tf.train.sgd(0.3);
        const expected = batches.map((batch) =>
          theirs.minimize(() => stock.loss(batch), true, Object.values(stock.variables))!.dataSync()[0]
        );
        const weights = Object.values(stock.variables).map((variable) => [...variable.dataSync()]);
        initial.dispose();
        tf.dispose(stock.variables);

        await startBackend(backend);
        const before = tf.memory().numTensors;
        const model = cnn.build(options, describeImages(...shape), new Prng(1));
        const valuesOf = () => Object.values(model.variables).map((variable) => [...variable.dataSync()]);
        const untrained = valuesOf();
        const ours = sgd({ learningRate: 0.3, momentum: 0 });
        const losses = batches.map((batch) =>
          tf.tidy(() => {
            const { loss, gradients } = differentiate(model, model.objectives[0], { batch, prng: new Prng(1) });
            ours.apply(model.variables, gradients);
            return loss.dataSync()[0];
          })
        );
        assertNear([losses], [expected], 1e-5);
        assertNear(valuesOf(), weights, 1e-5);
        for (const [i, values] of valuesOf().entries()) assertNotEquals(values, untrained[i]);
        model.dispose();
        ours.dispose();
        assertEquals(tf.memory().numTensors, before);
      },
    });
  }
}

testAgainstCpu("cnn on pictures: loss and gradients", () => {
  const model = cnn.build(cnn.tiny, describeImages(12, 12, 3), new Prng(2));
  const batch = randomImages(5, [12, 12, 3], new Prng(8));
  const { loss, gradients } = differentiate(model, model.objectives[0], { batch, prng: new Prng(1) });
  model.dispose();
  return [loss, ...Object.values(gradients)];
}, { further: true });

Deno.test("cnn: the data says whether it looks at strokes or pictures; where both are there, the option does", async () => {
  await startBackend("cpu");
  const both = describeDrawings({ side: 12, frames: 4, classes: 3 });
  const images = describeImages(8, 8);
  const { image: _, ...strokes } = both.fields;
  const read = (data: DataDescription, input: string) => fieldsRead(cnn, { input }, data).join();
  assertEquals(read(both, "auto"), "stroke_index,stroke_count,label");
  assertEquals(read(both, "image"), "image,label");
  assertEquals(read(images, "auto"), "image,label");
  assertEquals(read({ ...both, fields: strokes }, "auto"), "stroke_index,stroke_count,label");
  const sizes = [both, images].map((data) => {
    const model = cnn.build({ channels: [2, 3], input: "image" }, data, new Prng(1));
    const { shape } = model.variables["dense/weights"];
    model.dispose();
    return shape[0];
  });
  assertEquals(sizes, [3 * 3 * 3, 2 * 2 * 3]);
  const model = cnn.build({ channels: [2, 3] }, both, new Prng(1));
  assertEquals(model.variables["dense/weights"].shape[0], 4 * 3 * 3 * 3);
  model.dispose();
  const build = (data: DataDescription, input: "auto" | "strokes" = "auto") => () =>
    cnn.build({ input }, data, new Prng(1));
  assertThrows(build(describeImages(7, 9)), RangeError, "3 convolutions need 8 cells a side or more, found 7 x 9");
  assertThrows(build(describeImages(32, 32, 4)), RangeError, "field image is uint8 [32,32,4], expected a picture");
  assertThrows(build(images, "strokes"), RangeError, "model cnn: the data lacks stroke_index and stroke_count");
});

Deno.test("features are what the last layer names classes by; dropout leaves them alone", async () => {
  await startBackend("cpu");
  for (const [spec, shape] of [[cnn, [12, 12, 3]], [cnn, [8, 8]], [mnistLstm, [8, 8]]] as const) {
    const options = { ...spec.tiny, dropoutRate: 0.5 };
    const model = (spec as ModelSpec).build(options, describeImages(...shape), new Prng(2));
    const batch = randomImages(5, shape, new Prng(8));
    const [features, expected] = [model.features!(batch), model.classify!(batch)];
    assertEquals(features.shape, [5, model.variables["output/weights"].shape[0]]);
    const { "output/weights": weights, "output/bias": bias } = model.variables;
    const named = tf.logSoftmax(tf.add(tf.matMul(features, weights as tf.Tensor2D), bias));
    assertNear([[...named.dataSync()]], [[...expected.dataSync()]], 1e-5);
    if (spec === cnn) assert(features.dataSync().every((value) => value >= 0)); // after ReLU
    model.dispose();
  }
});
