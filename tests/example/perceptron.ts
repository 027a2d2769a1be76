/** A model of one's own: a hidden layer over the whole map. */
import { defineModel } from "@strokewise/strokewise";
import { classifierLoss, linear } from "@strokewise/strokewise/models";
import * as tf from "@tensorflow/tfjs-core";
import { fieldOf, sideOf } from "@strokewise/strokewise/pipelines";
import type { Batch } from "@strokewise/strokewise";

export default defineModel({
  name: "perceptron",
  url: import.meta.url,
  summary: "A hidden layer over the whole drawing.",
  best: { metric: "accuracy", better: "higher" },
  fields: ["stroke_index", "label"],
  options: { units: { value: 32, help: "hidden units, 1 or more", min: 1, whole: true } },
  tiny: { units: 4 },

  build({ units }, data, prng) {
    const side = sideOf(data, "stroke_index");
    const hidden = linear("hidden", { inputs: side * side, outputs: units }, prng);
    const output = linear("output", { inputs: units, outputs: data.classes.length }, prng);
    const variables = { ...hidden.variables, ...output.variables };

    function logProbabilities(batch: Batch) {
      return tf.tidy(() => {
        const cells = Float32Array.from(fieldOf(batch, "stroke_index"), (stroke) => stroke > 0 ? 1 : 0);
        const x = tf.tensor2d(cells, [batch.size, side * side]); // [B, S x S]
        return tf.logSoftmax(output.apply(tf.relu(hidden.apply(x)))); // [B, classes]
      });
    }

    return {
      variables,
      objectives: [{
        name: "nll",
        trains: Object.keys(variables),
        loss: (batch, { training }) => classifierLoss(logProbabilities(batch), batch, training),
        lossOfAnswers: classifierLoss,
      }],
      classify: logProbabilities,
      dispose: () => tf.dispose(variables),
    };
  },
});
