/**
 * The optimizers' updates and the sum of squares on wasm.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { WasmKernel } from "./context.ts";

/** Updates variable, m and v in place; no other tensor may share their values. */
export const adamUpdate: WasmKernel = ({ functions, at }, { variable, m, v, gradient, scale }, attributes) => {
  const { rate, vScale, beta1, beta2, epsilon } = attributes;
  const addresses = [variable, m, v, gradient, scale].map(at);
  const size = tf.util.sizeFromShape(variable.shape);
  functions.adamUpdate(size, ...addresses, rate, vScale, beta1, beta2, 1 - beta1, 1 - beta2, epsilon);
  return [];
};

/** Updates variable, meanSquare and, if it is given, velocity in place; no other tensor may share their values. */
export const rmspropUpdate: WasmKernel = ({ functions, at }, inputs, { rate, rho, momentum, epsilon }) => {
  const { variable, meanSquare, velocity, gradient, scale } = inputs;
  const size = tf.util.sizeFromShape(variable.shape);
  const addresses = [at(variable), at(meanSquare), velocity ? at(velocity) : 0, at(gradient), at(scale)];
  functions.rmspropUpdate(size, ...addresses, rate, rho, 1 - rho, momentum, epsilon);
  return [];
};

/** x of any shape -> the sum of its squares, a scalar. */
export const squaredSum: WasmKernel = ({ functions, at, output }, { x }) => {
  const sum = output([]);
  functions.squaredSum(tf.util.sizeFromShape(x.shape), at(x), at(sum));
  return sum;
};
