// Convolutions to few channels, whose panels of eight columns would be mostly empty: each cell of the source is multiplied
// by all taps at once, and the products are added up where they belong. Of a source [N, SH, SW, K] the product of cell
// (y, x) and tap (ky, kx) belongs to (y strideY - top + ky, x strideX - left + kx), as in the gradient of a convolution's
// input. A convolution of stride 1 is one too, of the filter turned by half a circle.

import { activateFloats } from "../activation";
import { addFloats } from "../floats";
import { packBias } from "./bias";
import { covered } from "./conv_shape";
import { panelBytes, patchProduct } from "./patch_product";

// Up to so many channels it pays.
export const FEW: i32 = 4;

// Rows of the source at a time hold about so many cells.
const BLOCK: i32 = 256;

@inline
function rowsAtOnce(width: i32): i32 {
  return max(1, BLOCK / width);
}

@inline
function padded(columns: i32): i32 {
  return (columns + 7) & ~7;
}

export function convFewScratch(
  sourceHeight: i32, sourceWidth: i32, depth: i32, channels: i32,
  filterHeight: i32, filterWidth: i32, strideY: i32, strideX: i32,
): usize {
  const columns = padded(filterHeight * filterWidth * channels), cells = rowsAtOnce(sourceWidth) * sourceWidth;
  const frame = covered(sourceHeight, strideY, filterHeight) * covered(sourceWidth, strideX, filterWidth) * channels;
  return panelBytes(depth + 1, columns) + (<usize>(cells * (columns + 2) + frame + 2 * 8) << 2) + panelBytes(1, channels);
}

// The filter as [K, KH KW channels], in panels. `tapStep`, `depthStep` and `channelStep` are the bytes from one tap, one
// channel of the source and one of the result to the next.
function packAll(
  to: usize, filter: usize, depth: i32, taps: i32, channels: i32, tapStep: usize, depthStep: usize, channelStep: usize,
): void {
  const columns = taps * channels;
  for (let column = 0; column < columns; column += 8) {
    for (let d = 0; d < depth; d++) {
      for (let c = column; c < column + 8; c++) {
        const at = filter + <usize>(c / channels) * tapStep + <usize>d * depthStep + <usize>(c % channels) * channelStep;
        store<f32>(to, c < columns ? load<f32>(at) : 0);
        to += 4;
      }
    }
  }
}

// A bias of 0 counts as zeros. Up to 12 bytes behind the source are read too: an allocator keeps more behind its last block.
export function convFew(
  batch: i32, sourceHeight: i32, sourceWidth: i32, depth: i32, height: i32, width: i32, channels: i32,
  filterHeight: i32, filterWidth: i32, strideY: i32, strideX: i32, top: i32, left: i32,
  filter: usize, tapStep: usize, depthStep: usize, channelStep: usize,
  source: usize, bias: usize, kind: i32, slope: f32, result: usize, scratch: usize,
): void {
  const columns = filterHeight * filterWidth * channels, step = <usize>padded(columns) << 2;
  const rows = rowsAtOnce(sourceWidth), cells = rows * sourceWidth;
  const frameHeight = covered(sourceHeight, strideY, filterHeight);
  const frameWidth = covered(sourceWidth, strideX, filterWidth);
  const frameRow = <usize>(frameWidth * channels) << 2, frameBytes = <usize>frameHeight * frameRow;
  const packed = scratch;
  const zeros = packed + panelBytes(depth, columns);
  const table = zeros + step;
  const products = table + (<usize>cells << 3);
  const biases = products + <usize>cells * step;
  const frame = biases + panelBytes(1, channels);
  packAll(packed, filter, depth, filterHeight * filterWidth, channels, tapStep, depthStep, channelStep);
  memory.fill(zeros, 0, step);
  packBias(biases, bias, channels);
  for (let cell = 0; cell < cells; cell++) {
    store<u32>(table + (<usize>cell << 3), <u32>(cell * depth) << 2);
    store<u32>(table + (<usize>cell << 3), <u32>(<usize>cell * step), 4);
  }
  const run = <usize>(filterWidth * channels) << 2, move = <usize>(strideX * channels) << 2;
  for (let n = 0; n < batch; n++) {
    memory.fill(frame, 0, frameBytes);
    for (let first = 0; first < sourceHeight; first += rows) {
      const some = min(rows, sourceHeight - first);
      const from = source + (<usize>(first * sourceWidth) * <usize>depth << 2);
      patchProduct(some * sourceWidth, table, from, 1, depth, 0, packed, zeros, products, padded(columns));
      for (let y = 0, product = products; y < some; y++) {
        const to = frame + <usize>((first + y) * strideY) * frameRow;
        for (let x = 0, at = to; x < sourceWidth; x++, at += move, product += step) {
          for (let ky = 0, row = at, part = product; ky < filterHeight; ky++, row += frameRow, part += run) {
            addFloats(row, part, run);
          }
        }
      }
    }
    cut(result, height, width, channels, frame, frameHeight, frameWidth, top, left, biases);
    activateFloats(result, <usize>(height * width * channels), kind, slope);
    source += <usize>(sourceHeight * sourceWidth) * <usize>depth << 2;
    result += <usize>(height * width * channels) << 2;
  }
}

// The image out of its frame, plus a bias.
export function cut(
  to: usize, height: i32, width: i32, channels: i32,
  frame: usize, frameHeight: i32, frameWidth: i32, top: i32, left: i32, biases: usize,
): void {
  for (let y = 0; y < height; y++) {
    const fy = y + top;
    for (let x = 0; x < width; x++) {
      const fx = x + left;
      const inside = fy >= 0 && fy < frameHeight && fx >= 0 && fx < frameWidth;
      const from = frame + (<usize>((fy * frameWidth + fx) * channels) << 2);
      const end = <usize>channels << 2;
      let c: usize = 0;
      for (; c + 16 <= end; c += 16) {
        const value = inside ? v128.load(from + c) : f32x4.splat(0);
        v128.store(to + c, f32x4.add(value, v128.load(biases + c)));
      }
      for (; c < end; c += 4) store<f32>(to + c, (inside ? load<f32>(from + c) : 0) + load<f32>(biases + c));
      to += <usize>channels << 2;
    }
  }
}
