/**
 * The exponential moving average of weights.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Variable } from "../tensors.ts";
import { moveTowards } from "./move_towards.ts";
import type { OptimizerState } from "./optimizer.ts";

/** Averages of variables over the steps so far, those long past forgotten. */
export interface Ema {
  /**
   * The live state, with a variable's average as `name/average`: its tensors stay the average's, and the next update
   * changes them. Assigning copies the tensors given.
   */
  state: OptimizerState;
  /** Takes in the variables as they are, after a step. */
  update(): void;
  /**
   * Puts the averages in the variables' place, copying nothing, until what it returns is disposed of; till then there
   * is no update and no step.
   */
  lend(): Disposable;
  /** Frees the averages. */
  dispose(): void;
}

/**
 * Starts averages at the variables' values: average = d average + (1 - d) variable at each update, with
 * d = min(decay, (1 + n) / (10 + n)) at update n, 0-based, so that the first steps are soon forgotten: TensorFlow's
 * `tf.train.ExponentialMovingAverage` with `num_updates`.
 *
 * @param variables The variables by name.
 * @param decay d in the long run, 0 to 1, such as 0.999.
 *
 * @example
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { ema } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const x = tf.variable(tf.tensor1d([0]));
 * const average = ema({ x }, 0.999);
 * x.assign(tf.tensor1d([1]));
 * average.update();
 * {
 *   using _lent = average.lend();
 *   assertAlmostEquals(x.dataSync()[0], 0.9, 1e-6);
 * }
 * assertEquals(x.dataSync()[0], 1);
 * ```
 */
export function ema(variables: Readonly<Record<string, Variable>>, decay: number): Ema {
  let step = 0;
  let isLent = false;
  let averages = copies(Object.entries(variables));

  return {
    get state() {
      return { step, slots: Object.fromEntries(Object.entries(averages).map(([name, x]) => [`${name}/average`, x])) };
    },
    set state(saved) {
      const restored = copies(
        Object.keys(variables).map((name) => {
          const average = saved.slots[`${name}/average`];
          if (average === undefined) throw new RangeError(`The saved state has no average of "${name}"`);
          return [name, average] as const;
        }),
      );
      tf.dispose(averages);
      [step, averages] = [saved.step, restored];
    },
    update() {
      if (isLent) throw new Error("The averages are in the variables' place: there is nothing to take in");
      const weight = 1 - Math.min(decay, (1 + step) / (10 + step));
      for (const [name, variable] of Object.entries(variables)) {
        averages[name] = tf.keep(moveTowards(averages[name], variable, weight));
      }
      step++;
    },
    lend() {
      if (isLent) throw new Error("The averages are in the variables' place already");
      isLent = true;
      const own = Object.entries(variables).map(([name, variable]) => {
        const values = tf.keep(variable.clone());
        variable.assign(averages[name]);
        return { variable, values };
      });
      return {
        [Symbol.dispose]() {
          for (const { variable, values } of own.splice(0)) {
            variable.assign(values);
            values.dispose();
          }
          isLent = false;
        },
      };
    },
    dispose: () => tf.dispose(averages),
  };
}

function copies(tensors: readonly (readonly [name: string, values: Tensor])[]): Record<string, Tensor> {
  return Object.fromEntries(tensors.map(([name, values]) => [name, tf.keep(tf.tidy(() => tf.mul(values, 1)))]));
}
