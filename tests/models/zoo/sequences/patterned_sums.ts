/** Models of queries and answers with patterned weights, trained by plain gradient descent, for comparison with PyTorch. */
import * as tf from "@tensorflow/tfjs-core";
import { differentiate } from "../../../../models/gradients/differentiate.ts";
import type { ModelSpec } from "../../../../models/model_spec.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import type { OptionTable, PartialOptions } from "../../../../pipelines/base/option_table.ts";
import type { Batch, DataDescription } from "../../../../pipelines/dataset.ts";

const [ALPHABET, QUERY, ANSWER, SIZE] = [5, 3, 2, 4];

/** Sequences of three and two characters of five. */
export const TINY_SUMS: DataDescription = {
  fields: {
    query: { dtype: "uint8", shape: [QUERY], max: ALPHABET - 1 },
    answer: { dtype: "uint8", shape: [ANSWER], max: ALPHABET - 1 },
  },
  classes: ["any"],
};

const filled = (length: number, value: (b: number, t: number) => number) =>
  Uint8Array.from({ length: SIZE * length }, (_, i) => value(Math.floor(i / length), i % length) % ALPHABET);

/** Four queries. */
export const TINY_BATCH: Batch = {
  size: SIZE,
  fields: {
    query: filled(QUERY, (b, t) => 3 * b + 2 * t + b * t),
    answer: filled(ANSWER, (b, t) => b + 3 * t + 1),
  },
};

/** The losses before each of four steps, from weights ((7 i + 11 j + 3 i^2) mod 23) / 23 - 0.5 of the j-th variable. */
export function patternedLosses<T extends OptionTable>(
  spec: ModelSpec<T>,
  options: PartialOptions<NoInfer<T>>,
  learningRate: number,
): number[] {
  const model = spec.build(options, TINY_SUMS, new Prng(1));
  Object.values(model.variables).forEach((variable, j) => {
    const values = Array.from({ length: variable.size }, (_, i) => (7 * i + 11 * j + 3 * i * i) % 23 / 23 - 0.5);
    tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
  });
  const losses = Array.from({ length: 4 }, () =>
    tf.tidy(() => {
      const { loss, gradients } = differentiate(model, model.objectives[0], { batch: TINY_BATCH, prng: new Prng(1) });
      for (const [name, gradient] of Object.entries(gradients)) {
        const variable = model.variables[name];
        variable.assign(tf.sub(variable, tf.mul(gradient, learningRate)));
      }
      return loss.dataSync()[0];
    }));
  model.dispose();
  return losses;
}
