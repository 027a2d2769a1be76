// Two-dimensional convolution: x [N, H, W, Cin] by a filter [KH, KW, Cin, Cout] -> y [N, OH, OW, Cout].

import { activateFloats } from "../activation";
import { winogradConv, winogradScratch } from "../winograd/conv";
import { isWinograd } from "../winograd/plan";
import { packBias } from "./bias";
import { convFew, convFewScratch, FEW } from "./conv_few";
import { covered } from "./conv_shape";
import { frameBytes, frameImages, imagesAtOnce } from "./frame";
import { packPanels, panelBytes, patchProduct } from "./patch_product";

// With so many channels three taps go another way; see plan.ts.
const LEAST: i32 = 32;

// Where the parts of the scratch end.
@inline
function frameEnd(
  batch: i32, channels: i32, outHeight: i32, outWidth: i32, filterHeight: i32, filterWidth: i32, strideY: i32, strideX: i32,
): usize {
  const count = imagesAtOnce(batch, outHeight * outWidth);
  return frameBytes(count, covered(outHeight, strideY, filterHeight), covered(outWidth, strideX, filterWidth), channels);
}

export function convScratch(
  batch: i32, height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32, outputs: i32,
  filterHeight: i32, filterWidth: i32, strideY: i32, strideX: i32, top: i32, left: i32,
): usize {
  if (isWinograd(batch, channels, outHeight, outWidth, outputs, filterHeight, filterWidth, strideY, strideX, LEAST)) {
    return winogradScratch(batch, channels, outHeight, outWidth, outputs);
  }
  if (outputs <= FEW && strideY == 1 && strideX == 1) {
    return convFewScratch(height, width, channels, outputs, filterHeight, filterWidth, 1, 1);
  }
  const count = imagesAtOnce(batch, outHeight * outWidth);
  const table = <usize>(count * outHeight * outWidth) << 3;
  return frameEnd(batch, channels, outHeight, outWidth, filterHeight, filterWidth, strideY, strideX) + table +
    panelBytes(filterHeight * filterWidth * channels + 1, outputs);
}

// A bias of 0 counts as zeros; `kind` and `slope` are the activation's.
export function conv(
  batch: i32, height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32, outputs: i32,
  filterHeight: i32, filterWidth: i32, strideY: i32, strideX: i32, top: i32, left: i32,
  x: usize, filter: usize, bias: usize, kind: i32, slope: f32, y: usize, scratch: usize,
): void {
  if (isWinograd(batch, channels, outHeight, outWidth, outputs, filterHeight, filterWidth, strideY, strideX, LEAST)) {
    winogradConv(
      batch, height, width, channels, outHeight, outWidth, outputs, filterHeight, filterWidth, top, left,
      x, filter, bias, kind, slope, y, scratch,
    );
    return;
  }
  if (outputs <= FEW && strideY == 1 && strideX == 1) {
    const across = <usize>outputs << 2, tap = <usize>channels * across;
    convFew(
      batch, height, width, channels, outHeight, outWidth, outputs, filterHeight, filterWidth, 1, 1,
      filterHeight - 1 - top, filterWidth - 1 - left,
      filter + <usize>(filterHeight * filterWidth - 1) * tap, 0 - tap, across, 4, x, bias, kind, slope, y, scratch,
    );
    return;
  }
  const pixels = outHeight * outWidth;
  const many = imagesAtOnce(batch, pixels);
  const frameHeight = covered(outHeight, strideY, filterHeight), frameWidth = covered(outWidth, strideX, filterWidth);
  const row = <usize>(frameWidth * channels) << 2, cell = <usize>channels << 2;
  const table = scratch + frameEnd(batch, channels, outHeight, outWidth, filterHeight, filterWidth, strideY, strideX);
  const biases = table + (<usize>(many * pixels) << 3);
  const packed = biases + panelBytes(1, outputs);
  packBias(biases, bias, outputs);
  packPanels(packed, filter, filterHeight * filterWidth * channels, outputs);
  let at = table, result: usize = 0;
  for (let n = 0; n < many; n++) {
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++) {
        store<u32>(at, <u32>(<usize>(n * frameHeight + oy * strideY) * row + <usize>(ox * strideX) * cell));
        store<u32>(at, <u32>result, 4);
        result += <usize>outputs << 2;
        at += 8;
      }
    }
  }
  for (let first = 0; first < batch; first += many) {
    const count = min(many, batch - first);
    const from = x + (<usize>(first * height * width) * <usize>channels << 2);
    frameImages(scratch, frameHeight, frameWidth, top, left, from, count, height, width, channels);
    const to = y + (<usize>(first * pixels) * <usize>outputs << 2);
    patchProduct(
      count * pixels, table, scratch, filterHeight, filterWidth * channels, row, packed, biases, to, outputs,
    );
    activateFloats(to, <usize>(count * pixels * outputs), kind, slope);
  }
}
