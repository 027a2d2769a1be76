// The gradient of a convolution's input, which is the transposed convolution: dy [N, OH, OW, Cout] -> dx [N, H, W, Cin].
//
// Along one side, dx[y] = sum over j of dy[q - j] w[r + s j], where y + top = s q + r and s is the stride. Pixels of the
// same rest r take the same taps of the filter, so that dx is s^2 images, each a convolution of dy of stride 1: no tap
// meets a zero between the cells of dy.

import { activateFloats } from "../activation";
import { winogradScratch } from "../winograd/conv";
import { winogradInputGrad } from "../winograd/input_grad";
import { isWinograd } from "../winograd/plan";
import { packBias } from "./bias";
import { convFew, convFewScratch, FEW } from "./conv_few";
import { frameBytes, frameImages, imagesAtOnce } from "./frame";
import { panelBytes, patchProduct } from "./patch_product";

// With so many channels three taps go another way; see plan.ts.
const LEAST: i32 = 64;

// How many taps the pixels of a rest take.
@inline
function tapsOf(taps: i32, stride: i32, rest: i32): i32 {
  return max(0, (taps - rest + stride - 1) / stride);
}

// Cells of zeros before dy.
@inline
function before(taps: i32, stride: i32, padding: i32): i32 {
  return max(0, tapsOf(taps, stride, 0) - 1 - padding / stride);
}

@inline
function framed(size: i32, taps: i32, stride: i32, padding: i32): i32 {
  return (size - 1 + padding) / stride + 1 + before(taps, stride, padding);
}

@inline
function frameEnd(
  batch: i32, height: i32, width: i32, outputs: i32,
  filterHeight: i32, filterWidth: i32, strideY: i32, strideX: i32, top: i32, left: i32,
): usize {
  const frameHeight = framed(height, filterHeight, strideY, top), frameWidth = framed(width, filterWidth, strideX, left);
  return frameBytes(imagesAtOnce(batch, height * width), frameHeight, frameWidth, outputs);
}

export function convInputGradScratch(
  batch: i32, height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32, outputs: i32,
  filterHeight: i32, filterWidth: i32, strideY: i32, strideX: i32, top: i32, left: i32,
): usize {
  if (isWinograd(batch, channels, outHeight, outWidth, outputs, filterHeight, filterWidth, strideY, strideX, LEAST)) {
    return winogradScratch(batch, channels, outHeight, outWidth, outputs);
  }
  if (channels <= FEW) {
    return convFewScratch(outHeight, outWidth, outputs, channels, filterHeight, filterWidth, strideY, strideX);
  }
  return frameEnd(batch, height, width, outputs, filterHeight, filterWidth, strideY, strideX, top, left) +
    (<usize>(imagesAtOnce(batch, height * width) * height * width) << 3) + panelBytes(1, channels) +
    panelBytes(filterHeight * filterWidth * outputs, channels);
}

// The taps of a rest, last one first, each [Cout, Cin], in panels of eight channels.
function packTaps(
  to: usize, filter: usize, channels: i32, outputs: i32, filterHeight: i32, filterWidth: i32,
  strideY: i32, strideX: i32, restY: i32, restX: i32,
): void {
  const rows = tapsOf(filterHeight, strideY, restY), columns = tapsOf(filterWidth, strideX, restX);
  const step = <usize>outputs << 2;
  for (let channel = 0; channel < channels; channel += 8) {
    const count = min(8, channels - channel);
    for (let j = rows - 1; j >= 0; j--) {
      for (let i = columns - 1; i >= 0; i--) {
        const tap = (restY + strideY * j) * filterWidth + restX + strideX * i;
        const from = filter + <usize>(tap * channels + channel) * step;
        for (let o: usize = 0; o < step; o += 4) {
          for (let c = 0; c < 8; c++) {
            store<f32>(to + (<usize>c << 2), c < count ? load<f32>(from + <usize>c * step + o) : 0);
          }
          to += 32;
        }
      }
    }
  }
}

// The pixels of a rest: where in the frames of dy their taps begin, and where they lie in dx. Returns the table's end.
function pixelsOf(
  table: usize, images: i32, height: i32, width: i32, channels: i32, frameHeight: i32, frameWidth: i32, outputs: i32,
  strideY: i32, strideX: i32, top: i32, left: i32, restY: i32, restX: i32, firstRow: i32, firstColumn: i32,
): usize {
  const cell = <usize>channels << 2, frameCell = <usize>outputs << 2;
  // The first pixel of the rest, the least y >= 0 with (y + top) mod stride = rest.
  const fromY = (restY - top % strideY + strideY) % strideY, fromX = (restX - left % strideX + strideX) % strideX;
  for (let n = 0; n < images; n++) {
    for (let y = fromY; y < height; y += strideY) {
      const row = n * frameHeight + (y + top) / strideY + firstRow;
      for (let x = fromX; x < width; x += strideX) {
        const column = (x + left) / strideX + firstColumn;
        store<u32>(table, <u32>(<usize>(row * frameWidth + column) * frameCell));
        store<u32>(table, <u32>(<usize>((n * height + y) * width + x) * cell), 4);
        table += 8;
      }
    }
  }
  return table;
}

// A bias of 0 counts as zeros; `kind` and `slope` are the activation's, of a transposed convolution.
export function convInputGrad(
  batch: i32, height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32, outputs: i32,
  filterHeight: i32, filterWidth: i32, strideY: i32, strideX: i32, top: i32, left: i32,
  filter: usize, dy: usize, bias: usize, kind: i32, slope: f32, dx: usize, scratch: usize,
): void {
  if (isWinograd(batch, channels, outHeight, outWidth, outputs, filterHeight, filterWidth, strideY, strideX, LEAST)) {
    winogradInputGrad(
      batch, height, width, channels, outHeight, outWidth, outputs, filterHeight, filterWidth, top, left,
      filter, dy, bias, kind, slope, dx, scratch,
    );
    return;
  }
  if (channels <= FEW) {
    const across = <usize>outputs << 2;
    convFew(
      batch, outHeight, outWidth, outputs, height, width, channels,
      filterHeight, filterWidth, strideY, strideX, top, left,
      filter, <usize>channels * across, 4, across, dy, bias, kind, slope, dx, scratch,
    );
    return;
  }
  const many = imagesAtOnce(batch, height * width);
  const frameHeight = framed(height, filterHeight, strideY, top), frameWidth = framed(width, filterWidth, strideX, left);
  const row = <usize>(frameWidth * outputs) << 2;
  const beforeY = before(filterHeight, strideY, top), beforeX = before(filterWidth, strideX, left);
  const tables = scratch + frameEnd(batch, height, width, outputs, filterHeight, filterWidth, strideY, strideX, top, left);
  const biases = tables + (<usize>(many * height * width) << 3);
  const packed = biases + panelBytes(1, channels);
  packBias(biases, bias, channels);
  let taps = packed;
  for (let restY = 0; restY < strideY; restY++) {
    for (let restX = 0; restX < strideX; restX++) {
      packTaps(taps, filter, channels, outputs, filterHeight, filterWidth, strideY, strideX, restY, restX);
      taps += panelBytes(tapsOf(filterHeight, strideY, restY) * tapsOf(filterWidth, strideX, restX) * outputs, channels);
    }
  }
  for (let first = 0; first < batch; first += many) {
    const count = min(many, batch - first);
    const from = dy + (<usize>(first * outHeight * outWidth) * <usize>outputs << 2);
    frameImages(scratch, frameHeight, frameWidth, beforeY, beforeX, from, count, outHeight, outWidth, outputs);
    const to = dx + (<usize>(first * height * width) * <usize>channels << 2);
    taps = packed;
    for (let restY = 0; restY < strideY; restY++) {
      const rows = tapsOf(filterHeight, strideY, restY);
      for (let restX = 0; restX < strideX; restX++) {
        const columns = tapsOf(filterWidth, strideX, restX);
        const end = pixelsOf(
          tables, count, height, width, channels, frameHeight, frameWidth, outputs,
          strideY, strideX, top, left, restY, restX, beforeY - (rows - 1), beforeX - (columns - 1),
        );
        const pixels = <i32>((end - tables) >> 3);
        patchProduct(pixels, tables, scratch, rows, columns * outputs, row, taps, biases, to, channels);
        taps += panelBytes(rows * columns * outputs, channels);
      }
    }
    activateFloats(to, <usize>(count * height * width * channels), kind, slope);
  }
}
