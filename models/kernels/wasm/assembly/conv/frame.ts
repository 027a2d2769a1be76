// Images in frames of zeros, so that no loop over patches has to look at borders. A frame has the cells that some patch
// reaches and no others; the image lies in it `top` and `left` cells from its corner, and what does not fit is left out.

import { clearFloats, copyFloats } from "../floats";

// From so many bytes on the engine's own instruction is faster.
const LONG: usize = 1024;

@inline
export function copyRun(to: usize, from: usize, bytes: usize): void {
  if (bytes < LONG) copyFloats(to, from, bytes);
  else memory.copy(to, from, bytes);
}

@inline
function clearRun(to: usize, bytes: usize): void {
  if (bytes < LONG) clearFloats(to, bytes);
  else memory.fill(to, 0, bytes);
}

// Bytes of frames, and of what a load of four floats may read behind them.
@inline
export function frameBytes(count: i32, height: i32, width: i32, channels: i32): usize {
  return (<usize>(count * height) * <usize>(width * channels) + 4) << 2;
}

// Images [count, height, width, channels] -> frames [count, frameHeight, frameWidth, channels].
export function frameImages(
  frame: usize, frameHeight: i32, frameWidth: i32, top: i32, left: i32,
  image: usize, count: i32, height: i32, width: i32, channels: i32,
): void {
  const cell = <usize>channels << 2;
  const row = <usize>width * cell, frameRow = <usize>frameWidth * cell;
  const before = <usize>min(max(left, 0), frameWidth) * cell;
  const skipped = <usize>min(max(-left, 0), width) * cell;
  const bytes = min(row - skipped, frameRow - before);
  const after = frameRow - before - bytes;
  for (let n = 0; n < count; n++) {
    for (let fy = 0; fy < frameHeight; fy++) {
      const y = fy - top;
      if (y < 0 || y >= height) clearRun(frame, frameRow);
      else {
        clearRun(frame, before);
        copyRun(frame + before, image + <usize>y * row + skipped, bytes);
        clearRun(frame + before + bytes, after);
      }
      frame += frameRow;
    }
    image += <usize>height * row;
  }
}

// How many images are worked on at once: of small ones several, so that there are enough pixels for whole tiles.
@inline
export function imagesAtOnce(batch: i32, pixels: i32): i32 {
  return min(batch, max(1, 64 / pixels));
}
