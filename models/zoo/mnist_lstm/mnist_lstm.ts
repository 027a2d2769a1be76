/**
 * The digit classifier of the report "Applications of Deep Learning: Generating Images" (section 1): an LSTM reads MNIST
 * row by row, 28 steps of 28 pixels, or pixel by pixel, 784 steps of one, and a linear layer names the digit.
 *
 * **Report.** The two ways of reading; 128 units; the prediction from the last output; bidirectional networks, which the
 * second half of a digit tells about the first; cuDNN's GRU in place of the LSTM for the long sequence.
 *
 * **Differs from the report.** It gives no number of layers, loss or result: one layer and negative log-likelihood are
 * this project's choice. The LSTM's forget gate starts 1 further open (Jozefowicz, Zaremba and Sutskever 2015), without
 * which 784 steps are slow to train; `chronoSpan` opens gates for spans of many lengths (Tallec and Ollivier 2018,
 * arXiv:1804.11188). Reading the pixels in one fixed random order is the task of Le, Jaitly and Hinton
 * (arXiv:1504.00941). With `growSteps` training begins with small digits, short sequences, which grow: a curriculum. A layer
 * has one bias where PyTorch adds two.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Batch } from "../../../pipelines/dataset.ts";
import { logSoftmax } from "../../ops/log_softmax.ts";
import { gruLayer, gruWeights } from "../../layers/gru.ts";
import { denseLayer, linear } from "../../layers/linear.ts";
import { lstmLayer, lstmWeights } from "../../layers/lstm.ts";
import { classifierLoss } from "../../losses.ts";
import { defineModel, type ModelSpec } from "../../model_spec.ts";
import { type Network, NetworkBuilder } from "../../network.ts";
import { dropSteps } from "../sequences/drop_steps.ts";
import { checkGrowth, growthRemarks, readingOrder, sequenceOf, shrunkenImages, sideAt } from "./pixel_sequence.ts";
import { fieldOf, sideOf } from "../../../pipelines/batches/batch_fields.ts";

/** The options of {@linkcode mnistLstm}. */
export const MNIST_LSTM_OPTIONS = {
  input: { value: "rows", choices: ["rows", "pixels"], help: "what a step reads: a row of the digit or one pixel" },
  permutation: {
    value: 0,
    help: "seed of one order in which the pixels of every digit are read; 0 for left to right, top to bottom",
    min: 0,
    whole: true,
  },
  cell: { value: "lstm", choices: ["lstm", "gru"], help: "the recurrent cell" },
  bidirectional: { value: false, help: "a second network of each layer reads from the end to the beginning" },
  units: { value: 128, help: "H, units of each layer and direction, 1 or more", min: 1, whole: true },
  layers: { value: 1, help: "recurrent layers, one on top of the other, 1 or more", min: 1, whole: true },
  dropoutRate: {
    value: 0,
    help: "probability of dropping a unit of the last hidden state, and between layers, in training; 0 to 0.95",
    min: 0,
    max: 0.95,
    inTraining: true,
  },
  forgetBias: {
    value: 1,
    help: "added to the initial bias of the LSTM's forget gate, 0 or more",
    of: { cell: ["lstm"], chronoSpan: [0] },
    min: 0,
    inTraining: true,
  },
  chronoSpan: {
    value: 0,
    help:
      "T_max, steps over which gates remember at first, each unit for 1 to so many: for long sequences, their own length or " +
      "so; 2 or more, 0 for all alike",
    min: 0,
    whole: true,
    inTraining: true,
  },
  growSteps: {
    value: 0,
    help:
      "with pixels: training steps over which digits grow from growFrom pixels a side to their own size, so that sequences " +
      "are short at first; 0 for whole digits from the start",
    min: 0,
    whole: true,
    inTraining: true,
  },
  growFrom: {
    value: 14,
    help: "pixels a side at the first step, each the mean of the area that it covers, 1 or more",
    of: { growSteps: { above: 0 } },
    min: 1,
    whole: true,
    inTraining: true,
  },
} as const;

/**
 * The recurrent digit classifier.
 *
 * @example
 * ```ts
 * import { defaultsOf, mnist, mnistLstm, Prng, startBackend } from "@strokewise/strokewise";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const data = { fields: mnist.fields(defaultsOf(mnist.options)), classes: ["0", "1"] };
 * const model = mnistLstm.build({ units: 5, bidirectional: true }, data, new Prng(1));
 * assertEquals(model.variables["lstm1/kernel"].shape, [28, 20]);
 * assertEquals(model.variables["lstm1Back/kernel"].shape, [28, 20]);
 * assertEquals(model.variables["output/weights"].shape, [10, 2]);
 * ```
 */
export const mnistLstm: ModelSpec<typeof MNIST_LSTM_OPTIONS> = defineModel({
  name: "mnist-lstm",
  url: import.meta.url,
  summary: "Digit classifier: an LSTM or GRU reads the digit row by row or pixel by pixel.",
  best: { metric: "accuracy", better: "higher" },
  dataset: "mnist",
  fields: ["image", "label"],
  options: MNIST_LSTM_OPTIONS,
  tiny: { units: 12, bidirectional: true },
  remarks: growthRemarks,

  build(options, data, prng) {
    const { classes } = data;
    const size = sideOf(data, "image");
    const { input, permutation, bidirectional, units, dropoutRate } = options;
    if (permutation !== 0 && input !== "pixels") {
      throw new RangeError(`permutation ${permutation} needs input "pixels", found "${input}"`);
    }
    checkGrowth({ size, ...options });
    const chrono = options.chronoSpan === 0 ? {} : { chronoSpan: options.chronoSpan };
    const directions = bidirectional ? 2 : 1;
    const reading = { input, permutation };
    const ordersOf = (size: number) =>
      [false, true].slice(0, directions).map((reversed) => readingOrder({ ...reading, size, reversed }));
    const orders = ordersOf(size);
    const width = input === "rows" ? size : 1;

    const layers = Array.from({ length: options.layers }, (_, i) =>
      orders.map((_, direction) => {
        const name = `${options.cell}${i + 1}${direction === 0 ? "" : "Back"}`;
        const inputs = i === 0 ? width : directions * units;
        return options.cell === "gru"
          ? gruLayer(name, { inputs, units, ...chrono }, prng)
          : lstmLayer(name, { inputs, units, forgetBias: options.forgetBias, ...chrono }, prng);
      }));
    const output = linear("output", { inputs: directions * units, outputs: classes.length }, prng);
    const variables = Object.assign({}, ...[...layers.flat(), output].map((layer) => layer.variables));

    /** The last hidden state, [B, directions x H]; `drop` drops units in training, in which digits are `side` pixels high and wide. */
    function lastHidden(batch: Batch, drop: Drop = (x) => x, side = size): tf.Tensor2D {
      const images = shrunkenImages(fieldOf(batch, "image"), { from: size, to: side }); // [B, side, side]
      return tf.tidy(() => {
        // One sequence a direction, in the order in which that direction reads it.
        let sequences = ordersOf(side).map((order) => {
          const pixels = sequenceOf(images, { order, width }); // [T, B, F]
          return tf.tensor3d(pixels, [order.length / width, batch.size, width]);
        });
        for (const [i, layer] of layers.entries()) {
          if (i > 0) {
            const [ahead, ...back] = sequences;
            const joined = drop(tf.concat([ahead, ...back.map((x) => tf.reverse(x, 0))], 2)); // [T, B, directions x H]
            sequences = layer.map((_, direction) => direction === 0 ? joined : tf.reverse(joined, 0));
          }
          sequences = layer.map((cell, direction) => cell.apply(sequences[direction])); // each [T, B, H]
        }
        return drop(tf.concat(sequences.map(lastStep), 1) as tf.Tensor2D);
      });
    }

    /** Log-probabilities, [B, classes]. */
    function logProbabilities(...[batch, drop, side]: Parameters<typeof lastHidden>): tf.Tensor2D {
      return tf.tidy(() => logSoftmax(output.apply(lastHidden(batch, drop, side))));
    }

    /** A digit to the probabilities of the classes. */
    function networkOf(): Network {
      const network = new NetworkBuilder();
      const meaning = "grey levels, 0 to 255, ink bright";
      const image = network.input({ name: "image", dtype: "uint8", shape: [size, size], meaning });
      let x = network.add("scale", image, { kind: "rescale", scale: 1 / 255, offset: 0 }); // [S, S]
      if (input === "pixels") {
        x = network.add("pixels", x, { kind: "reshape", shape: [size * size] });
        if (permutation !== 0) x = network.add("permutation", x, { kind: "reorder", order: orders[0] });
        x = network.add("steps", x, { kind: "reshape", shape: [size * size, 1] }); // [S S, 1]
      }
      const weightsOf = options.cell === "gru" ? gruWeights : lstmWeights;
      for (let i = 1; i <= layers.length; i++) {
        const names = ["", "Back"].slice(0, directions).map((end) => `${options.cell}${i}${end}`);
        x = network.add(names[0], x, {
          ...{ kind: "recurrent", cell: options.cell, directions: names.map((name) => weightsOf(variables, name)) },
          keeps: i === layers.length ? "last" : "sequence",
        });
      }
      x = network.add("output", x, denseLayer(variables, "output", "softmax"));
      network.output("probabilities", x, "of the classes, in their order; they add up to 1");
      return network;
    }

    return {
      variables,
      objectives: [{
        name: "nll",
        trains: Object.keys(variables),
        loss(batch, { prng, training, firstExample }) {
          const pass = { prng, training, firstExample, batch: batch.size };
          const drop: Drop = (x) => {
            const rows = tf.reshape(x, [-1, x.shape.at(-1)!]) as tf.Tensor2D; // [T B, H] or [B, H]
            return tf.reshape(dropSteps(rows, dropoutRate, pass), x.shape) as typeof x;
          };
          const side = training ? sideAt(training.stepsTaken ?? 0, { size, ...options }) : size;
          const logProbs = logProbabilities(batch, drop, side); // [B, classes]
          return classifierLoss(logProbs, batch, training);
        },
        lossOfAnswers: classifierLoss,
      }],
      classify: (batch) => logProbabilities(batch),
      features: (batch) => lastHidden(batch),
      networks: { classifier: networkOf },
      dispose: () => tf.dispose(variables),
    };
  },
});

/** Drops units of [T, B, H] or [B, H], or leaves them. */
type Drop = <T extends tf.Tensor>(x: T) => T;

/** [T, B, H] -> [B, H] */
function lastStep(x: tf.Tensor3D): tf.Tensor2D {
  return tf.squeeze(tf.slice(x, [x.shape[0] - 1, 0, 0], [1, -1, -1]), [0]);
}
