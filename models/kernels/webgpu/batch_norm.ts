/**
 * Batch normalization, and its gradient, on webgpu.
 *
 * Rows are cut into parts, of each of which a workgroup makes the sums of some columns; a second program makes those of all
 * rows of them. The order of all additions depends on the sizes alone.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { ACTIVATED, SLOPE_AT } from "./activation.ts";
import type { WebgpuContext, WebgpuKernel } from "./context.ts";
import { elementwise, overElements } from "./elementwise/elementwise.ts";

/** Columns of a workgroup, and threads that share the rows of each. */
const COLUMNS = 16, LANES = 16;
/** Rows that a part has at least. */
const LEAST_ROWS = 4 * LANES;
/** A graphics card of a hundred processors or more is then kept busy. */
const WORKGROUPS = 512;

/** How many rows and columns, and how they are cut. */
interface Cut {
  readonly rows: number;
  readonly columns: number;
  /** Rows of a part. */
  readonly depth: number;
  readonly parts: number;
}

function cut({ shape }: tf.TensorInfo): Cut {
  const columns = shape[shape.length - 1], rows = tf.util.sizeFromShape(shape) / columns;
  const most = Math.ceil(WORKGROUPS / Math.ceil(columns / COLUMNS));
  const depth = Math.max(LEAST_ROWS, Math.ceil(rows / most));
  return { rows, columns, depth, parts: Math.ceil(rows / depth) };
}

/**
 * WGSL of a program in which a workgroup has one part, or all of them, of COLUMNS columns; `body` sees `part`, `column`,
 * `isColumn`, `lane` and `sumOf`, and all threads of a workgroup come to each call of that.
 */
const inColumns = (body: string, functions = "") => `
${functions}
var<workgroup> lanes: array<f32, COLUMNS * LANES>;
fn sumOf(x: f32, lane: u32, place: u32) -> f32 {
  workgroupBarrier();
  lanes[lane * COLUMNS + place] = x;
  workgroupBarrier();
  var sum = 0.0;
  for (var i = 0u; i < LANES; i++) { sum += lanes[i * COLUMNS + place]; }
  return sum;
}
@compute @workgroup_size(COLUMNS, LANES)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) thread: vec3<u32>,
) {
  let index = flatWorkgroup(workgroup, workgroups);
  let groups = (uniforms.columns + COLUMNS - 1u) / COLUMNS;
  let part = index / groups;
  let place = thread.x;
  let lane = thread.y;
  let column = index % groups * COLUMNS + place;
  let isColumn = column < uniforms.columns;
  ${body}
}`;

/** The rows of a part, one LANES-th of them for a thread. */
const eachRow = (body: string) => `
  for (var row = part * uniforms.depth + lane; row < end && isColumn; row += LANES) {
    let i = row * uniforms.columns + column;
    ${body}
  }`;

/** Keeps two numbers of a part and a column, which {@linkcode eachPart} reads. */
const keptOfPart = (first: string, second: string) => `
  if (lane == 0u && isColumn && part < uniforms.parts) {
    moments[part * 2u * uniforms.columns + column] = ${first};
    moments[(part * 2u + 1u) * uniforms.columns + column] = ${second};
  }`;

// Of each part its mean, and the sum of the squared distances from that: no square is of a number that is not a distance,
// so that a large mean leaves the variance its digits.
const PART_MOMENTS = inColumns(`
  let end = min(uniforms.rows, (part + 1u) * uniforms.depth);
  let count = f32(end - min(end, part * uniforms.depth));
  var sum = 0.0;
  ${eachRow("sum += x[i];")}
  let mean = sumOf(sum, lane, place) / max(count, 1.0);
  var squares = 0.0;
  ${eachRow("let distance = x[i] - mean; squares += distance * distance;")}
  let all = sumOf(squares, lane, place);
  ${keptOfPart("mean", "all")}`);

/** The parts of a column, one LANES-th of them for a thread. */
const eachPart = (body: string) => `
  for (var p = lane; p < uniforms.parts && isColumn; p += LANES) {
    let count = f32(min(uniforms.rows, (p + 1u) * uniforms.depth) - p * uniforms.depth);
    let first = moments[p * 2u * uniforms.columns + column];
    let second = moments[(p * 2u + 1u) * uniforms.columns + column];
    ${body}
  }`;

const MOMENTS = inColumns(`
  var sum = 0.0;
  ${eachPart("sum += count * first;")}
  let all = sumOf(sum, lane, place) / f32(uniforms.rows);
  var squares = 0.0;
  ${eachPart("let far = first - all; squares += second + count * far * far;")}
  let spread = sumOf(squares, lane, place) / f32(uniforms.rows);
  if (lane == 0u && isColumn) {
    mean[column] = all;
    variance[column] = spread;
  }`);

const NORMALIZED = elementwise(
  `
  let column = i % uniforms.columns;
  let scale = gamma[column] / sqrt(variance[column] + uniforms.epsilon);
  y[i] = flushed(activated((x[i] - mean[column]) * scale + beta[column]));`,
  ACTIVATED,
);

/** x [.., C], gamma and beta [C] -> y [.., C], mean and variance [C]. */
export const batchNorm: WebgpuKernel = (context, { x, gamma, beta }, { epsilon, activation, slope }) => {
  const { run, output, release } = context;
  const shape = cut(x), { rows, columns, parts } = shape;
  const [y, mean, variance] = [x, gamma, gamma].map(({ shape }) => output(shape));
  const moments = output([parts, 2, columns]);
  overColumns(
    context,
    { name: "BatchNormPartMoments", source: PART_MOMENTS, reads: { x }, writes: { moments } },
    shape,
  );
  overColumns(
    context,
    { name: "BatchNormMoments", source: MOMENTS, reads: { moments }, writes: { mean, variance } },
    shape,
    1,
  );
  release(moments);
  run({
    name: "BatchNorm",
    source: NORMALIZED,
    ...overElements(rows * columns, { columns }, { ACTIVATION: activation }),
    numbers: { epsilon, slope },
    reads: { x, gamma, beta, mean, variance },
    writes: { y },
  });
  return [y, mean, variance];
};

// Of each part the sum of the gradients before the activation, and that of their products with the distances.
const PART_SLOPES = inColumns(
  `
  let end = min(uniforms.rows, (part + 1u) * uniforms.depth);
  let centre = mean[min(column, uniforms.columns - 1u)];
  var sum = 0.0;
  var products = 0.0;
  ${eachRow("let g = dy[i] * slopeAt(y[i]); sum += g; products += g * (x[i] - centre);")}
  let first = sumOf(sum, lane, place);
  let second = sumOf(products, lane, place);
  ${keptOfPart("first", "second")}`,
  SLOPE_AT,
);

// dBeta, and dGamma as the sum of the products over the deviation.
const SLOPES = inColumns(`
  var sum = 0.0;
  var products = 0.0;
  ${eachPart("sum += first; products += second;")}
  let first = sumOf(sum, lane, place);
  let second = sumOf(products, lane, place);
  if (lane == 0u && isColumn) {
    let spread = variance[column] + uniforms.epsilon;
    dBeta[column] = first;
    dGamma[column] = second / sqrt(spread);
  }`);

// dx = scale (g - mean g - (x - centre) mean g (x - centre) / spread) + (dMean + 2 (x - centre) dVariance) / rows: of each
// column what g is multiplied by, what is the same for all rows, and what the distance is multiplied by.
const FACTORS = elementwise(`
  let spread = variance[i] + uniforms.epsilon;
  let scale = gamma[i] / sqrt(spread);
  factors[i] = scale;
  factors[uniforms.size + i] = (dMean[i] - scale * dBeta[i]) / uniforms.rows;
  factors[2u * uniforms.size + i] = (2.0 * dVariance[i] - scale * dGamma[i] / sqrt(spread)) / uniforms.rows;`);

const BACKWARD = elementwise(
  `
  let column = i % uniforms.columns;
  let moved = factors[uniforms.columns + column];
  let pulled = factors[2u * uniforms.columns + column];
  dx[i] = flushed(dy[i] * slopeAt(y[i]) * factors[column] + (x[i] - mean[column]) * pulled + moved);`,
  SLOPE_AT,
);

/** -> the gradients of x, gamma and beta. */
export const batchNormGrad: WebgpuKernel = (context, inputs, { epsilon, activation, slope }) => {
  const { dy, dMean, dVariance, x, y, gamma, mean, variance } = inputs;
  const { run, output, release } = context;
  const shape = cut(x), { rows, columns, parts } = shape;
  const [dx, dGamma, dBeta] = [x, gamma, gamma].map(({ shape }) => output(shape));
  const moments = output([parts, 2, columns]), factors = output([3, columns]);
  const constants = { ACTIVATION: activation };
  overColumns(context, {
    ...{ name: "BatchNormPartSlopes", source: PART_SLOPES, constants, numbers: { slope } },
    ...{ reads: { dy, y, x, mean }, writes: { moments } },
  }, shape);
  overColumns(
    context,
    {
      ...{ name: "BatchNormSlopes", source: SLOPES, numbers: { epsilon } },
      ...{ reads: { moments, variance }, writes: { dGamma, dBeta } },
    },
    shape,
    1,
  );
  release(moments);
  run({
    ...{ name: "BatchNormFactors", source: FACTORS },
    ...overElements(columns),
    numbers: { epsilon, rows },
    reads: { dGamma, dBeta, dMean, dVariance, gamma, variance },
    writes: { factors },
  });
  run({
    ...{ name: "BatchNormGrad", source: BACKWARD },
    ...overElements(rows * columns, { columns }, constants),
    numbers: { slope },
    reads: { dy, y, x, mean, factors },
    writes: { dx },
  });
  release(factors);
  return [dx, dGamma, dBeta];
};

/** Runs a program that has workgroups for all columns, so many times. */
function overColumns(
  { run }: WebgpuContext,
  program: Omit<Parameters<WebgpuContext["run"]>[0], "sizes" | "workgroups">,
  shape: Cut,
  groups = shape.parts,
): void {
  run({
    ...program,
    constants: { COLUMNS, LANES, ...program.constants },
    sizes: { ...shape },
    workgroups: groups * Math.ceil(shape.columns / COLUMNS),
  });
}
