// Tiles of four by four results, and the cells of an image that they come from, at their 25 points. Four channels at a
// time go through both sides by way of 25 vectors of `temp`.

import {
  cellsToPoints, pointsToCells, pointsToResults, pointsToTaps, POINTS, resultsToPoints, tapsToPoints, TILE,
} from "./points";

// Bytes of `temp`.
export const TEMP: usize = 25 << 4;

// The bytes from one point down to the next in `temp`.
const DOWN: usize = 5 << 4;

@inline
function load(at: usize, step: usize, i: usize): v128 {
  return v128.load(at + i * step);
}

// The ten by ten cells from `cells` on -> to [25 points][2][2][channels], the points `step` bytes apart.
export function imageToPoints(cells: usize, row: usize, channels: i32, to: usize, step: usize, temp: usize): void {
  const cell = <usize>channels << 2, down = row << 1;
  for (let phase: usize = 0; phase < 4; phase++, to += cell) {
    for (let c: usize = 0; c < cell; c += 16) {
      let at = cells + (phase >> 1) * row + (phase & 1) * cell + c;
      for (let i: usize = 0; i < DOWN; i += 16, at += cell << 1) {
        const d0 = load(at, down, 0), d1 = load(at, down, 1), d2 = load(at, down, 2), d3 = load(at, down, 3);
        cellsToPoints(d0, d1, d2, d3, load(at, down, 4), temp + i, DOWN);
      }
      let point = to + c;
      for (let i: usize = 0; i < TEMP; i += DOWN, point += 5 * step) {
        const from = temp + i;
        cellsToPoints(load(from, 16, 0), load(from, 16, 1), load(from, 16, 2), load(from, 16, 3), load(from, 16, 4), point, step);
      }
    }
  }
}

// Adds to the ten by ten cells what their points say; `tapsY` and `tapsX` tell which of these there are.
export function pointsToImage(
  from: usize, step: usize, channels: i32, tapsY: i32, tapsX: i32, cells: usize, row: usize, temp: usize,
): void {
  const cell = <usize>channels << 2, zero = f32x4.splat(0);
  for (let phase: usize = 0; phase < 4; phase++, from += cell) {
    const fullY = tapsY == 4 || phase < 2, fullX = tapsX == 4 || (phase & 1) == 0;
    for (let c: usize = 0; c < cell; c += 16) {
      for (let x: usize = 0; x < 5; x++) {
        const at = from + c + x * step, down = 5 * step, to = temp + (x << 4);
        if (x == 4 && !fullX) {
          for (let y: usize = 0; y < 5; y++) v128.store(to + y * DOWN, zero);
          continue;
        }
        const last = fullY ? load(at, down, 4) : zero;
        pointsToCells(load(at, down, 0), load(at, down, 1), load(at, down, 2), load(at, down, 3), last, to, DOWN);
      }
      let at = cells + (phase >> 1) * row + (phase & 1) * cell + c;
      for (let y: usize = 0; y < TEMP; y += DOWN, at += row << 1) {
        const line = temp + y;
        pointsToCells(load(line, 16, 0), load(line, 16, 1), load(line, 16, 2), load(line, 16, 3), load(line, 16, 4), line, 16);
        let to = at;
        for (let x: usize = 0; x < DOWN; x += 16, to += cell << 1) v128.store(to, f32x4.add(v128.load(to), v128.load(line + x)));
      }
    }
  }
}

// [25 points][channels] -> the four by four results, or those of them that there are, plus a bias.
export function pointsToTile(
  from: usize, step: usize, channels: i32, bias: usize, to: usize, row: usize, height: i32, width: i32, temp: usize,
): void {
  const cell = <usize>channels << 2;
  for (let c: usize = 0; c < cell; c += 16) {
    for (let x: usize = 0; x < 5; x++) {
      const at = from + c + x * step, down = 5 * step;
      pointsToResults(
        load(at, down, 0), load(at, down, 1), load(at, down, 2), load(at, down, 3), load(at, down, 4), temp + (x << 4), DOWN,
      );
    }
    const add = v128.load(bias + c);
    let down = to + c;
    for (let y = 0; y < height; y++, down += row) {
      const line = temp + <usize>y * DOWN;
      pointsToResults(load(line, 16, 0), load(line, 16, 1), load(line, 16, 2), load(line, 16, 3), load(line, 16, 4), line, 16);
      let at = down;
      for (let x = 0; x < width; x++, at += cell) v128.store(at, f32x4.add(v128.load(line + (<usize>x << 4)), add));
    }
  }
}

// Four by four gradients -> their 25 points. `panel` is the bytes from one eight of channels to the next.
export function tileToPoints(
  from: usize, row: usize, channels: i32, to: usize, step: usize, panel: usize, temp: usize,
): void {
  const cell = <usize>channels << 2;
  for (let c: usize = 0; c < cell; c += 16) {
    for (let x: usize = 0; x < <usize>TILE; x++) {
      const at = from + c + x * cell;
      resultsToPoints(load(at, row, 0), load(at, row, 1), load(at, row, 2), load(at, row, 3), temp + (x << 4), DOWN);
    }
    let point = to + (c >> 5) * panel + (c & 16);
    for (let y: usize = 0; y < TEMP; y += DOWN, point += <usize>POINTS * step) {
      const line = temp + y;
      resultsToPoints(load(line, 16, 0), load(line, 16, 1), load(line, 16, 2), load(line, 16, 3), point, step);
    }
  }
}

// Four outputs of one input channel and phase, at the 25 points in `to`. `tap` is the bytes from a tap to the next across.
export function filterToPoints(
  filter: usize, tap: usize, tapsY: i32, tapsX: i32, phaseY: i32, phaseX: i32, to: usize, temp: usize,
): void {
  const zero = f32x4.splat(0), down = <usize>tapsX * tap;
  const second = phaseY + 2 < tapsY;
  for (let x: usize = 0; x < 2; x++) {
    const column = phaseX + 2 * <i32>x, at = filter + <usize>phaseY * down + <usize>column * tap;
    const isThere = column < tapsX;
    const w0 = isThere ? v128.load(at) : zero, w1 = isThere && second ? v128.load(at + 2 * down) : zero;
    tapsToPoints(w0, w1, temp + (x << 4), DOWN);
  }
  for (let y: usize = 0; y < TEMP; y += DOWN) tapsToPoints(v128.load(temp + y), v128.load(temp + y, 16), to + y, 16);
}

// The gradients of the taps from those of the 25 points in `points`, which are overwritten.
export function pointsToFilter(
  points: usize, filter: usize, tap: usize, tapsY: i32, tapsX: i32, phaseY: i32, phaseX: i32,
): void {
  for (let y: usize = 0; y < TEMP; y += DOWN) {
    const line = points + y;
    pointsToTaps(load(line, 16, 0), load(line, 16, 1), load(line, 16, 2), load(line, 16, 3), load(line, 16, 4), line, 16);
  }
  for (let x = 0; x < 2; x++) {
    const column = phaseX + 2 * x, at = points + (<usize>x << 4);
    if (column >= tapsX) continue;
    pointsToTaps(load(at, DOWN, 0), load(at, DOWN, 1), load(at, DOWN, 2), load(at, DOWN, 3), load(at, DOWN, 4), at, DOWN);
    for (let y = 0; phaseY + 2 * y < tapsY && y < 2; y++) {
      v128.store(filter + <usize>((phaseY + 2 * y) * tapsX + column) * tap, v128.load(at + <usize>y * DOWN));
    }
  }
}
