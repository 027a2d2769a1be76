/**
 * The optimizers' updates and the sum of squares on wasm.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { forgetPacked, type WasmContext, type WasmKernel } from "./context.ts";

/** Updates variable, m and v in place; no other tensor may share their values. */
export const adamUpdate: WasmKernel = (context, { variable, m, v, gradient, scale }, attributes) => {
  const { rate, vScale, beta1, beta2, epsilon, decay } = attributes;
  const addresses = [variable, m, v, gradient, scale].map(context.at);
  return inPlace(context, variable, (size) => {
    const numbers = [rate, vScale, beta1, beta2, 1 - beta1, 1 - beta2, epsilon, decay];
    context.functions.adamUpdate(size, ...addresses, ...numbers);
  });
};

/** Updates variable, meanSquare and, if it is given, velocity in place; no other tensor may share their values. */
export const rmspropUpdate: WasmKernel = (context, inputs, { rate, rho, momentum, epsilon, decay }) => {
  const { variable, meanSquare, velocity, gradient, scale } = inputs;
  const { at } = context;
  const addresses = [at(variable), at(meanSquare), velocity ? at(velocity) : 0, at(gradient), at(scale)];
  return inPlace(context, variable, (size) => {
    context.functions.rmspropUpdate(size, ...addresses, rate, rho, 1 - rho, momentum, epsilon, decay);
  });
};

/** Updates variable and, if it is given, velocity in place; no other tensor may share their values. */
export const sgdUpdate: WasmKernel = (context, inputs, { rate, momentum, nesterov, decay }) => {
  const { variable, velocity, gradient, scale } = inputs;
  const { at } = context;
  const addresses = [at(variable), velocity ? at(velocity) : 0, at(gradient), at(scale)];
  return inPlace(context, variable, (size) => {
    context.functions.sgdUpdate(size, ...addresses, rate, momentum, nesterov, decay);
  });
};

/** Moves x towards goal in place; no other tensor may share the values of x. */
export const moveTowards: WasmKernel = (context, { x, goal }, { weight }) => {
  const addresses = [context.at(x), context.at(goal)];
  return inPlace(context, x, (size) => context.functions.moveTowards(size, ...addresses, weight));
};

/** x of any shape -> the sum of its squares, a scalar. */
export const squaredSum: WasmKernel = ({ functions, at, output }, { x }) => {
  const sum = output([]);
  functions.squaredSum(tf.util.sizeFromShape(x.shape), at(x), at(sum));
  return sum;
};

/** Lets `write` change a tensor's values, so many, where they are. */
function inPlace({ backend }: WasmContext, tensor: tf.TensorInfo, write: (size: number) => void): tf.TensorInfo[] {
  write(tf.util.sizeFromShape(tensor.shape));
  forgetPacked(backend, tensor);
  return [];
}
