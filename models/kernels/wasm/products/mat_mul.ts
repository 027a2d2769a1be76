/**
 * Matrix products on wasm, transposed operands as fast as plain ones.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { activate } from "../../activation.ts";
import type { WasmContext, WasmKernel } from "../context.ts";

interface Product {
  readonly a: tf.TensorInfo;
  readonly b: tf.TensorInfo;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly bias?: tf.TensorInfo | undefined;
}

/** a [..., M, K] and b [..., K, N], either one transposed; leading dimensions broadcast -> [..., M, N]. */
export const batchMatMul: WasmKernel = (context, { a, b }, { transposeA, transposeB }) =>
  product(context, { a, b, transposeA, transposeB });

/** A product with a bias [N] and an activation; the stock kernel forgets the bias where an operand is transposed. */
export const fusedMatMul: WasmKernel = (context, { a, b, bias, preluActivationWeights }, attributes) => {
  const { transposeA, transposeB, activation, leakyreluAlpha } = attributes;
  const linear = product(context, { a, b, bias, transposeA, transposeB });
  return activate(context.backend, linear, { activation, leakyreluAlpha, preluActivationWeights });
};

/** Up to so many multiplications a matrix, packing both operands costs more than it saves. */
const SMALL = 32_768;

function product(context: WasmContext, { a, b, bias, transposeA, transposeB }: Product): tf.TensorInfo {
  const { functions, at, output, scratch } = context;
  const outer = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const [rowsA, colsA] = a.shape.slice(-2), [rowsB, colsB] = b.shape.slice(-2);
  const [m, k] = transposeA ? [colsA, rowsA] : [rowsA, colsA];
  const n = transposeB ? rowsB : colsB;
  if (k !== (transposeB ? colsB : rowsB)) {
    throw new RangeError(`matMul needs equal inner sizes, found [${a.shape.join(", ")}] and [${b.shape.join(", ")}]`);
  }
  const dst = output([...outer, m, n]);
  const [batchA, batchB] = [a, b].map(({ shape }) => tf.util.sizeFromShape(shape.slice(0, -2)));
  if (m * n * k <= SMALL && !bias && batchA === batchB) {
    const work = scratch(functions.gemmSmallScratch(n, k));
    const operandA = [at(a), 4 * rowsA * colsA, ...(transposeA ? [4, 4 * colsA] : [4 * colsA, 4])];
    const operandB = [at(b), 4 * rowsB * colsB, ...(transposeB ? [4, 4 * colsB] : [4 * colsB, 4])];
    functions.gemmSmall(batchA, m, n, k, ...operandA, ...operandB, at(dst), work);
    return dst;
  }
  const work = scratch(functions.gemmScratch(m));
  const stepsA = transposeA ? [4, 4 * colsA] : [4 * colsA, 4];
  const stepsB = transposeB ? [4, 4 * colsB] : [4 * colsB, 4];
  const from = bias ? at(bias) : 0;
  const addressA = at(a), addressB = at(b), to = at(dst);
  const matrixA = offsets(a.shape.slice(0, -2), outer), matrixB = offsets(b.shape.slice(0, -2), outer);
  for (let i = 0; i < matrixA.length; i++) {
    const operandA = addressA + 4 * rowsA * colsA * matrixA[i], operandB = addressB + 4 * rowsB * colsB * matrixB[i];
    functions.gemm(m, n, k, operandA, ...stepsA, operandB, ...stepsB, from, 0, to + 4 * m * n * i, 4 * n, work);
  }
  return dst;
}

/** Which matrix of an operand each matrix of the result takes, under broadcasting. */
function offsets(shape: number[], outer: number[]): number[] {
  let found = [0];
  const sizes = [...new Array(outer.length - shape.length).fill(1), ...shape];
  sizes.forEach((size, axis) => {
    found = found.flatMap((before) =>
      Array.from({ length: outer[axis] }, (_, i) => before * size + (size === 1 ? 0 : i))
    );
  });
  return found;
}
