// The gradient of the input of a convolution of stride 2, which is the transposed convolution, by way of points: the steps
// of the convolution, each transposed, in reverse order.

import { activateFloats } from "../activation";
import { cut } from "../conv/conv_few";
import { packBias } from "../conv/bias";
import { frameImages } from "../conv/frame";
import { panelBytes, patchProduct } from "../conv/patch_product";
import { packFilter } from "./filter";
import { cellsBytes, cellsStep, filterBytes, filterStep, framed, imagesAtOnce, resultsStep, tilesOf } from "./plan";
import { ALL_POINTS, phases, POINTS, STEP, TILE } from "./points";
import { pointsToImage, TEMP, tileToPoints } from "./tiles";

// Frames of dy [N, 4 down, 4 across, Cout] at the points, [25][tiles][Cout] or, with panels, [25][Cout / 8][tiles][8].
export function gradientsToPoints(
  frames: usize, images: i32, down: i32, across: i32, outputs: i32, to: usize, step: usize, inPanels: bool, temp: usize,
): void {
  const cell = <usize>outputs << 2, row = <usize>(TILE * across) * cell;
  const panel: usize = inPanels ? <usize>(images * down * across) << 5 : 32, next: usize = inPanels ? 32 : cell;
  for (let n = 0; n < images; n++) {
    for (let y = 0; y < down; y++) {
      for (let x = 0; x < across; x++, to += next) {
        const corner = frames + <usize>(TILE * (n * down + y)) * row + <usize>(TILE * x) * cell;
        tileToPoints(corner, row, outputs, to, step, panel, temp);
      }
    }
  }
}

// A bias of 0 counts as zeros.
export function winogradInputGrad(
  batch: i32, height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32, outputs: i32,
  tapsY: i32, tapsX: i32, top: i32, left: i32,
  filter: usize, dy: usize, bias: usize, kind: i32, slope: f32, dx: usize, scratch: usize,
): void {
  const down = tilesOf(outHeight), across = tilesOf(outWidth);
  const many = imagesAtOnce(batch, down * across), tiles = many * down * across;
  const result = <usize>outputs << 2, cells = cellsBytes(channels), cell = <usize>channels << 2;
  const biases = scratch + 2 * TEMP, zeros = biases + panelBytes(1, channels), table = zeros + panelBytes(1, 2 * channels);
  const packed = table + (<usize>tiles << 3);
  const points = packed + filterBytes(channels, outputs), step = cellsStep(tiles, channels);
  const gradients = points + <usize>ALL_POINTS * step, gradientStep = resultsStep(tiles, outputs);
  const frames = gradients + <usize>ALL_POINTS * gradientStep;
  const frameRow = <usize>framed(across) * cell, frame = <usize>framed(down) * frameRow;
  const results = frames + <usize>many * frame;
  packBias(biases, bias, channels);
  packBias(zeros, 0, 2 * channels);
  packFilter(packed, filter, channels, outputs, tapsY, tapsX, true, scratch);
  for (let t = 0; t < tiles; t++) {
    store<u32>(table + (<usize>t << 3), <u32>(<usize>t * result));
    store<u32>(table + (<usize>t << 3), <u32>(<usize>t * cells), 4);
  }
  const panel = filterStep(channels, outputs);
  for (let first = 0; first < batch; first += many) {
    const count = min(many, batch - first);
    const from = dy + (<usize>(first * outHeight * outWidth) * <usize>outputs << 2);
    frameImages(results, TILE * down, TILE * across, 0, 0, from, count, outHeight, outWidth, outputs);
    gradientsToPoints(results, count, down, across, outputs, gradients, gradientStep, false, scratch);
    for (let p = 0; p < ALL_POINTS; p++) {
      const wide = phases(tapsX, p % POINTS) * channels;
      for (let phase = 0; phase < phases(tapsY, p / POINTS); phase++) {
        patchProduct(
          count * down * across, table, gradients + <usize>p * gradientStep, 1, outputs, 0,
          packed + <usize>p * panel + <usize>phase * panelBytes(outputs, wide), zeros,
          points + <usize>p * step + <usize>(2 * phase) * cell, wide,
        );
      }
    }
    memory.fill(frames, 0, <usize>count * frame);
    let at = points;
    for (let n = 0; n < count; n++) {
      for (let ty = 0; ty < down; ty++) {
        for (let tx = 0; tx < across; tx++, at += cells) {
          const corner = frames + <usize>n * frame + <usize>(STEP * ty) * frameRow + <usize>(STEP * tx) * cell;
          pointsToImage(at, step, channels, tapsY, tapsX, corner, frameRow, scratch);
        }
      }
    }
    const image = <usize>(height * width) * cell, to = dx + <usize>first * image;
    for (let n = 0; n < count; n++) {
      cut(
        to + <usize>n * image, height, width, channels,
        frames + <usize>n * frame, framed(down), framed(across), top, left, biases,
      );
    }
    activateFloats(to, <usize>(count * height * width * channels), kind, slope);
  }
}
