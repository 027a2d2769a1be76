/** A model with several objectives, in a module of its own, where Workers find it. */
import * as tf from "@tensorflow/tfjs-core";
import type { ModelSpec } from "../../models/model_spec.ts";
import { batchMean } from "../../models/ops/batch_mean.ts";
import { batchNorm } from "../../models/ops/batch_norm.ts";
import { cnn } from "../../models/zoo/stroke_classifier/stroke_classifier.ts";

/**
 * Two variables whose gradients share their values, a third at odds with the first, a loss that draws by example, one whose
 * pass fails for the examples from x[0] on while other threads wait for it, and one of the moments of the whole batch.
 */
export const rivals: ModelSpec = {
  ...cnn,
  name: "rivals",
  url: import.meta.url,
  build() {
    const [a, b, c] = [2, 2, 1].map((size) => tf.tidy(() => tf.variable(tf.ones([size]))));
    const over = (x: unknown): tf.Tensor2D => tf.expandDims(tf.tensor1d(x as Float32Array), 1); // [B, 1]
    const mean = (x: tf.Tensor) => tf.mean(tf.sum(x, 1)) as tf.Scalar;
    return {
      ...{ variables: { a, b, c }, dispose: () => tf.dispose([a, b, c]) },
      classify: () => tf.zeros([1, 1]),
      objectives: [
        {
          ...{ name: "meets", trains: ["a", "b"] },
          loss: ({ fields: { x } }) => ({ loss: mean(tf.square(tf.add(over(x), tf.add(a, b)))), metrics: {} }),
        },
        {
          ...{ name: "parts", trains: ["c"] },
          loss: ({ fields: { x } }) => ({
            loss: mean(tf.square(tf.sub(tf.mul(over(x), c), tf.slice(a, 0, 1)))),
            metrics: {},
          }),
        },
        {
          ...{ name: "draws", trains: ["c"] },
          loss: ({ fields: { x } }, { prng }) => ({
            loss: mean(tf.mul(over(Float32Array.from(x as Float32Array, () => prng.uniform())), c)),
            metrics: {},
          }),
        },
        {
          ...{ name: "fails", trains: ["c"] },
          loss({ fields: { x } }, { firstExample }) {
            if (x[0] === firstExample) throw new RangeError(`example ${firstExample} has failed`);
            return { loss: tf.sum(tf.mul(batchMean(over(x)), c)) as tf.Scalar, metrics: {} };
          },
        },
        {
          ...{ name: "measures", trains: ["c"] },
          loss({ fields: { x } }) {
            const maps = tf.reshape(tf.mul(over(x), c), [-1, 1, 1, 1]) as tf.Tensor4D;
            const { mean, variance } = batchNorm(maps, { gamma: tf.ones([1]), beta: tf.zeros([1]) });
            return { loss: tf.mean(tf.mul(over(x), tf.add(mean, variance))) as tf.Scalar, metrics: {} };
          },
        },
      ],
    };
  },
};
