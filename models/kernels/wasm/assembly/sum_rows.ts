// Sums over the rows of a matrix, such as the gradient of a bias.

// Numbers of a row of its own at a time, in registers.
const WIDE: i32 = 32;
// Rows at a time: what they hold of WIDE columns stays in the first-level cache, and a sum of blocks is more exact.
const BLOCK: i32 = 128;

// So many rows count as one, so that it is a whole number of vectors, and not just one of them.
@inline
export function folded(columns: i32): i32 {
  return columns < 4 ? 16 : (columns & 3) ? 4 : 1;
}

export function sumRowsScratch(columns: i32): i32 {
  return (columns * folded(columns)) << 2;
}

// x [rows, columns] -> sums [columns], times `scale`.
export function sumRows(rows: i32, columns: i32, scale: f32, x: usize, sums: usize, scratch: usize): void {
  const many = folded(columns), width = many * columns, whole = rows / many;
  const step = <usize>width << 2;
  memory.fill(scratch, 0, step);
  for (let first = 0; first < whole; first += BLOCK) {
    addRows(min(BLOCK, whole - first), width, x + <usize>first * step, scratch);
  }
  sumFolds(rows, columns, scale, x, sums, scratch);
}

// The sums of rows that count as one, and of what is left of x behind the last of these.
export function sumFolds(rows: i32, columns: i32, scale: f32, x: usize, sums: usize, scratch: usize): void {
  const many = folded(columns), step = <usize>(many * columns) << 2, end = <usize>columns << 2;
  for (let c: usize = 0; c < end; c += 4) {
    let sum: f32 = 0;
    for (let at = c; at < step; at += end) sum += load<f32>(scratch + at);
    for (let row = rows / many * many; row < rows; row++) sum += load<f32>(x + <usize>row * end + c);
    store<f32>(sums + c, sum * scale);
  }
}

// sums [width] += the rows; the width is a multiple of four.
export function addRows(rows: i32, width: i32, x: usize, sums: usize): void {
  const step = <usize>width << 2;
  let column = 0;
  for (; column + WIDE <= width; column += WIDE) {
    let a = v128.load(sums), b = v128.load(sums, 16), c = v128.load(sums, 32), d = v128.load(sums, 48);
    let e = v128.load(sums, 64), f = v128.load(sums, 80), g = v128.load(sums, 96), h = v128.load(sums, 112);
    for (let row = 0, at = x; row < rows; row++, at += step) {
      a = f32x4.add(a, v128.load(at));
      b = f32x4.add(b, v128.load(at, 16));
      c = f32x4.add(c, v128.load(at, 32));
      d = f32x4.add(d, v128.load(at, 48));
      e = f32x4.add(e, v128.load(at, 64));
      f = f32x4.add(f, v128.load(at, 80));
      g = f32x4.add(g, v128.load(at, 96));
      h = f32x4.add(h, v128.load(at, 112));
    }
    v128.store(sums, a);
    v128.store(sums, b, 16);
    v128.store(sums, c, 32);
    v128.store(sums, d, 48);
    v128.store(sums, e, 64);
    v128.store(sums, f, 80);
    v128.store(sums, g, 96);
    v128.store(sums, h, 112);
    x += 128;
    sums += 128;
  }
  for (; column < width; column += 4) {
    let a = v128.load(sums);
    for (let row = 0, at = x; row < rows; row++, at += step) a = f32x4.add(a, v128.load(at));
    v128.store(sums, a);
    x += 16;
    sums += 16;
  }
}
