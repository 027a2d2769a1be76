/**
 * Functions of single numbers on wasm, four at a time, where the stock kernels take one after the other.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { TANH_TABLE, type WasmKernel } from "./context.ts";

/** A function of each float32; of other types it is left to tfjs. */
export function unary(kind: "Sigmoid" | "Softplus" | "Tanh"): WasmKernel {
  const stock = tf.getKernel(kind, "wasm").kernelFunc;
  const name = { Sigmoid: "sigmoidFloats", Softplus: "softplusFloats", Tanh: "tanhFloats" }[kind];
  return ({ functions, backend, at, output, scratch }, { x }, attributes) => {
    if (x.dtype !== "float32") return stock({ inputs: { x }, backend, attrs: attributes });
    const y = output(x.shape);
    functions[name](tf.util.sizeFromShape(x.shape), at(x), at(y), scratch(TANH_TABLE));
    return y;
  };
}
