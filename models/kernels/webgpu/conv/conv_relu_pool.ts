/**
 * Convolution, bias, ReLU and max-pooling fused, and its gradients, on webgpu.
 *
 * Winners are kept as bytes, four channels in an int32: 0 to 3, which of its four cells the pool took in row order, or 4
 * where ReLU cut it off.
 *
 * @module
 */
import type { WebgpuKernel } from "../context.ts";
import { convSource, STORE_DX, tileConv, TURNED } from "./conv_tile.ts";
import { splitProduct } from "../products/split_product.ts";

const FORWARD = {
  inputAt: `
fn inputAt(image: u32, y: i32, x: i32, channel: u32) -> f32 {
  if (y < 0 || x < 0 || u32(y) >= uniforms.height || u32(x) >= uniforms.width) { return 0.0; }
  return x_[((image * uniforms.height + u32(y)) * uniforms.width + u32(x)) * INPUTS + channel];
}`,
  filterAt: `
fn filterAt(tap: u32, input: u32, output: u32) -> f32 { return filter_[(tap * INPUTS + input) * OUTPUTS + output]; }`,
  startAt: `
fn startAt(output: u32) -> f32 { return bias[min(output, OUTPUTS - 1u)]; }`,
  finish: `
fn finish(image: u32, y: u32, x: u32, output: u32, a: vec4<f32>, b: vec4<f32>, c: vec4<f32>, d: vec4<f32>) {
  let rows = uniforms.height / 2u;
  let cols = uniforms.width / 2u;
  if (y >= rows || x >= cols || output >= OUTPUTS) { return; }
  var best = a;
  var winner = vec4<u32>(0u);
  winner = select(winner, vec4<u32>(1u), b > best);
  best = max(best, b);
  winner = select(winner, vec4<u32>(2u), c > best);
  best = max(best, c);
  winner = select(winner, vec4<u32>(3u), d > best);
  best = max(best, d);
  winner = select(winner, vec4<u32>(4u), best <= vec4<f32>(0.0));
  best = max(best, vec4<f32>(0.0));
  let cell = (image * rows + y) * cols + x;
  winners[cell * ((OUTPUTS + 3u) / 4u) + output / 4u] = dot(winner, vec4<u32>(1u, 0x100u, 0x10000u, 0x1000000u));
  let place = cell * OUTPUTS + output;
  pooled[place] = best.x;
  if (output + 1u < OUTPUTS) { pooled[place + 1u] = best.y; }
  if (output + 2u < OUTPUTS) { pooled[place + 2u] = best.z; }
  if (output + 3u < OUTPUTS) { pooled[place + 3u] = best.w; }
}`,
};

/** x [N, H, W, Cin], filter [3, 3, Cin, Cout], bias [Cout] -> pooled [N, H/2, W/2, Cout] and winners [.., Cout/4]. */
export const convReluPool: WebgpuKernel = ({ output, run }, { x, filter, bias }) => {
  const [batch, height, width, inputs] = x.shape;
  const outputs = filter.shape[3];
  const squares = [height >> 1, width >> 1] as const;
  const pooled = output([batch, ...squares, outputs]);
  const winners = output([batch, ...squares, Math.ceil(outputs / 4)], "int32");
  const { constants, sizes, workgroups } = tileConv({ batch, squares, inputs, outputs });
  run({
    name: "ConvReluPool",
    source: convSource(FORWARD, constants.QUADS),
    constants,
    sizes: { ...sizes, height, width },
    reads: { x_: x, filter_: filter, bias },
    writes: { pooled, winners },
    elements: { winners: "u32" },
    workgroups,
  });
  return [pooled, winners];
};

/** The gradient before pooling, of `channels` channels: that of the pool where the cell won, or zero. */
const unpool = (channels: string) => `
fn unpooled(cell: u32, position: u32, channel: u32) -> f32 {
  let word = winners[cell * ((${channels} + 3u) / 4u) + channel / 4u];
  let winner = (word >> (8u * (channel % 4u))) & 255u;
  return select(0.0, dy[cell * ${channels} + channel], winner == position);
}`;

const BACKWARD = {
  inputAt: unpool("INPUTS") + `
fn inputAt(image: u32, y: i32, x: i32, channel: u32) -> f32 {
  let rows = uniforms.height / 2u;
  let cols = uniforms.width / 2u;
  if (y < 0 || x < 0 || u32(y) >= 2u * rows || u32(x) >= 2u * cols) { return 0.0; }
  let cell = (image * rows + u32(y) / 2u) * cols + u32(x) / 2u;
  return unpooled(cell, u32(y) % 2u * 2u + u32(x) % 2u, channel);
}`,
  ...TURNED,
  finish: STORE_DX,
};

/** -> the gradient of x [N, H, W, Cin]: a convolution with the filter turned about its centre. */
export const convReluPoolInputGrad: WebgpuKernel = (
  { output, run },
  { dy, winners, filter },
  { height, width },
) => {
  const batch = dy.shape[0], inputs = dy.shape[3], outputs = filter.shape[2]; // of this convolution
  const dx = output([batch, height, width, outputs]);
  const squares = [Math.ceil(height / 2), Math.ceil(width / 2)] as const;
  const { constants, sizes, workgroups } = tileConv({ batch, squares, inputs, outputs });
  run({
    name: "ConvReluPoolInputGrad",
    source: convSource(BACKWARD, constants.QUADS),
    constants,
    sizes: { ...sizes, height, width },
    reads: { dy, winners, filter_: filter },
    writes: { dx },
    elements: { winners: "u32" },
    workgroups,
  });
  return dx;
};

// A row of the product is a tap and an input channel, the last one a row of ones that gives the bias; a term is a cell
// before pooling.
const FILTER_GRAD = unpool("OUTPUTS") + `
fn rowOf(m: u32) -> vec4<i32> {
  let tap = m / INPUTS;
  return vec4<i32>(vec4<u32>(tap / 3u, tap % 3u, m % INPUTS, select(0u, 1u, m == 9u * INPUTS)));
}
fn termOf(k: u32) -> vec4<i32> {
  let rows = uniforms.height / 2u;
  let cols = uniforms.width / 2u;
  let cell = k / 4u;
  let y = cell / cols % rows * 2u + k % 4u / 2u;
  let x = cell % cols * 2u + k % 2u;
  return vec4<i32>(vec4<u32>(cell / (rows * cols), y, x, k)) - vec4<i32>(0, 1, 1, 0);
}
fn leftAt(row: vec4<i32>, term: vec4<i32>) -> f32 {
  if (row.w == 1) { return 1.0; }
  let y = term.y + row.x;
  let x = term.z + row.y;
  if (y < 0 || x < 0 || u32(y) >= uniforms.height || u32(x) >= uniforms.width) { return 0.0; }
  return x_[((u32(term.x) * uniforms.height + u32(y)) * uniforms.width + u32(x)) * INPUTS + u32(row.z)];
}
fn rightAt(term: vec4<i32>, n: u32) -> f32 { return unpooled(u32(term.w) / 4u, u32(term.w) % 4u, n); }`;

/** -> the gradients of filter [3, 3, Cin, Cout] and bias [Cout]. */
export const convReluPoolFilterGrad: WebgpuKernel = (context, { dy, winners, x }) => {
  const [, height, width, inputs] = x.shape;
  const [batch, rows, cols, outputs] = dy.shape;
  const dFilter = context.output([3, 3, inputs, outputs]);
  const dBias = context.output([outputs]);
  splitProduct(context, {
    name: "ConvReluPoolFilterGrad",
    m: 9 * inputs + 1,
    n: outputs,
    k: 4 * batch * rows * cols,
    reads: { dy, winners, x_: x },
    elements: { winners: "u32" },
    constants: { INPUTS: inputs, OUTPUTS: outputs },
    sizes: { height, width },
    source: FILTER_GRAD,
    writes: [dFilter, dBias],
  });
  return [dFilter, dBias];
};
