/**
 * The 3x3 convolution at the heart of two kernels: forwards with pooling, and backwards to the input.
 *
 * A thread makes 2x2 neighbouring outputs of 4 or 8 channels, so that each value it reads takes part in up to 32
 * products; a workgroup makes a tile of such squares, of several images where they are small, from inputs and filters
 * that its threads bring to shared memory together, some input channels at a time.
 *
 * @module
 */

/** Threads of a workgroup; each makes one square. */
const THREADS = 64;

/** What the convolution goes from and to. */
export interface ConvSize {
  readonly batch: number;
  /** Squares of 2x2 outputs in a column and in a row. */
  readonly squares: readonly [number, number];
  readonly inputs: number;
  readonly outputs: number;
}

/** How a convolution is cut into workgroups. */
export interface ConvTiling {
  /** Constants of {@linkcode convSource}. */
  readonly constants: Readonly<Record<string, number>>;
  /** Uniforms of {@linkcode convSource}. */
  readonly sizes: Readonly<Record<string, number>>;
  readonly workgroups: number;
}

/** Cuts a convolution into workgroups. */
export function tileConv({ batch, squares, inputs, outputs }: ConvSize): ConvTiling {
  const [rows, cols] = squares;
  const TILE = [2, 4].find((side) => Math.max(rows, cols) <= side) ?? 8; // squares in a row and a column of a tile
  const IMAGES = THREADS / TILE ** 2;
  const CHUNK = Math.min(inputs, TILE === 8 ? 8 : 4); // input channels at a time: as many as 16 KB of shared memory hold
  const QUADS = outputs > 4 ? 2 : 1; // four output channels each
  const tileRows = Math.ceil(rows / TILE), tileCols = Math.ceil(cols / TILE);
  const blocks = Math.ceil(outputs / (4 * QUADS));
  const constants = { TILE, IMAGES, CHUNK, QUADS, INPUTS: inputs, OUTPUTS: outputs };
  const workgroups = Math.ceil(batch / IMAGES) * tileRows * tileCols * blocks;
  return { constants, sizes: { batch, tileRows, tileCols, blocks }, workgroups };
}

/** The parts in which convolutions differ, in WGSL. */
export interface ConvParts {
  /** `fn inputAt(image: u32, y: i32, x: i32, channel: u32) -> f32`, zero outside. */
  readonly inputAt: string;
  /** `fn filterAt(tap: u32, input: u32, output: u32) -> f32`. */
  readonly filterAt: string;
  /** `fn startAt(output: u32) -> f32`: where a sum starts. */
  readonly startAt: string;
  /**
   * `fn finish(image: u32, y: u32, x: u32, output: u32, a: vec4<f32>, b: …, c: …, d: …)`: four output channels of the
   * outputs (2y, 2x), (2y, 2x + 1), (2y + 1, 2x) and (2y + 1, 2x + 1); the place may be outside of the image.
   */
  readonly finish: string;
}

/** The filter of a convolution's gradient, turned about its centre, and where its sums start. */
export const TURNED = {
  filterAt: `
fn filterAt(tap: u32, input: u32, output: u32) -> f32 {
  return filter_[((8u - tap) * OUTPUTS + output) * INPUTS + input];
}`,
  startAt: `
fn startAt(output: u32) -> f32 { return 0.0; }`,
} as const;

/** `finish` for a tensor `dx` [N, `uniforms.height`, `uniforms.width`, OUTPUTS] that gets the outputs as they are. */
export const STORE_DX = `
fn store(image: u32, y: u32, x: u32, output: u32, value: vec4<f32>) {
  if (y >= uniforms.height || x >= uniforms.width) { return; }
  let place = ((image * uniforms.height + y) * uniforms.width + x) * OUTPUTS + output;
  if (output < OUTPUTS) { dx[place] = value.x; }
  if (output + 1u < OUTPUTS) { dx[place + 1u] = value.y; }
  if (output + 2u < OUTPUTS) { dx[place + 2u] = value.z; }
  if (output + 3u < OUTPUTS) { dx[place + 3u] = value.w; }
}
fn finish(image: u32, y: u32, x: u32, output: u32, a: vec4<f32>, b: vec4<f32>, c: vec4<f32>, d: vec4<f32>) {
  store(image, 2u * y, 2u * x, output, a);
  store(image, 2u * y, 2u * x + 1u, output, b);
  store(image, 2u * y + 1u, 2u * x, output, c);
  store(image, 2u * y + 1u, 2u * x + 1u, output, d);
}`;

/** The whole program. */
export function convSource({ inputAt, filterAt, startAt, finish }: ConvParts, quads: number): string {
  const range = (size: number) => [...Array(size).keys()];
  const each = (line: (quad: number) => string) => range(quads).map(line).join("\n");
  const starts = each((q) => `
    let s${q} = vec4<f32>(startAt(o + ${4 * q}u), startAt(o + ${4 * q + 1}u), startAt(o + ${4 * q + 2}u),
      startAt(o + ${4 * q + 3}u));
    var a${q} = s${q}; var b${q} = s${q}; var c${q} = s${q}; var d${q} = s${q};`);
  // Even columns lie before odd ones, so that neighbouring threads read neighbouring cells.
  const reads = range(4).map((y) =>
    range(4).map((x) => `let x${y}${x} = tile[p + ${y}u * ROW + ${x % 2}u * HALF + ${x >> 1}u];`).join(" ")
  );
  const products = range(9).map((tap) => {
    const [y, x] = [Math.floor(tap / 3), tap % 3];
    return each((q) => `
      let w${tap}${q} = filters[f + ${quads * tap + q}u];
      a${q} += x${y}${x} * w${tap}${q}; b${q} += x${y}${x + 1} * w${tap}${q};
      c${q} += x${y + 1}${x} * w${tap}${q}; d${q} += x${y + 1}${x + 1} * w${tap}${q};`);
  });
  return `
const SIDE = 2u * TILE + 2u;
const HALF = TILE + 1u;
const ROW = SIDE + 2u; // two more than needed keep the threads of a column in different memory banks
const PLANE = IMAGES * SIDE * ROW;
const CELLS = IMAGES * SIDE * SIDE;
var<workgroup> tile: array<f32, CHUNK * PLANE>;
var<workgroup> filters: array<vec4<f32>, CHUNK * 9u * QUADS>;
${inputAt}
${filterAt}
${startAt}
${finish}
fn checkedFilterAt(tap: u32, input: u32, output: u32) -> f32 {
  if (input >= INPUTS || output >= OUTPUTS) { return 0.0; }
  return filterAt(tap, input, output);
}
@compute @workgroup_size(${THREADS})
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  var rest = flatWorkgroup(workgroup, workgroups);
  let o = rest % uniforms.blocks * 4u * QUADS; // the first output channel
  rest /= uniforms.blocks;
  let tileX = rest % uniforms.tileCols * TILE;
  rest /= uniforms.tileCols;
  let tileY = rest % uniforms.tileRows * TILE;
  let firstImage = rest / uniforms.tileRows * IMAGES;

  let inImages = thread / (TILE * TILE);
  let inY = thread / TILE % TILE;
  let inX = thread % TILE;
  let corner = (inImages * SIDE + 2u * inY) * ROW + inX;
  ${starts}
  for (var first = 0u; first < INPUTS; first += CHUNK) {
    for (var i = thread; i < CELLS * CHUNK; i += ${THREADS}u) {
      let channel = i % CHUNK;
      let x = i / CHUNK % SIDE;
      let y = i / (CHUNK * SIDE) % SIDE;
      let image = i / (CHUNK * SIDE * SIDE);
      var value = 0.0;
      if (first + channel < INPUTS && firstImage + image < uniforms.batch) {
        value = inputAt(firstImage + image, i32(2u * tileY + y) - 1, i32(2u * tileX + x) - 1, first + channel);
      }
      tile[channel * PLANE + (image * SIDE + y) * ROW + x % 2u * HALF + x / 2u] = value;
    }
    for (var i = thread; i < CHUNK * 9u * QUADS; i += ${THREADS}u) {
      let output = o + i % QUADS * 4u;
      let tap = i / QUADS % 9u;
      let input = first + i / (9u * QUADS);
      filters[i] = vec4<f32>(checkedFilterAt(tap, input, output), checkedFilterAt(tap, input, output + 1u),
        checkedFilterAt(tap, input, output + 2u), checkedFilterAt(tap, input, output + 3u));
    }
    workgroupBarrier();
    for (var channel = 0u; channel < CHUNK; channel++) {
      let p = channel * PLANE + corner;
      let f = channel * 9u * QUADS;
      ${reads.join("\n      ")}
      ${products.join("\n      ")}
    }
    workgroupBarrier();
  }
  if (firstImage + inImages < uniforms.batch) {
    ${
    each((q) => `finish(firstImage + inImages, tileY + inY, tileX + inX, o + ${4 * q}u, a${q}, b${q}, c${q}, d${q});`)
  }
  }
}`;
}
