// The gradients of a convolution by way of patches: [cells, KH KW Cin] against [cells, Cout], a block of cells at a
// time.

import { clearFloats, copyFloats } from "../floats";
import { gemm, gemmScratch } from "../gemm/gemm";

const BLOCK: i32 = 256;

export function convGradScratch(patch: i32): i32 {
  return gemmScratch(max(patch, BLOCK)) + BLOCK * patch * 4;
}

// Copies patches out of x (or, with `add`, adds patches into x) for the output cells from `first` on.
@inline
function patches(
  first: i32, count: i32, add: bool, cols: usize, x: usize,
  height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32,
  filterHeight: i32, filterWidth: i32, strideY: i32, strideX: i32, top: i32, left: i32,
): void {
  const size = <usize>channels << 2;
  for (let c = first; c < first + count; c++) {
    const n = c / (outHeight * outWidth);
    const oy = (c / outWidth) % outHeight, ox = c % outWidth;
    for (let ky = 0; ky < filterHeight; ky++) {
      const y = oy * strideY - top + ky;
      for (let kx = 0; kx < filterWidth; kx++) {
        const i = ox * strideX - left + kx;
        const inside = y >= 0 && y < height && i >= 0 && i < width;
        const at = x + <usize>((n * height + y) * width + i) * size;
        if (add) {
          if (inside) {
            let j: usize = 0;
            for (; j + 16 <= size; j += 16) v128.store(at + j, f32x4.add(v128.load(at + j), v128.load(cols + j)));
            for (; j < size; j += 4) store<f32>(at + j, load<f32>(at + j) + load<f32>(cols + j));
          }
        } else if (inside) copyFloats(cols, at, size);
        else clearFloats(cols, size);
        cols += size;
      }
    }
  }
}

export function convFilterGrad(
  batch: i32, height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32, outputs: i32,
  filterHeight: i32, filterWidth: i32, strideY: i32, strideX: i32, top: i32, left: i32,
  x: usize, dy: usize, dFilter: usize, scratch: usize,
): void {
  const patch = filterHeight * filterWidth * channels;
  const step = <usize>outputs << 2;
  const cells = batch * outHeight * outWidth;
  const cols = scratch + <usize>gemmScratch(max(patch, BLOCK));
  memory.fill(dFilter, 0, <usize>patch * step);
  for (let first = 0; first < cells; first += BLOCK) {
    const count = min(BLOCK, cells - first);
    patches(
      first, count, false, cols, x, height, width, channels, outHeight, outWidth,
      filterHeight, filterWidth, strideY, strideX, top, left,
    );
    const from = dy + <usize>first * step;
    gemm(patch, outputs, count, cols, 4, <usize>patch << 2, from, step, 4, dFilter, step, dFilter, step, scratch);
  }
}

export function convInputGrad(
  batch: i32, height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32, outputs: i32,
  filterHeight: i32, filterWidth: i32, strideY: i32, strideX: i32, top: i32, left: i32,
  filter: usize, dy: usize, dx: usize, scratch: usize,
): void {
  const patch = filterHeight * filterWidth * channels;
  const step = <usize>outputs << 2;
  const cells = batch * outHeight * outWidth;
  const cols = scratch + <usize>gemmScratch(max(patch, BLOCK));
  memory.fill(dx, 0, <usize>(batch * height * width * channels) << 2);
  for (let first = 0; first < cells; first += BLOCK) {
    const count = min(BLOCK, cells - first);
    const from = dy + <usize>first * step;
    gemm(count, patch, outputs, from, step, 4, filter, 4, step, 0, 0, cols, <usize>patch << 2, scratch);
    patches(
      first, count, true, cols, dx, height, width, channels, outHeight, outWidth,
      filterHeight, filterWidth, strideY, strideX, top, left,
    );
  }
}
