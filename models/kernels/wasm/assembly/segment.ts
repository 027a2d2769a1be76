// Rows by index, sums of rows by segment, and frames from stroke-index maps.

// sums [segments, inner] of data [rows, inner]; an id that is negative or too large is left out, as tfjs does.
export function segmentSum(rows: i32, inner: i32, segments: i32, data: usize, ids: usize, sums: usize): void {
  memory.fill(sums, 0, <usize>(segments * inner) << 2);
  const row = <usize>inner << 2;
  for (let r = 0; r < rows; r++) {
    const id = load<i32>(ids + (<usize>r << 2));
    if (id >= 0 && id < segments) {
      const to = sums + <usize>id * row;
      let j: usize = 0;
      for (; j + 16 <= row; j += 16) v128.store(to + j, f32x4.add(v128.load(to + j), v128.load(data + j)));
      for (; j < row; j += 4) store<f32>(to + j, load<f32>(to + j) + load<f32>(data + j));
    }
    data += row;
  }
}

// dst [rows, bytes]: the rows of `data` that `indices` name.
export function gatherRows(rows: i32, bytes: i32, data: usize, indices: usize, dst: usize): void {
  for (let r = 0; r < rows; r++) {
    memory.copy(dst, data + <usize>load<i32>(indices + (<usize>r << 2)) * <usize>bytes, <usize>bytes);
    dst += <usize>bytes;
  }
}

export function strokeFrames(frames: i32, cells: i32, maps: usize, drawings: usize, strokes: usize, dst: usize): void {
  const size = <usize>cells << 2;
  for (let r = 0; r < frames; r++) {
    const map = maps + <usize>load<i32>(drawings + (<usize>r << 2)) * size;
    const limit = load<i32>(strokes + (<usize>r << 2));
    const limits = i32x4.splat(limit), zero = i32x4.splat(0), one = f32x4.splat(1);
    let j: usize = 0;
    for (; j + 16 <= size; j += 16) {
      const cell = v128.load(map + j);
      v128.store(dst + j, v128.and(one, v128.and(i32x4.gt_s(cell, zero), i32x4.le_s(cell, limits))));
    }
    for (; j < size; j += 4) {
      const cell = load<i32>(map + j);
      store<f32>(dst + j, cell > 0 && cell <= limit ? 1 : 0);
    }
    dst += size;
  }
}
