/**
 * Matrix products on webgpu, of one matrix with another. On an NVIDIA H200 tfjs's own kernel took twenty times as long for
 * the gradients of DRAW's products, where one side is transposed; and where the inner dimension is long it adds
 * atomically, in another order at every run, and so with other rounding. Products of many matrices are left to tfjs.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { activate } from "../../activation.ts";
import type { WebgpuContext, WebgpuKernel } from "../context.ts";
import { LEAST_DEPTH, splitProduct } from "./split_product.ts";

const SOURCE = `
fn rowOf(m: u32) -> vec4<i32> { return vec4<i32>(i32(m)); }
fn termOf(k: u32) -> vec4<i32> { return vec4<i32>(i32(k)); }
fn leftAt(row: vec4<i32>, term: vec4<i32>) -> f32 {
  return a[u32(row.x) * uniforms.rowStepA + u32(term.x) * uniforms.termStepA];
}
fn rightAt(term: vec4<i32>, n: u32) -> f32 {
  return b[u32(term.x) * uniforms.termStepB + n * uniforms.colStepB];
}`;

interface Product {
  readonly a: tf.TensorInfo;
  readonly b: tf.TensorInfo;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly bias?: tf.TensorInfo | undefined;
}

/** a [..., M, K] and b [..., K, N], either one transposed -> [..., M, N]. */
export function batchMatMul(): WebgpuKernel {
  const stock = tf.getKernel("BatchMatMul", "webgpu").kernelFunc;
  return (context, inputs, attributes) => {
    const { a, b } = inputs;
    const { transposeA, transposeB } = attributes;
    return splitMatMul(context, { a, b, transposeA, transposeB }) ??
      stock({ inputs, backend: context.backend, attrs: attributes });
  };
}

/** A product with a bias [N] and an activation. */
export function fusedMatMul(): WebgpuKernel {
  const stock = tf.getKernel("_FusedMatMul", "webgpu").kernelFunc;
  return (context, inputs, attributes) => {
    const { a, b, bias, preluActivationWeights } = inputs;
    const { transposeA, transposeB, activation, leakyreluAlpha } = attributes;
    const [columns] = b.shape.slice(transposeB ? -2 : -1);
    const isOurs = !bias || bias.shape.length === 1 && bias.shape[0] === columns; // one that is repeated is left to tfjs
    const linear = isOurs ? splitMatMul(context, { a, b, transposeA, transposeB, bias }) : undefined;
    if (!linear) return stock({ inputs, backend: context.backend, attrs: attributes });
    return activate(context.backend, linear, { activation, leakyreluAlpha, preluActivationWeights });
  };
}

function splitMatMul(
  context: WebgpuContext,
  { a, b, transposeA, transposeB, bias }: Product,
): tf.TensorInfo | undefined {
  const outer = [...a.shape.slice(0, -2), ...b.shape.slice(0, -2)];
  const [rowsA, colsA] = a.shape.slice(-2), [rowsB, colsB] = b.shape.slice(-2);
  const [m, k] = transposeA ? [colsA, rowsA] : [rowsA, colsA];
  const n = transposeB ? rowsB : colsB;
  const areFloats = a.dtype === "float32" && b.dtype === "float32";
  if (!areFloats || m * n * k === 0 || outer.some((size) => size !== 1)) return undefined;
  const product = context.output([...Array(Math.max(a.shape.length, b.shape.length) - 2).fill(1), m, n]);
  splitProduct(context, {
    name: "SplitMatMul",
    ...{ m, n, k },
    reads: { a, b },
    sizes: {
      rowStepA: transposeA ? 1 : colsA,
      termStepA: transposeA ? colsA : 1,
      termStepB: transposeB ? 1 : colsB,
      colStepB: transposeB ? colsB : 1,
    },
    source: SOURCE,
    writes: [product],
    bias,
    leastDepth: LEAST_DEPTH,
  });
  return product;
}
