/** The side of the grid on which drawings are, in pixels. */
const GRID: i32 = 256;

/** For each pixel: the column of its cell, the first cell of the cell's row, and the cell's first and last pixel. */
const COLUMNS: usize = memory.data(2 * GRID);
const ROWS: usize = memory.data(2 * GRID);
const FIRST: usize = memory.data(GRID);
const LAST: usize = memory.data(GRID);
/** 2^32 / 2a, rounded up, for a line's extent a from 1 on. */
const RECIPROCALS: usize = memory.data(4 * GRID);

let prepared: i32 = 0;

function prepare(size: i32): void {
  if (prepared == size) return;
  prepared = size;
  for (let pixel = 0; pixel < GRID; pixel++) {
    const cell = (pixel * size) / GRID;
    store<u16>(COLUMNS + 2 * pixel, <u16>cell);
    store<u16>(ROWS + 2 * pixel, <u16>(cell * size));
    const isNew = pixel == 0 || load<u16>(COLUMNS + 2 * (pixel - 1)) != cell;
    store<u8>(FIRST + pixel, isNew ? <u8>pixel : load<u8>(FIRST + pixel - 1));
    if (pixel > 0) store<u32>(RECIPROCALS + 4 * pixel, <u32>((((<u64>1) << 32) - 1) / (2 * pixel) + 1));
  }
  for (let pixel = GRID - 1; pixel >= 0; pixel--) {
    const isEnd = pixel == GRID - 1 || load<u8>(FIRST + pixel + 1) == pixel + 1;
    store<u8>(LAST + pixel, isEnd ? <u8>pixel : load<u8>(LAST + pixel + 1));
  }
}

/** Marks a cell that is blank. */
// @ts-ignore: decorator
@inline
function mark(cell: usize, value: u32): void {
  const before: u32 = load<u8>(cell);
  store<u8>(cell, select(before, value, before));
}

/**
 * Marks the cells of a line, a cell's width along its longer axis at a time. After j steps along that axis, Bresenham's
 * line has gone floor((2 j b + a) / 2a) along the other, a and b being its extents; so the pixels of one column of cells
 * are in two rows of them at most, those of the first and of the last pixel. The quotient is exact by 32-bit reciprocals:
 * its dividend is below 2^17.
 */
// @ts-ignore: decorator
@inline
function drawLine(map: usize, value: u32, along: usize, across: usize, from: i32, side: i32, to: i32, endSide: i32): void {
  const extent = abs(to - from);
  const twice = 2 * abs(endSide - side);
  const step = side < endSide ? 1 : -1;
  const reciprocal: u64 = load<u32>(RECIPROCALS + 4 * extent);
  const edges = from < to ? LAST : FIRST;
  const next = from < to ? 1 : -1;
  let at = from;
  let near = side;
  for (;;) {
    const edge = <i32>load<u8>(edges + at);
    const stop = from < to ? min(edge, to) : max(edge, to);
    const far = side + step * <i32>((<u64>(twice * abs(stop - from) + extent) * reciprocal) >> 32);
    const column = map + load<u16>(along + 2 * at);
    mark(column + load<u16>(across + 2 * near), value);
    mark(column + load<u16>(across + 2 * far), value);
    if (stop == to) return;
    at = stop + next;
    near = side + step * <i32>((<u64>(twice * abs(at - from) + extent) * reciprocal) >> 32);
  }
}

/** Draws a stroke of so many points, all x before all y. */
function drawStroke(map: usize, value: u32, xs: usize, points: i32): void {
  const ys = xs + points;
  let x = <i32>load<u8>(xs);
  let y = <i32>load<u8>(ys);
  mark(map + load<u16>(COLUMNS + 2 * x) + load<u16>(ROWS + 2 * y), value);
  for (let i = 1; i < points; i++) {
    const endX = <i32>load<u8>(xs + i);
    const endY = <i32>load<u8>(ys + i);
    if (abs(endX - x) >= abs(endY - y)) drawLine(map, value, COLUMNS, ROWS, x, y, endX, endY);
    else drawLine(map, value, ROWS, COLUMNS, y, x, endY, endX);
    x = endX;
    y = endY;
  }
}

/**
 * Draws stroke-index maps of packed drawings, and writes their stroke-3.
 *
 * @param payloads The drawings, one after another; what a payload holds behind its strokes is passed over.
 * @param lengths u32 [count], bytes of each payload; becomes the points of each drawing.
 * @param maps Where the maps go, u8 [count, size, size].
 * @param rows Where stroke-3 goes, i16 [points, 3]: 3 bytes for each byte of the payloads are enough. 0 where it is not asked for.
 * @param merges Whether strokes after `maxStrokes` are drawn, with that mark, or left out.
 * @returns 0, or the 1-based place of the first drawing whose strokes do not end inside its payload.
 */
export function drawRows(
  payloads: usize,
  lengths: usize,
  count: i32,
  maps: usize,
  rows: usize,
  size: i32,
  maxStrokes: i32,
  merges: bool,
): i32 {
  prepare(size);
  const cells = size * size;
  memory.fill(maps, 0, count * cells);
  for (let i = 0; i < count; i++) {
    const end = payloads + load<u32>(lengths + 4 * i);
    if (payloads + 2 > end) return i + 1;
    const strokes = <i32>load<u16>(payloads);
    let at = payloads + 2;
    let total = 0;
    let lastX = 0;
    let lastY = 0;
    for (let stroke = 0; stroke < strokes; stroke++) {
      if (at + 2 > end) return i + 1;
      const points = <i32>load<u16>(at);
      const xs = at + 2;
      at = xs + 2 * points;
      if (at > end) return i + 1;
      total += points;
      if (points > 0 && (merges || stroke < maxStrokes)) drawStroke(maps, min(stroke + 1, maxStrokes), xs, points);
      if (rows == 0) continue;
      for (let point = 0; point < points; point++, rows += 6) {
        const x = <i32>load<u8>(xs + point);
        const y = <i32>load<u8>(xs + points + point);
        store<i16>(rows, <i16>(x - lastX));
        store<i16>(rows, <i16>(y - lastY), 2);
        store<i16>(rows, point == points - 1 ? 1 : 0, 4);
        lastX = x;
        lastY = y;
      }
    }
    store<u32>(lengths + 4 * i, total);
    payloads = end;
    maps += cells;
  }
  return 0;
}
