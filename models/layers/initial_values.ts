/**
 * How variables begin.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Prng } from "../../pipelines/base/prng.ts";
import { uniformVariable } from "./layer.ts";
import { takeRoom } from "./variable_room.ts";

/** A matrix [inputs, outputs] drawn from U(-b, b), b = sqrt(6 / (inputs + outputs)) (Glorot and Bengio 2010, eq. 16). */
export function glorotVariable([inputs, outputs]: [number, number], prng: Prng): tf.Variable<tf.Rank.R2> {
  return uniformVariable<tf.Rank.R2>([inputs, outputs], Math.sqrt(6 / (inputs + outputs)), prng);
}

/** A variable drawn from N(0, deviation^2). */
export function normalVariable<R extends tf.Rank>(
  shape: tf.ShapeMap[R],
  deviation: number,
  prng: Prng,
): tf.Variable<R> {
  takeRoom(shape);
  const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => deviation * prng.normal());
  return tf.tidy(() => tf.variable(tf.tensor<R>(values, shape)));
}

/** A variable of one value. */
export function constantVariable<R extends tf.Rank>(shape: tf.ShapeMap[R], value: number): tf.Variable<R> {
  takeRoom(shape);
  return tf.tidy(() => tf.variable(tf.fill<R>(shape, value)));
}

/**
 * Biases of gates that keep a state for 1 to `span` steps, drawn as ln U(1, span - 1) (chrono initialization: Tallec and Ollivier 2018,
 * arXiv:1804.11188, eq. 16). A gate at the sigmoid of b keeps it for about 1 + e^b steps.
 *
 * @param span T_max, the longest dependency in steps, 2 or more.
 * @throws {RangeError} When it is less.
 */
export function chronoBiases(units: number, span: number, prng: Prng): Float32Array {
  if (span < 2) throw new RangeError(`Cannot keep a state for 1 to ${span} steps: expected 2 or more`);
  return Float32Array.from({ length: units }, () => Math.log(1 + (span - 2) * prng.uniform()));
}

/**
 * Square orthogonal matrices side by side, [units, blocks * units]: of each the rows are those of a matrix of normal numbers,
 * made orthonormal one after another (Gram and Schmidt, modified), so that no orthogonal matrix is likelier than another
 * (Saxe, McClelland and Ganguli 2013, arXiv:1312.6120).
 */
export function orthogonalVariable(
  { units, blocks }: { readonly units: number; readonly blocks: number },
  prng: Prng,
): tf.Variable<tf.Rank.R2> {
  takeRoom([units, blocks * units]);
  const values = new Float32Array(units * blocks * units);
  for (let block = 0; block < blocks; block++) {
    orthonormalRows(units, prng).forEach((row, i) => values.set(row, (i * blocks + block) * units));
  }
  return tf.tidy(() => tf.variable(tf.tensor2d(values, [units, blocks * units])));
}

function orthonormalRows(size: number, prng: Prng): Float64Array[] {
  const rows: Float64Array[] = [];
  while (rows.length < size) {
    const row = Float64Array.from({ length: size }, () => prng.normal());
    const before = Math.hypot(...row);
    for (const other of rows) {
      let along = 0;
      for (let j = 0; j < size; j++) along += row[j] * other[j];
      for (let j = 0; j < size; j++) row[j] -= along * other[j];
    }
    const length = Math.hypot(...row);
    if (length < 1e-6 * before) continue; // nothing but rounding is left of it
    for (let j = 0; j < size; j++) row[j] /= length;
    rows.push(row);
  }
  return rows;
}
