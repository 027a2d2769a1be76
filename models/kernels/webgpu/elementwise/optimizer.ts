/**
 * The optimizers' updates and that of a moving average on webgpu, in place, one dispatch a variable; and the sum of
 * squares, for clipping.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { WebgpuKernel } from "../context.ts";
import { elementwise, overElements } from "./elementwise.ts";

const GROUP = 256;

/**
 * Added to a mean of squares, as in the wasm kernels, so that it does not decay into subnormal numbers where a gradient
 * is 0: it comes to the square of a gradient of 1e-18, which beside an epsilon of 1e-8 moves no weight.
 */
const FLOOR = 1e-36;

/** A step of an optimizer: `g` is an element of the scaled gradient, and `body` sets `step`. */
const update = (body: string) =>
  elementwise(`
  let g = gradient[i] * scale[0];
  ${body}
  variable[i] -= uniforms.decay * variable[i] + step;`);

const ADAM = update(`
  let mean = flushed(uniforms.beta1 * m[i] + uniforms.rest1 * g);
  let square = uniforms.beta2 * v[i] + (uniforms.rest2 * (g * g) + ${FLOOR});
  m[i] = mean;
  v[i] = square;
  let step = uniforms.rate * mean / (sqrt(square) * uniforms.vScale + uniforms.epsilon);`);

const rmsprop = (hasVelocity: boolean) =>
  update(`
  let square = uniforms.rho * meanSquare[i] + (uniforms.rest * (g * g) + ${FLOOR});
  var direction = g / (sqrt(square) + uniforms.epsilon);
  meanSquare[i] = square;
  ${hasVelocity ? "direction = flushed(direction + uniforms.momentum * velocity[i]); velocity[i] = direction;" : ""}
  let step = uniforms.rate * direction;`);

const sgd = (hasVelocity: boolean, nesterov: boolean) =>
  update(`
  var direction = g;
  ${hasVelocity ? "direction = flushed(direction + uniforms.momentum * velocity[i]); velocity[i] = direction;" : ""}
  ${hasVelocity && nesterov ? "direction = g + uniforms.momentum * direction;" : ""}
  let step = uniforms.rate * direction;`);

const MOVE_TOWARDS = elementwise("x[i] = flushed(x[i] + uniforms.weight * (goal[i] - x[i]));");

/** Updates variable, m and v in place; no other tensor may share their values. */
export const adamUpdate: WebgpuKernel = ({ run }, { variable, m, v, gradient, scale }, attributes) => {
  const { rate, vScale, beta1, beta2, epsilon, decay } = attributes;
  const size = tf.util.sizeFromShape(variable.shape);
  run({
    name: "AdamUpdate",
    source: ADAM,
    ...overElements(size),
    numbers: { rate, vScale, beta1, beta2, rest1: 1 - beta1, rest2: 1 - beta2, epsilon, decay },
    changing: true,
    reads: { gradient, scale },
    writes: { variable, m, v },
  });
  return [];
};

/** Updates variable, meanSquare and, if it is given, velocity in place; no other tensor may share their values. */
export const rmspropUpdate: WebgpuKernel = ({ run }, inputs, { rate, rho, momentum, epsilon, decay }) => {
  const { gradient, scale, ...writes } = inputs;
  const size = tf.util.sizeFromShape(inputs.variable.shape);
  const hasVelocity = "velocity" in writes;
  run({
    name: hasVelocity ? "RmspropMomentumUpdate" : "RmspropUpdate",
    source: rmsprop(hasVelocity),
    ...overElements(size),
    numbers: { rate, rho, rest: 1 - rho, momentum, epsilon, decay },
    changing: true,
    reads: { gradient, scale },
    writes,
  });
  return [];
};

/** Updates variable and, if it is given, velocity in place; no other tensor may share their values. */
export const sgdUpdate: WebgpuKernel = ({ run }, inputs, { rate, momentum, nesterov, decay }) => {
  const { gradient, scale, ...writes } = inputs;
  const size = tf.util.sizeFromShape(inputs.variable.shape);
  const hasVelocity = "velocity" in writes;
  run({
    name: hasVelocity ? nesterov ? "SgdNesterovUpdate" : "SgdMomentumUpdate" : "SgdUpdate",
    source: sgd(hasVelocity, nesterov === 1),
    ...overElements(size),
    numbers: { rate, momentum, decay },
    changing: true,
    reads: { gradient, scale },
    writes,
  });
  return [];
};

/** Moves x towards goal in place; no other tensor may share the values of x. */
export const moveTowards: WebgpuKernel = ({ run }, { x, goal }, { weight }) => {
  const size = tf.util.sizeFromShape(x.shape);
  run({
    name: "MoveTowards",
    source: MOVE_TOWARDS,
    ...overElements(size),
    numbers: { weight },
    reads: { goal },
    writes: { x },
  });
  return [];
};

/** What a workgroup sums up at least where there are several: fewer would cost less than a second dispatch. */
const SHARE = 8192;

// Each thread adds up its elements in their order, and the workgroup its threads in pairs: the same sum in every run.
const SUM = `
var<workgroup> sums: array<f32, GROUP>;

@compute @workgroup_size(GROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  var sum = 0.0;
  for (var i = workgroup.x * GROUP + thread; i < uniforms.size; i += workgroups.x * GROUP) {
    sum += select(x[i], x[i] * x[i], SQUARES == 1u);
  }
  sums[thread] = sum;
  for (var half = GROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (thread < half) { sums[thread] += sums[thread + half]; }
  }
  if (thread == 0u) { total[workgroup.x] = sums[0]; }
}`;

/** x of any shape -> the sum of its squares, a scalar. */
export const squaredSum: WebgpuKernel = ({ output, run, release }, { x }) => {
  const sum = (x: tf.TensorInfo, total: tf.TensorInfo, squares: boolean) =>
    run({
      name: "SquaredSum",
      source: SUM,
      constants: { GROUP, SQUARES: Number(squares) },
      sizes: { size: tf.util.sizeFromShape(x.shape) },
      reads: { x },
      writes: { total },
      workgroups: Math.max(1, tf.util.sizeFromShape(total.shape)),
    });
  const total = output([]);
  const shares = Math.min(256, Math.ceil(tf.util.sizeFromShape(x.shape) / SHARE));
  if (shares <= 1) sum(x, total, true);
  else {
    const parts = output([shares]);
    sum(x, parts, true);
    sum(parts, total, false);
    release(parts);
  }
  return total;
};
