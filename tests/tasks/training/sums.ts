/** A model whose loss is no mean over examples, in a module of its own, where Workers find it. */
import * as tf from "@tensorflow/tfjs-core";
import type { ModelSpec } from "../../../models/model_spec.ts";
import { cnn } from "../../../models/zoo/stroke_classifier/stroke_classifier.ts";

/** Adds up what a mean would be taken of. */
export const sums: ModelSpec = {
  ...cnn,
  name: "sums",
  url: import.meta.url,
  build() {
    const w = tf.tidy(() => tf.variable(tf.ones([1])));
    return {
      ...{ variables: { w }, dispose: () => w.dispose() },
      objectives: [{
        ...{ name: "sum", trains: ["w"] },
        loss: ({ fields: { label } }) => ({
          loss: tf.sum(tf.square(tf.sub(tf.tensor1d(Float32Array.from(label, Number)), w))) as tf.Scalar,
          metrics: {},
        }),
      }],
    };
  },
};
