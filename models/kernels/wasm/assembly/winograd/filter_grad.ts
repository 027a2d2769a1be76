// The gradient of the filter of a convolution of stride 2, by way of points: products of cells and results, summed over
// all tiles, then back from points to taps.

import { tile } from "../conv/conv_filter_grad";
import { frameBytes, frameImages } from "../conv/frame";
import { framesToPoints } from "./conv";
import { gradientsToPoints } from "./input_grad";
import { cellsBytes, cellsStep, filterBytes, filterStep, framed, imagesAtOnce, resultsStep, tilesOf } from "./plan";
import { ALL_POINTS, phases, POINTS, TILE } from "./points";
import { pointsToFilter, TEMP } from "./tiles";

export function winogradFilterGrad(
  batch: i32, height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32, outputs: i32,
  tapsY: i32, tapsX: i32, top: i32, left: i32,
  x: usize, dy: usize, dFilter: usize, scratch: usize,
): void {
  const down = tilesOf(outHeight), across = tilesOf(outWidth);
  const many = imagesAtOnce(batch, down * across), tiles = many * down * across;
  const cells = cellsBytes(channels), table = scratch + 2 * TEMP; // one entry: every row begins at 0
  const sums = table + 8, sumStep = filterStep(channels, outputs);
  const points = sums + filterBytes(channels, outputs), step = cellsStep(tiles, channels);
  const gradients = points + <usize>ALL_POINTS * step, gradientStep = resultsStep(tiles, outputs);
  const frames = gradients + <usize>ALL_POINTS * gradientStep;
  const results = frames + frameBytes(many, framed(down), framed(across), channels);
  store<u32>(table, 0);
  memory.fill(sums, 0, filterBytes(channels, outputs));
  for (let first = 0; first < batch; first += many) {
    const count = min(many, batch - first), some = count * down * across;
    const image = x + (<usize>(first * height * width) * <usize>channels << 2);
    const from = dy + (<usize>(first * outHeight * outWidth) * <usize>outputs << 2);
    frameImages(frames, framed(down), framed(across), top, left, image, count, height, width, channels);
    framesToPoints(frames, count, down, across, channels, points, step, scratch);
    frameImages(results, TILE * down, TILE * across, 0, 0, from, count, outHeight, outWidth, outputs);
    gradientsToPoints(results, count, down, across, outputs, gradients, gradientStep, true, scratch);
    for (let p = 0; p < ALL_POINTS; p++) {
      const wide = phases(tapsX, p % POINTS) * channels, panels = gradients + <usize>p * gradientStep;
      for (let phase = 0; phase < phases(tapsY, p / POINTS); phase++) {
        const begin = 2 * phase * channels;
        for (let d = begin; d < begin + wide; d += 4) {
          const cell = points + <usize>p * step + (<usize>d << 2);
          let to = sums + <usize>p * sumStep + (<usize>(d * outputs) << 2), panel = panels;
          for (let o = 0; o < outputs; o += 8, to += 128, panel += <usize>some << 5) {
            tile(to, 1, some, table, cell, cells, panel);
          }
        }
      }
    }
  }
  const tap = <usize>(channels * outputs) << 2;
  for (let phase = 0; phase < 4; phase++) {
    for (let c = 0; c < channels; c++) {
      const d = phase * channels + c;
      for (let o = 0; o < outputs; o += 4) {
        // [depth / 4][Cout / 8][4][8]; a sum that was left out is 0.
        const at = sums + (<usize>((d & ~3) * outputs + ((o & ~7) << 2) + ((d & 3) << 3) + (o & 7)) << 2);
        for (let p = 0; p < ALL_POINTS; p++) v128.store(scratch + (<usize>p << 4), v128.load(at + <usize>p * sumStep));
        pointsToFilter(scratch, dFilter + (<usize>(c * outputs + o) << 2), tap, tapsY, tapsX, phase >> 1, phase & 1);
      }
    }
  }
}
