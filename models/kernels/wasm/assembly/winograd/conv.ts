// Convolution of stride 2 by way of points; see points.ts.

import { activateFloats } from "../activation";
import { packBias } from "../conv/bias";
import { frameBytes, frameImages } from "../conv/frame";
import { panelBytes, patchProduct } from "../conv/patch_product";
import { packFilter } from "./filter";
import { cellsBytes, cellsStep, filterBytes, filterStep, framed, imagesAtOnce, resultsStep, tilesOf } from "./plan";
import { ALL_POINTS, phases, POINTS, STEP, TILE } from "./points";
import { imageToPoints, pointsToTile, TEMP } from "./tiles";

export function winogradScratch(batch: i32, channels: i32, outHeight: i32, outWidth: i32, outputs: i32): usize {
  const down = tilesOf(outHeight), across = tilesOf(outWidth);
  const many = imagesAtOnce(batch, down * across), tiles = many * down * across;
  return 2 * TEMP + 2 * panelBytes(1, max(outputs, 2 * channels)) + (<usize>tiles << 3) + filterBytes(channels, outputs) +
    <usize>ALL_POINTS * (cellsStep(tiles, channels) + resultsStep(tiles, outputs)) +
    frameBytes(many, framed(down), framed(across), channels) + frameBytes(many, TILE * down, TILE * across, outputs);
}

// x [N, H, W, Cin] at the points: [25][tiles][2][2][Cin].
export function framesToPoints(
  frames: usize, images: i32, down: i32, across: i32, channels: i32, to: usize, step: usize, temp: usize,
): void {
  const cell = <usize>channels << 2, row = <usize>framed(across) * cell;
  for (let n = 0; n < images; n++) {
    for (let y = 0; y < down; y++) {
      for (let x = 0; x < across; x++, to += cellsBytes(channels)) {
        const corner = frames + <usize>(n * framed(down) + STEP * y) * row + <usize>(STEP * x) * cell;
        imageToPoints(corner, row, channels, to, step, temp);
      }
    }
  }
}

// A bias of 0 counts as zeros.
export function winogradConv(
  batch: i32, height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32, outputs: i32,
  tapsY: i32, tapsX: i32, top: i32, left: i32,
  x: usize, filter: usize, bias: usize, kind: i32, slope: f32, y: usize, scratch: usize,
): void {
  const down = tilesOf(outHeight), across = tilesOf(outWidth);
  const many = imagesAtOnce(batch, down * across), tiles = many * down * across;
  const result = <usize>outputs << 2, cells = cellsBytes(channels);
  const biases = scratch + 2 * TEMP, zeros = biases + panelBytes(1, outputs), table = zeros + panelBytes(1, outputs);
  const packed = table + (<usize>tiles << 3);
  const points = packed + filterBytes(channels, outputs), step = cellsStep(tiles, channels);
  const products = points + <usize>ALL_POINTS * step, productStep = resultsStep(tiles, outputs);
  const frames = products + <usize>ALL_POINTS * productStep;
  packBias(biases, bias, outputs);
  packBias(zeros, 0, outputs);
  packFilter(packed, filter, channels, outputs, tapsY, tapsX, false, scratch);
  for (let t = 0; t < tiles; t++) {
    store<u32>(table + (<usize>t << 3), <u32>(<usize>t * cells));
    store<u32>(table + (<usize>t << 3), <u32>(<usize>t * result), 4);
  }
  const panel = filterStep(channels, outputs), row = <usize>outWidth * result;
  for (let first = 0; first < batch; first += many) {
    const count = min(many, batch - first);
    const from = x + (<usize>(first * height * width) * <usize>channels << 2);
    frameImages(frames, framed(down), framed(across), top, left, from, count, height, width, channels);
    framesToPoints(frames, count, down, across, channels, points, step, scratch);
    for (let p = 0; p < ALL_POINTS; p++) {
      patchProduct(
        count * down * across, table, points + <usize>p * step,
        phases(tapsY, p / POINTS), phases(tapsX, p % POINTS) * channels, <usize>channels << 3,
        packed + <usize>p * panel, zeros, products + <usize>p * productStep, outputs,
      );
    }
    const to = y + <usize>(first * outHeight) * row;
    let at = products;
    for (let n = 0; n < count; n++) {
      for (let ty = 0; ty < down; ty++) {
        const rows = min(TILE, outHeight - TILE * ty);
        for (let tx = 0; tx < across; tx++, at += result) {
          const corner = to + <usize>(n * outHeight + TILE * ty) * row + <usize>(TILE * tx) * result;
          pointsToTile(at, productStep, outputs, biases, corner, row, rows, min(TILE, outWidth - TILE * tx), scratch);
        }
      }
    }
    activateFloats(to, <usize>(count * outHeight * outWidth * outputs), kind, slope);
  }
}
