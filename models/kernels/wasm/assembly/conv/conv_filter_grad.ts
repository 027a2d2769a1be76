// The gradient of a convolution's filter: for each tap and pair of channels the sum over all pixels of x times dy. Sums of
// four neighbours in a patch by eight channels of dy stay in registers for a block of pixels.

import { isWinograd } from "../winograd/plan";
import { winogradScratch } from "../winograd/conv";
import { winogradFilterGrad } from "../winograd/filter_grad";
import { FEW } from "./conv_few";
import { covered } from "./conv_shape";
import { frameBytes, frameImages, imagesAtOnce } from "./frame";
import { packPanels, panelBytes } from "./patch_product";

// With so many channels three taps go another way; see plan.ts.
const LEAST: i32 = 32;

// Pixels at a time, so that what they read stays in the first-level cache.
const BLOCK: i32 = 128;

// Fours of numbers in a run of a patch; the last one may reach into what lies behind.
@inline
function fours(run: i32): i32 {
  return (run + 3) >> 2;
}

@inline
function sumBytes(runs: i32, run: i32, outputs: i32): usize {
  return panelBytes(4 * runs * fours(run), outputs);
}

@inline
function scratchBytes(
  batch: i32, channels: i32, outHeight: i32, outWidth: i32, outputs: i32,
  filterHeight: i32, filterWidth: i32, strideY: i32, strideX: i32,
): usize {
  const count = imagesAtOnce(batch, outHeight * outWidth);
  const frameHeight = covered(outHeight, strideY, filterHeight), frameWidth = covered(outWidth, strideX, filterWidth);
  return sumBytes(filterHeight, filterWidth * channels, outputs) + panelBytes(count * outHeight * outWidth, outputs) +
    (<usize>(count * outHeight) << 2) + frameBytes(count, frameHeight, frameWidth, channels);
}

// With few channels of dy most of a panel would be empty: then dy is cut into patches instead, and x is what they are
// multiplied with. That is the gradient of the filter turned by half a circle.
@inline
function isTurned(outputs: i32, channels: i32, strideY: i32, strideX: i32): bool {
  return outputs <= FEW && channels > FEW && strideY == 1 && strideX == 1;
}

export function convFilterGradScratch(
  batch: i32, height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32, outputs: i32,
  filterHeight: i32, filterWidth: i32, strideY: i32, strideX: i32, top: i32, left: i32,
): usize {
  if (isWinograd(batch, channels, outHeight, outWidth, outputs, filterHeight, filterWidth, strideY, strideX, LEAST)) {
    return winogradScratch(batch, channels, outHeight, outWidth, outputs);
  }
  return isTurned(outputs, channels, strideY, strideX)
    ? scratchBytes(batch, outputs, height, width, channels, filterHeight, filterWidth, 1, 1)
    : scratchBytes(batch, channels, outHeight, outWidth, outputs, filterHeight, filterWidth, strideY, strideX);
}

@inline
function addTo(at: usize, offset: usize, value: v128): void {
  v128.store(at + offset, f32x4.add(v128.load(at + offset), value));
}

// Adds to sums [4, 8] the products over `rows` rows of `width` pixels, whose places are in a table.
export function tile(sums: usize, rows: i32, width: i32, table: usize, frames: usize, step: usize, dy: usize): void {
  let a0 = f32x4.splat(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
  do {
    let at = frames + <usize>load<u32>(table), left = width;
    while (true) {
      const x = v128.load(at), g = v128.load(dy), h = v128.load(dy, 16);
      let v = v128.shuffle<f32>(x, x, 0, 0, 0, 0);
      a0 = f32x4.relaxed_madd(v, g, a0);
      a1 = f32x4.relaxed_madd(v, h, a1);
      v = v128.shuffle<f32>(x, x, 1, 1, 1, 1);
      b0 = f32x4.relaxed_madd(v, g, b0);
      b1 = f32x4.relaxed_madd(v, h, b1);
      v = v128.shuffle<f32>(x, x, 2, 2, 2, 2);
      c0 = f32x4.relaxed_madd(v, g, c0);
      c1 = f32x4.relaxed_madd(v, h, c1);
      v = v128.shuffle<f32>(x, x, 3, 3, 3, 3);
      d0 = f32x4.relaxed_madd(v, g, d0);
      d1 = f32x4.relaxed_madd(v, h, d1);
      dy += 32;
      if (--left == 0) break;
      at += step;
    }
    table += 4;
  } while (--rows);
  addTo(sums, 0, a0);
  addTo(sums, 16, a1);
  addTo(sums, 32, b0);
  addTo(sums, 48, b1);
  addTo(sums, 64, c0);
  addTo(sums, 80, c1);
  addTo(sums, 96, d0);
  addTo(sums, 112, d1);
}

// Sums over all images, [KH][KW Cin / 4][Cout / 8][4][8].
function sumProducts(
  sums: usize, batch: i32, height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32, outputs: i32,
  filterHeight: i32, filterWidth: i32, strideY: i32, strideX: i32, top: i32, left: i32,
  x: usize, dy: usize, scratch: usize,
): void {
  const pixels = outHeight * outWidth;
  const many = imagesAtOnce(batch, pixels);
  const frameHeight = covered(outHeight, strideY, filterHeight), frameWidth = covered(outWidth, strideX, filterWidth);
  const row = <usize>(frameWidth * channels) << 2, step = <usize>(strideX * channels) << 2;
  const gradient = scratch;
  const table = gradient + panelBytes(many * pixels, outputs);
  const frames = table + (<usize>(many * outHeight) << 2);
  for (let n = 0, at = table; n < many; n++) {
    for (let oy = 0; oy < outHeight; oy++, at += 4) store<u32>(at, <u32>(<usize>(n * frameHeight + oy * strideY) * row));
  }
  const quads = fours(filterWidth * channels);
  const blockRows = max(1, BLOCK / outWidth);
  for (let first = 0; first < batch; first += many) {
    const count = min(many, batch - first), rows = count * outHeight;
    const from = x + (<usize>(first * height * width) * <usize>channels << 2);
    frameImages(frames, frameHeight, frameWidth, top, left, from, count, height, width, channels);
    packPanels(gradient, dy + (<usize>(first * pixels) * <usize>outputs << 2), count * pixels, outputs);
    const panel = <usize>(count * pixels) << 5;
    for (let begin = 0; begin < rows; begin += blockRows) {
      const part = min(blockRows, rows - begin);
      let to = sums;
      for (let ky = 0; ky < filterHeight; ky++) {
        for (let quad = 0; quad < quads; quad++) {
          const corner = frames + <usize>ky * row + (<usize>quad << 4);
          let columns = gradient + (<usize>(begin * outWidth) << 5);
          for (let column = 0; column < outputs; column += 8) {
            tile(to, part, outWidth, table + (<usize>begin << 2), corner, step, columns);
            to += 128;
            columns += panel;
          }
        }
      }
    }
  }
}

export function convFilterGrad(
  batch: i32, height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32, outputs: i32,
  filterHeight: i32, filterWidth: i32, strideY: i32, strideX: i32, top: i32, left: i32,
  x: usize, dy: usize, dFilter: usize, scratch: usize,
): void {
  if (isWinograd(batch, channels, outHeight, outWidth, outputs, filterHeight, filterWidth, strideY, strideX, LEAST)) {
    winogradFilterGrad(
      batch, height, width, channels, outHeight, outWidth, outputs, filterHeight, filterWidth, top, left,
      x, dy, dFilter, scratch,
    );
    return;
  }
  const turned = isTurned(outputs, channels, strideY, strideX);
  const run = filterWidth * (turned ? outputs : channels), columns = turned ? channels : outputs;
  const bytes = sumBytes(filterHeight, run, columns);
  memory.fill(scratch, 0, bytes);
  if (turned) {
    sumProducts(
      scratch, batch, outHeight, outWidth, outputs, height, width, channels,
      filterHeight, filterWidth, 1, 1, filterHeight - 1 - top, filterWidth - 1 - left, dy, x, scratch + bytes,
    );
  } else {
    sumProducts(
      scratch, batch, height, width, channels, outHeight, outWidth, outputs,
      filterHeight, filterWidth, strideY, strideX, top, left, x, dy, scratch + bytes,
    );
  }
  for (let ky = 0; ky < filterHeight; ky++) {
    for (let kx = 0; kx < filterWidth; kx++) {
      for (let c = 0; c < channels; c++) {
        for (let o = 0; o < outputs; o++) {
          const at = turned
            ? sumAt(filterHeight - 1 - ky, (filterWidth - 1 - kx) * outputs + o, c, run, columns)
            : sumAt(ky, kx * channels + c, o, run, columns);
          store<f32>(dFilter, load<f32>(scratch + at));
          dFilter += 4;
        }
      }
    }
  }
}

// Where the sum of a number of a patch and a column is.
@inline
function sumAt(ky: i32, within: i32, column: i32, run: i32, columns: i32): usize {
  const tile = (ky * fours(run) + (within >> 2)) * ((columns + 7) >> 3) + (column >> 3);
  return <usize>((tile << 5) + ((within & 3) << 3) + (column & 7)) << 2;
}
