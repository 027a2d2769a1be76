/**
 * The convolution of any stride and its transpose: layers that make images smaller and larger, and the gradients of each
 * other's input.
 *
 * Each is a matrix product that is never laid out: its rows are pixels of what is made, its columns the output channels
 * and its terms the filter's taps times the input channels. Of a transpose with stride s, a pixel meets only every s-th
 * tap in each direction; those that meet the same taps are a phase, which has a product of its own, so that nothing is
 * multiplied that is known to be zero. The order of all additions depends on the sizes alone.
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
export interface ConvProduct {
  /** float32 [N, h, w, Cin]. */
  readonly x: tf.TensorInfo;
  /** float32 [KH, KW, Cin, Cout]; of a transpose [KH, KW, Cout, Cin]. */
  readonly filter: tf.TensorInfo;
  /** The convolution; of a transpose that which it is the transpose of. */
  readonly info: tf.backend_util.Conv2DInfo;
  /** float32 [Cout]; none when left out. */
  readonly bias?: tf.TensorInfo | undefined;
  /** A place in `ACTIVATIONS`; 0, linear, when left out. */
  readonly activation?: number;
  readonly slope?: number;
}

const all = (count: number, line: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join("\n      ");

/** What a convolution and its transpose do otherwise, in WGSL. */
interface Kind {
  readonly name: string;
  /**
   * `sides`, pixels of the phase down and across; `taps`, likewise; `base`, where the first tap of the first pixel lies in
   * x; `pixelStep` and `tapStep`, how much further each next one does.
   */
  readonly geometry: string;
  /** Where a tap of the phase lies in the filter. */
  readonly inFilter: string;
  /** The pixel of a `row` in what is made. */
  readonly place: string;
  /** Puts the filter's values for `channel` to the next three, those of `inFilter`, to shared memory. */
  readonly fetch: string;
}

const CONV: Kind = {
  name: "Conv",
  geometry: `
  let sides = size;
  let taps = FILTER;
  let base = -vec2<i32>(pad);
  let pixelStep = vec2<i32>(STRIDE);
  const tapStep = 1;`,
  inFilter: "tap",
  place: "row",
  fetch: `
    for (var i = thread / ${QUADS}u; i < COLS; i += STEP) {
      ${
    all(4, (j) => `
      var from${j} = vec4<f32>(); // input channel + ${j} to four output channels
      if (isTerm && channel + ${j}u < INPUTS) {
        from${j} = filter_At(tapPlace * INPUTS + channel + ${j}u, firstCol + 4u * i);
      }`)
  }
      ${
    all(4, (j) => `right[(4u * i + ${j}u) * ROOM + q] = vec4<f32>(from0[${j}], from1[${j}], from2[${j}], from3[${j}]);`)
  }
    }`,
};

const TRANSPOSED: Kind = {
  name: "TransposedConv",
  geometry: `
  let start = (phase + STRIDE - pad % STRIDE) % STRIDE; // the phase's first pixel
  let sides = (max(size, start) - start + STRIDE - 1u) / STRIDE;
  let taps = (max(FILTER, phase) - phase + STRIDE - 1u) / STRIDE;
  let base = vec2<i32>((start + pad - phase) / STRIDE);
  let pixelStep = vec2<i32>(1);
  const tapStep = -1;`,
  inFilter: "phase + tap * STRIDE",
  place: `
    (row / (sides.x * sides.y) * size.x + start.x + row / sides.y % sides.x * STRIDE_HEIGHT) * size.y +
    start.y + row % sides.y * STRIDE_WIDTH`,
  fetch: `
    for (var i = thread / ${QUADS}u; i < 4u * COLS; i += STEP) {
      let output = firstCol + i;
      var value = vec4<f32>();
      if (isTerm && output < OUTPUTS) { value = filter_At(tapPlace * OUTPUTS + output, channel); }
      right[i * ROOM + q] = value;
    }`,
};

/** -> float32 [N, OH, OW, Cout]. */
export function convolve(context: WebgpuContext, product: ConvProduct): tf.TensorInfo {
  const { info } = product;
  const { inHeight, inWidth, inChannels: inputs, outHeight, outWidth, outChannels: outputs, outShape } = info;
  const sizes = { height: outHeight, width: outWidth, lowHeight: inHeight, lowWidth: inWidth };
  return multiply(context, product, { kind: CONV, inputs, outputs, shape: outShape, sizes, phases: [1, 1] });
}

/** -> float32 [N, H, W, Cout]. */
export function transposeConv(context: WebgpuContext, product: ConvProduct): tf.TensorInfo {
  const { info } = product;
  const { inHeight, inWidth, inChannels: outputs, outHeight, outWidth, outChannels: inputs, inShape } = info;
  const phases = [info.strideHeight, info.strideWidth] as const;
  const sizes = { height: inHeight, width: inWidth, lowHeight: outHeight, lowWidth: outWidth };
  return multiply(context, product, { kind: TRANSPOSED, inputs, outputs, shape: inShape, sizes, phases });
}

interface Sizes {
  readonly kind: Kind;
  /** Channels. */
  readonly inputs: number;
  readonly outputs: number;
  /** Of what is made. */
  readonly shape: number[];
  /** Of what is made, and of x. */
  readonly sizes: Readonly<Record<"height" | "width" | "lowHeight" | "lowWidth", number>>;
  /** Down and across. */
  readonly phases: readonly [number, number];
}

function multiply(
  { run, output }: WebgpuContext,
  { x, filter, info, bias, activation = 0, slope = 1 }: ConvProduct,
  { kind, inputs, outputs, shape, sizes, phases: [down, across] }: Sizes,
): tf.TensorInfo {
  const { batchSize: batch, strideHeight, strideWidth, filterHeight, filterWidth, padInfo } = info;
  const y = output(shape);
  const phases = down * across;
  const COLS = [1, 2, 4].find((cols) => outputs <= 4 * cols) ?? 8; // threads in a row, each with four columns
  const rows = batch * Math.ceil(sizes.height / down) * Math.ceil(sizes.width / across); // of the largest phase
  const blockCols = Math.ceil(outputs / (4 * COLS));
  const blocksOf = (each: number) => Math.ceil(rows / (THREADS / COLS * each)) * blockCols;
  const EACH = [COLS, COLS / 2, COLS / 4].filter((each) => each >= 1)
    .find((each, i, all) => blocksOf(each) * phases >= WORKGROUPS || i === all.length - 1)!; // rows of a thread
  const isWide = { x_: inputs % 4 === 0, filter_: (kind === CONV ? outputs : inputs) % 4 === 0 };
  const wide = (["x_", "filter_"] as const).filter((name) => isWide[name]);
  const blocks = blocksOf(EACH);
  run({
    name: `${kind.name}${EACH}${wide.join("")}${bias ? "Bias" : ""}`,
    source: sourceOf(kind, { each: EACH, isWide, hasBias: bias !== undefined }),
    constants: {
      ...{ COLS, INPUTS: inputs, OUTPUTS: outputs, ACTIVATION: activation },
      ...{ FILTER_HEIGHT: filterHeight, FILTER_WIDTH: filterWidth },
      ...{ STRIDE_HEIGHT: strideHeight, STRIDE_WIDTH: strideWidth, PHASES: phases },
    },
    sizes: { batch, ...sizes, padTop: padInfo.top, padLeft: padInfo.left, blocks, blockCols },
    numbers: { slope },
    reads: { x_: x, filter_: filter, ...bias && { bias } },
    writes: { y },
    elements: Object.fromEntries(wide.map((name) => [name, "vec4<f32>"])),
    workgroups: blocks * phases,
  });
  return y;
}

/** `fn NAMEAt(place: u32, channel: u32) -> vec4<f32>`: four channels of a place that has `channels` of them. */
const quadAt = (name: string, isWide: boolean, channels: string) =>
  isWide
    ? `
fn ${name}At(place: u32, channel: u32) -> vec4<f32> {
  if (channel >= ${channels}) { return vec4<f32>(); }
  return ${name}[(place * ${channels} + channel) / 4u];
}`
    : `
fn ${name}One(place: u32, channel: u32) -> f32 {
  if (channel >= ${channels}) { return 0.0; }
  return ${name}[place * ${channels} + channel];
}
fn ${name}At(place: u32, channel: u32) -> vec4<f32> {
  return vec4<f32>(${[0, 1, 2, 3].map((i) => `${name}One(place, channel + ${i}u)`).join(", ")});
}`;

interface Source {
  readonly each: number;
  readonly isWide: Readonly<Record<"x_" | "filter_", boolean>>;
  readonly hasBias: boolean;
}

function sourceOf(kind: Kind, { each, isWide, hasBias }: Source): string {
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
var<workgroup> pixels: array<vec4<i32>, TILE>; // image, y and x in x at the first tap, 1 where there is one
${quadAt("x_", isWide.x_, "INPUTS")}
${quadAt("filter_", isWide.filter_, kind === CONV ? "OUTPUTS" : "INPUTS")}
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
  if (index / uniforms.blocks >= PHASES) { return; }
  let phase = vec2<u32>(index / uniforms.blocks / STRIDE_WIDTH, index / uniforms.blocks % STRIDE_WIDTH); // its first tap
  let size = vec2<u32>(uniforms.height, uniforms.width);
  let pad = vec2<u32>(uniforms.padTop, uniforms.padLeft);${kind.geometry}
  let firstRow = block / uniforms.blockCols * TILE;
  let firstCol = block % uniforms.blockCols * 4u * COLS;
  let rows = uniforms.batch * sides.x * sides.y;
  if (firstRow >= rows) { return; }

  for (var i = thread; i < TILE; i += ${THREADS}u) {
    let row = firstRow + i;
    let at = base + pixelStep * vec2<i32>(vec2<u32>(row / sides.y % sides.x, row % sides.y));
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
      let at = pixel.yz + tapStep * vec2<i32>(tap);
      var value = vec4<f32>();
      if (isTerm && pixel.w == 1 && all(at >= vec2<i32>()) && all(at < low)) {
        value = x_At((u32(pixel.x) * uniforms.lowHeight + u32(at.x)) * uniforms.lowWidth + u32(at.y), channel);
      }
      left[i * ROOM + q] = value;
    }
    let inFilter = ${kind.inFilter};
    let tapPlace = inFilter.x * FILTER_WIDTH + inFilter.y;
    ${kind.fetch}
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
    all(each, (i) => `
  if (pixels[r + ${i}u * ROWS].w == 1) {
    let row = firstRow + r + ${i}u * ROWS;
    let place = ${kind.place};
    ${all(4, (j) => `store(place, firstCol + c + ${j}u * COLS, acc${i}[${j}]);`)}
  }`)
  }
}`;
}
