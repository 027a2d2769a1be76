/**
 * The transpose of a convolution of any stride: a layer that makes images larger, and the gradient of a convolution's input.
 *
 * With stride s, a pixel meets only every s-th tap of the filter in each direction; those that meet the same taps are a
 * phase. Each phase is a matrix product of its own, its rows the phase's pixels, its columns the output channels and its
 * terms the phase's taps times the input channels, so that nothing is multiplied that is known to be zero. The order of
 * all additions depends on the sizes alone.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import { ACTIVATED } from "../activation.ts";
import type { WebgpuContext } from "../context.ts";

const THREADS = 64;
/** Four terms each, that a workgroup brings to shared memory at a time. */
const QUADS = 8;
/** A graphics card of a hundred processors or more is then kept busy. */
const WORKGROUPS = 512;

/** What is made of what. */
export interface TransposedConv {
  /** float32 [N, h, w, Cin]. */
  readonly x: tf.TensorInfo;
  /** float32 [KH, KW, Cout, Cin]. */
  readonly filter: tf.TensorInfo;
  /** The convolution that this is the transpose of, from [N, H, W, Cout] to [N, h, w, Cin]. */
  readonly info: tf.backend_util.Conv2DInfo;
  /** float32 [Cout]; none when left out. */
  readonly bias?: tf.TensorInfo;
  /** A place in `ACTIVATIONS`; 0, linear, when left out. */
  readonly activation?: number;
  readonly slope?: number;
}

/** -> float32 [N, H, W, Cout]. */
export function transposeConv(
  { run, output }: WebgpuContext,
  { x, filter, info, bias, activation = 0, slope = 1 }: TransposedConv,
): tf.TensorInfo {
  const { batchSize: batch, inHeight: height, inWidth: width, inChannels, outChannels, padInfo } = info;
  const { strideHeight, strideWidth, filterHeight, filterWidth } = info;
  const y = output(info.inShape);
  const COLS = [1, 2, 4].find((cols) => inChannels <= 4 * cols) ?? 8; // threads in a row, each with four columns
  const rows = batch * Math.ceil(height / strideHeight) * Math.ceil(width / strideWidth); // of the largest phase
  const phases = strideHeight * strideWidth, blockCols = Math.ceil(inChannels / (4 * COLS));
  const blocksOf = (each: number) => Math.ceil(rows / (THREADS / COLS * each)) * blockCols;
  const EACH = [COLS, COLS / 2, COLS / 4].filter((each) => each >= 1)
    .find((each, i, all) => blocksOf(each) * phases >= WORKGROUPS || i === all.length - 1)!; // rows of a thread
  const isWide = outChannels % 4 === 0;
  const blocks = blocksOf(EACH);
  run({
    name: `TransposedConv${EACH}${isWide ? "Wide" : ""}${bias ? "Bias" : ""}`,
    source: sourceOf(EACH, isWide, bias !== undefined),
    constants: {
      ...{ COLS, INPUTS: outChannels, OUTPUTS: inChannels, ACTIVATION: activation },
      ...{ FILTER_HEIGHT: filterHeight, FILTER_WIDTH: filterWidth },
      ...{ STRIDE_HEIGHT: strideHeight, STRIDE_WIDTH: strideWidth },
    },
    sizes: {
      ...{ batch, height, width, lowHeight: info.outHeight, lowWidth: info.outWidth },
      ...{ padTop: padInfo.top, padLeft: padInfo.left, blocks, blockCols },
    },
    numbers: { slope },
    reads: { x_: x, filter_: filter, ...bias && { bias } },
    writes: { y },
    ...isWide && { elements: { x_: "vec4<f32>", filter_: "vec4<f32>" } },
    workgroups: blocks * phases,
  });
  return y;
}

/** `fn NAMEAt(place: u32, channel: u32) -> vec4<f32>`: four input channels of a pixel, or of a tap's output channel. */
const quadAt = (name: string, isWide: boolean) =>
  isWide
    ? `
fn ${name}At(place: u32, channel: u32) -> vec4<f32> { return ${name}[(place * INPUTS + channel) / 4u]; }`
    : `
fn ${name}One(place: u32, channel: u32) -> f32 {
  if (channel >= INPUTS) { return 0.0; }
  return ${name}[place * INPUTS + channel];
}
fn ${name}At(place: u32, channel: u32) -> vec4<f32> {
  return vec4<f32>(${[0, 1, 2, 3].map((i) => `${name}One(place, channel + ${i}u)`).join(", ")});
}`;

function sourceOf(each: number, isWide: boolean, hasBias: boolean): string {
  const all = (count: number, line: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => line(i)).join("\n      ");
  return `
const ROWS = ${THREADS}u / COLS;
const TILE = ROWS * ${each}u;
const ROOM = ${QUADS + 1}u; // one more than needed keeps the threads of a column in different memory banks
const STEP = ${THREADS / QUADS}u;
const CHANNEL_QUADS = (INPUTS + 3u) / 4u;
const STRIDE = vec2<u32>(STRIDE_HEIGHT, STRIDE_WIDTH);
const FILTER = vec2<u32>(FILTER_HEIGHT, FILTER_WIDTH);
var<workgroup> left: array<vec4<f32>, TILE * ROOM>;
var<workgroup> right: array<vec4<f32>, 4u * COLS * ROOM>;
var<workgroup> pixels: array<vec4<i32>, TILE>; // image, y and x in the small images at the first tap, 1 where there is one
${quadAt("x_", isWide)}
${quadAt("filter_", isWide)}
${ACTIVATED}
fn store(place: u32, output: u32, sum: f32) {
  if (output < OUTPUTS) { y[place * OUTPUTS + output] = activated(sum${hasBias ? " + bias[output]" : ""}); }
}
@compute @workgroup_size(${THREADS})
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  let index = flatWorkgroup(workgroup, workgroups);
  let block = index % uniforms.blocks;
  if (index / uniforms.blocks >= STRIDE_HEIGHT * STRIDE_WIDTH) { return; }
  let phase = vec2<u32>(index / uniforms.blocks / STRIDE_WIDTH, index / uniforms.blocks % STRIDE_WIDTH); // its first tap
  let size = vec2<u32>(uniforms.height, uniforms.width);
  let pad = vec2<u32>(uniforms.padTop, uniforms.padLeft);
  let start = (phase + STRIDE - pad % STRIDE) % STRIDE; // its first pixel
  let sides = (max(size, start) - start + STRIDE - 1u) / STRIDE; // pixels down and across
  let taps = (max(FILTER, phase) - phase + STRIDE - 1u) / STRIDE;
  let firstRow = block / uniforms.blockCols * TILE;
  let firstCol = block % uniforms.blockCols * 4u * COLS;
  let rows = uniforms.batch * sides.x * sides.y;
  if (firstRow >= rows) { return; }

  let base = vec2<i32>((start + pad - phase) / STRIDE);
  for (var i = thread; i < TILE; i += ${THREADS}u) {
    let row = firstRow + i;
    let at = base + vec2<i32>(vec2<u32>(row / sides.y % sides.x, row % sides.y));
    pixels[i] = vec4<i32>(i32(row / (sides.x * sides.y)), at, select(0, 1, row < rows));
  }
  workgroupBarrier();

  let low = vec2<i32>(vec2<u32>(uniforms.lowHeight, uniforms.lowWidth));
  let r = thread / COLS;
  let c = thread % COLS;
  let q = thread % ${QUADS}u;
  ${all(each, (i) => `var acc${i} = vec4<f32>();`)}
  let quads = taps.x * taps.y * CHANNEL_QUADS;
  for (var first = 0u; first < quads; first += ${QUADS}u) {
    let channel = (first + q) % CHANNEL_QUADS * 4u;
    let number = (first + q) / CHANNEL_QUADS;
    let tap = vec2<u32>(number / taps.y, number % taps.y);
    let isTerm = first + q < quads;
    for (var i = thread / ${QUADS}u; i < TILE; i += STEP) {
      let pixel = pixels[i];
      let at = pixel.yz - vec2<i32>(tap);
      var value = vec4<f32>();
      if (isTerm && pixel.w == 1 && all(at >= vec2<i32>()) && all(at < low)) {
        value = x_At((u32(pixel.x) * uniforms.lowHeight + u32(at.x)) * uniforms.lowWidth + u32(at.y), channel);
      }
      left[i * ROOM + q] = value;
    }
    let inFilter = phase + tap * STRIDE;
    for (var i = thread / ${QUADS}u; i < 4u * COLS; i += STEP) {
      let output = firstCol + i;
      var value = vec4<f32>();
      if (isTerm && output < OUTPUTS) {
        value = filter_At((inFilter.x * FILTER_WIDTH + inFilter.y) * OUTPUTS + output, channel);
      }
      right[i * ROOM + q] = value;
    }
    workgroupBarrier();
    for (var k = 0u; k < ${QUADS}u; k++) {
      ${all(4, (i) => `let b${i} = right[(c + ${i}u * COLS) * ROOM + k];`)}
      ${
    all(each, (i) => `
      let a${i} = left[(r + ${i}u * ROWS) * ROOM + k];
      acc${i} += vec4<f32>(dot(a${i}, b0), dot(a${i}, b1), dot(a${i}, b2), dot(a${i}, b3));`)
  }
    }
    workgroupBarrier();
  }
  ${
    all(each, (i) => {
      const at = `at${i}`;
      return `
  let pixel${i} = pixels[r + ${i}u * ROWS];
  if (pixel${i}.w == 1) {
    let ${at} = start + vec2<u32>(pixel${i}.yz - base) * STRIDE;
    let place = (u32(pixel${i}.x) * uniforms.height + ${at}.x) * uniforms.width + ${at}.y;
    ${all(4, (j) => `store(place, firstCol + c + ${j}u * COLS, acc${i}[${j}]);`)}
  }`;
    })
  }
}`;
}
