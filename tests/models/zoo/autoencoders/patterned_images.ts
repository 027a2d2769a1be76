/** Images and weights that a program in another language can make too. */
import * as tf from "@tensorflow/tfjs-core";
import type { Model } from "../../../../models/model.ts";
import type { Batch, DataDescription } from "../../../../pipelines/dataset.ts";

/** Three images of 18 pixels a side in colour: maps of 9 and 5 pixels, both odd. */
export const [SIZE, SIDE, CHANNELS] = [3, 18, 3];

/** The data that they are of. */
export const DATA: DataDescription = {
  fields: { image: { dtype: "uint8", shape: [SIDE, SIDE, CHANNELS] } },
  classes: ["face"],
};

/** As few channels as there can be, and no two layers alike. */
export const SMALL = { latentSize: 2, filters: 2, maxFilters: 3, baseFilters: 4 } as const;

/** Images, some of it black and some white. */
export const BATCH: Batch = {
  size: SIZE,
  fields: {
    image: Uint8Array.from(
      { length: SIZE * SIDE * SIDE * CHANNELS },
      (_, i) => i % 11 === 0 ? 255 : i % 7 === 0 ? 0 : (37 * i + Math.floor(i * i / 5)) % 256,
    ),
  },
};

/** Gives each variable other values, from -0.4 to 0.57. */
export function setPatterned({ variables }: Pick<Model, "variables">): void {
  Object.values(variables).forEach((variable, j) => {
    const values = Array.from(
      { length: variable.size },
      (_, i) => (7 * i + 11 * j + 3 * i * i) % 29 / 29 - 0.4,
    );
    tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
  });
}

/** The loss of each of some steps of gradient descent, each with the same random numbers, and its metrics. */
export function descend(
  { variables, objectives: [objective] }: Model,
  { pass, steps, rate }: { readonly pass: () => Parameters<typeof objective.loss>[1]; steps: number; rate: number },
): { loss: number; metrics: Record<string, number> }[] {
  return Array.from({ length: steps }, () =>
    tf.tidy(() => {
      let metrics: Record<string, number> = {};
      const { value, grads } = tf.variableGrads(() => {
        const judged = objective.loss(BATCH, pass());
        metrics = Object.fromEntries(Object.entries(judged.metrics).map(([name, x]) => [name, x.dataSync()[0]]));
        return judged.loss;
      });
      for (const variable of Object.values(variables)) {
        variable.assign(tf.sub(variable, tf.mul(grads[variable.name], rate)));
      }
      return { loss: value.dataSync()[0], metrics };
    }));
}
