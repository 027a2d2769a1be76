/**
 * The LSTM layer.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Prng } from "../../pipelines/base/prng.ts";
import { arrayOf, type RecurrentWeights } from "../network.ts";
import { lstm, lstmOfInputs } from "../ops/lstm.ts";
import type { Tensor2D, Tensor3D } from "../tensors.ts";
import { chronoBiases } from "./initial_values.ts";
import { uniformVariable, type Variables } from "./layer.ts";
import { lstmGates, type LstmState } from "../ops/lstm_gates.ts";
import type { LstmRun } from "../ops/lstm_run.ts";

/** One LSTM layer; its gates are in the order i, f, g, o. */
export interface LstmLayer {
  /** `name/kernel` [inputs, 4H], `name/recurrentKernel` [H, 4H] and `name/bias` [4H]. */
  readonly variables: Variables;
  /** The part of a step that does not depend on the state, x W + b: float32 [N, inputs] -> [N, 4H]. */
  project(x: Tensor2D): Tensor2D;
  /** Runs over a projected sequence: float32 [T, B, 4H] -> hidden states [T, B, H]. */
  run(projected: Tensor3D, run?: LstmRun): Tensor3D;
  /** Projects and runs: float32 [T, B, inputs] -> hidden states [T, B, H]. */
  apply(x: Tensor3D, run?: LstmRun): Tensor3D;
  /** One step of what {@linkcode LstmLayer.run} does: float32 [B, 4H] and a state -> the next state. */
  step(projected: Tensor2D, state: LstmState): LstmState;
}

/** The size of an {@linkcode LstmLayer}, and how it begins. */
export interface LstmLayerOptions {
  /** The width of the inputs, 1 or more. */
  readonly inputs: number;
  /** H, 1 or more. */
  readonly units: number;
  /** Added to the forget gate's initial bias; 0 when left out. At 1 the cell remembers from the start. */
  readonly forgetBias?: number;
  /**
   * T_max, 2 or more: the forget gates' biases are such that cells remember for 1 to so many steps, and the input gates' are
   * those with the other sign (chrono initialization, arXiv:1804.11188), in place of `forgetBias`; left out for neither.
   */
  readonly chronoSpan?: number;
}

/**
 * Creates an LSTM layer, its variables drawn from U(-1/sqrt(H), 1/sqrt(H)) as PyTorch's `nn.LSTM` does; there is one
 * bias where PyTorch adds two.
 *
 * @param name Starts the variables' names.
 * @throws {RangeError} When `chronoSpan` is below 2.
 *
 * @example
 * ```ts
 * import { Prng, startBackend } from "@strokewise/strokewise";
 * import { lstmLayer } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const layer = lstmLayer("lstm1", { inputs: 5, units: 3 }, new Prng(1));
 * assertEquals(layer.apply(tf.zeros([7, 2, 5])).shape, [7, 2, 3]);
 * ```
 */
export function lstmLayer(name: string, options: LstmLayerOptions, prng: Prng): LstmLayer {
  const { inputs, units, forgetBias = 0, chronoSpan } = options;
  const bound = 1 / Math.sqrt(units);
  const kernel = uniformVariable<tf.Rank.R2>([inputs, 4 * units], bound, prng);
  const recurrentKernel = uniformVariable<tf.Rank.R2>([units, 4 * units], bound, prng);
  const bias = uniformVariable<tf.Rank.R1>([4 * units], bound, prng);
  if (chronoSpan !== undefined) {
    const forget = chronoBiases(units, chronoSpan, prng);
    tf.tidy(() => {
      const others = tf.slice(bias, [2 * units], [2 * units]); // g and o stay as they were drawn, [2H]
      bias.assign(tf.concat1d([tf.tensor1d(forget.map((value) => -value)), tf.tensor1d(forget), others])); // [4H]
    });
  } else if (forgetBias !== 0) {
    tf.tidy(() => bias.assign(tf.add(bias, tf.pad1d(tf.fill([units], forgetBias), [units, 2 * units]))));
  }
  return {
    variables: { [`${name}/kernel`]: kernel, [`${name}/recurrentKernel`]: recurrentKernel, [`${name}/bias`]: bias },
    project: (x) => tf.fused.matMul({ a: x, b: kernel, bias }) as tf.Tensor2D, // [N, 4H]
    run: (projected, run) => lstm(projected, recurrentKernel, run), // [T, B, H]
    apply: (x, run) => lstmOfInputs(x, { kernel, recurrentKernel, bias }, run), // [T, B, H]
    step: (projected, { hidden, cell }) => lstmGates(tf.add(projected, tf.matMul(hidden, recurrentKernel)), cell),
  };
}

/** The weights of an LSTM layer among those of a model, for a graph. */
export function lstmWeights(variables: Variables, name: string): RecurrentWeights {
  return {
    kernel: arrayOf(variables[`${name}/kernel`]),
    recurrentKernel: arrayOf(variables[`${name}/recurrentKernel`]),
    bias: arrayOf(variables[`${name}/bias`]),
  };
}
