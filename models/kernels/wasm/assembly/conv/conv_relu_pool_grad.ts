// The gradients of convReluPool: they touch the one cell that won each pool, and none where ReLU cut it off.

import { CUT, frameImage, imageBytes, isBlank, paddedChannels } from "./conv_relu_pool_image";

// The gradients of one image and channel that are not cut: pairs of (gradient, byte offset of the winner's window).
@inline
function winnersOf(
  list: usize, dy: usize, winners: usize, outputs: i32, rows: i32, cols: i32, step: usize, cell: usize,
): usize {
  for (let y = 0; y < rows; y++) {
    let corner = <usize>(2 * y) * step;
    for (let c = 0; c < cols; c++) {
      const winner = <i32>load<u8>(winners);
      store<f32>(list, load<f32>(dy));
      store<u32>(list, <u32>(corner + (winner & 1 ? cell : 0) + (winner & 2 ? step : 0)), 4);
      list += winner == CUT ? 0 : 8;
      winners += <usize>outputs;
      dy += <usize>outputs << 2;
      corner += 2 * cell;
    }
  }
  return list;
}

export function convReluPoolFilterGrad(
  batch: i32, height: i32, width: i32, inputs: i32, outputs: i32,
  dy: usize, winners: usize, x: usize, dFilter: usize, dBias: usize, scratch: usize,
): void {
  const padded = paddedChannels(inputs);
  const sums = scratch; // [Cout][3, 3, Cin padded], or [Cout][3, 4] for one input channel
  const sumStep = <usize>(padded == 1 ? 12 : 9 * padded) << 2;
  const image = sums + <usize>outputs * sumStep;
  const list = image + <usize>imageBytes(height, width, inputs);
  const rows = height / 2, cols = width / 2;
  const step = <usize>((width + 2) * padded) << 2;
  const cell: usize = <usize>padded << 2;
  memory.fill(sums, 0, <usize>outputs * sumStep);
  memory.fill(dBias, 0, <usize>outputs << 2);
  for (let n = 0; n < batch; n++) {
    frameImage(image, x, height, width, inputs);
    x += <usize>(height * width * inputs) << 2;
    if (padded == 1) sumOneChannel(sums, dBias, dy, winners, outputs, rows, cols, image, step);
    for (let o = 0; padded > 1 && o < outputs; o++) {
      const end = winnersOf(list, dy + (<usize>o << 2), winners + <usize>o, outputs, rows, cols, step, cell);
      let total: f32 = 0;
      for (let at = list; at < end; at += 8) total += load<f32>(at);
      const biasAt = dBias + (<usize>o << 2);
      store<f32>(biasAt, load<f32>(biasAt) + total);
      const sum = sums + <usize>o * sumStep;
      for (let i: usize = 0; i < cell; i += 16) sumTaps(sum + i, list, end, image + i, step, cell);
    }
    dy += <usize>(rows * cols * outputs) << 2;
    winners += <usize>(rows * cols * outputs);
  }
  for (let tap = 0; tap < 9; tap++) {
    for (let i = 0; i < inputs; i++) {
      for (let o = 0; o < outputs; o++) {
        const within = padded == 1 ? (tap / 3) * 4 + tap % 3 : tap * padded + i;
        store<f32>(dFilter, load<f32>(sums + <usize>o * sumStep + (<usize>within << 2)));
        dFilter += 4;
      }
    }
  }
}

@inline
function addTo(at: usize, value: v128): void {
  v128.store(at, f32x4.add(v128.load(at), value));
}

@inline
function multiplyTo(at: usize, a: v128, b: v128): void {
  v128.store(at, f32x4.relaxed_madd(a, b, v128.load(at)));
}

// One input channel: the three taps of a row are three lanes of a vector, the fourth is not used. Most windows of a
// drawing are blank and count for the bias alone.
function sumOneChannel(
  sums: usize, dBias: usize, dy: usize, winners: usize,
  outputs: i32, rows: i32, cols: i32, image: usize, step: usize,
): void {
  for (let y = 0; y < rows; y++) {
    let corner = image + <usize>(2 * y) * step;
    for (let c = 0; c < cols; c++) {
      addToBias(dBias, dy, winners, outputs);
      if (!isBlank(corner, step)) {
        for (let o = 0; o < outputs; o++) {
          const winner = <i32>load<u8>(winners + <usize>o);
          if (winner != CUT) {
            const g = v128.load32_splat(dy + (<usize>o << 2));
            const p = corner + (winner & 1 ? 4 : 0) + (winner & 2 ? step : 0);
            const sum = sums + <usize>(48 * o);
            multiplyTo(sum, g, v128.load(p));
            multiplyTo(sum + 16, g, v128.load(p + step));
            multiplyTo(sum + 32, g, v128.load(p + 2 * step));
          }
        }
      }
      corner += 8;
      dy += <usize>outputs << 2;
      winners += <usize>outputs;
    }
  }
}

// Adds the gradients of one pool that are not cut, four channels at a time.
@inline
function addToBias(dBias: usize, dy: usize, winners: usize, outputs: i32): void {
  let o = 0;
  for (; o + 4 <= outputs; o += 4) {
    const bytes = i16x8.extend_low_i8x16_u(v128.load32_zero(winners + <usize>o));
    const kept = i32x4.ne(i32x4.extend_low_i16x8_u(bytes), i32x4.splat(CUT));
    const at = <usize>o << 2;
    addTo(dBias + at, v128.and(kept, v128.load(dy + at)));
  }
  for (; o < outputs; o++) {
    const at = <usize>o << 2;
    if (load<u8>(winners + <usize>o) != CUT) store<f32>(dBias + at, load<f32>(dBias + at) + load<f32>(dy + at));
  }
}

// Four input channels: nine taps, a vector each.
@inline
function sumTaps(sum: usize, list: usize, end: usize, image: usize, step: usize, cell: usize): void {
  let a = f32x4.splat(0), b = a, c = a, d = a, e = a, f = a, h = a, i = a, j = a;
  for (let at = list; at < end; at += 8) {
    const g = v128.load32_splat(at);
    const p = image + <usize>load<u32>(at, 4);
    const q = p + step, r = q + step;
    a = f32x4.relaxed_madd(g, v128.load(p), a);
    b = f32x4.relaxed_madd(g, v128.load(p + cell), b);
    c = f32x4.relaxed_madd(g, v128.load(p + 2 * cell), c);
    d = f32x4.relaxed_madd(g, v128.load(q), d);
    e = f32x4.relaxed_madd(g, v128.load(q + cell), e);
    f = f32x4.relaxed_madd(g, v128.load(q + 2 * cell), f);
    h = f32x4.relaxed_madd(g, v128.load(r), h);
    i = f32x4.relaxed_madd(g, v128.load(r + cell), i);
    j = f32x4.relaxed_madd(g, v128.load(r + 2 * cell), j);
  }
  addTo(sum, a);
  addTo(sum + cell, b);
  addTo(sum + 2 * cell, c);
  addTo(sum + 3 * cell, d);
  addTo(sum + 4 * cell, e);
  addTo(sum + 5 * cell, f);
  addTo(sum + 6 * cell, h);
  addTo(sum + 7 * cell, i);
  addTo(sum + 8 * cell, j);
}

// Four input channels: the nine taps stay in registers, the image is added to.
@inline
function spreadTaps(taps: usize, list: usize, end: usize, image: usize, step: usize, cell: usize): void {
  const a = v128.load(taps), b = v128.load(taps + cell), c = v128.load(taps + 2 * cell);
  const d = v128.load(taps + 3 * cell), e = v128.load(taps + 4 * cell), f = v128.load(taps + 5 * cell);
  const h = v128.load(taps + 6 * cell), i = v128.load(taps + 7 * cell), j = v128.load(taps + 8 * cell);
  for (let at = list; at < end; at += 8) {
    const g = v128.load32_splat(at);
    const p = image + <usize>load<u32>(at, 4);
    const q = p + step, r = q + step;
    multiplyTo(p, g, a);
    multiplyTo(p + cell, g, b);
    multiplyTo(p + 2 * cell, g, c);
    multiplyTo(q, g, d);
    multiplyTo(q + cell, g, e);
    multiplyTo(q + 2 * cell, g, f);
    multiplyTo(r, g, h);
    multiplyTo(r + cell, g, i);
    multiplyTo(r + 2 * cell, g, j);
  }
}

export function convReluPoolInputGrad(
  batch: i32, height: i32, width: i32, inputs: i32, outputs: i32,
  dy: usize, winners: usize, filter: usize, dx: usize, scratch: usize,
): void {
  const padded = (inputs + 3) & ~3; // one channel is padded too: it is rare here
  const packed = scratch; // [Cout][3, 3, Cin padded]
  const packStep = <usize>(9 * padded) << 2;
  const image = packed + <usize>outputs * packStep;
  const imageSize = <usize>((height + 2) * (width + 2) * padded) << 2;
  const list = image + imageSize;
  const rows = height / 2, cols = width / 2;
  const step = <usize>((width + 2) * padded) << 2;
  const cell: usize = <usize>padded << 2;
  let to = packed;
  for (let o = 0; o < outputs; o++) {
    for (let tap = 0; tap < 9; tap++) {
      for (let i = 0; i < padded; i++) {
        const at = filter + (<usize>((tap * inputs + i) * outputs + o) << 2);
        store<f32>(to, i < inputs ? load<f32>(at) : 0);
        to += 4;
      }
    }
  }
  for (let n = 0; n < batch; n++) {
    memory.fill(image, 0, imageSize);
    for (let o = 0; o < outputs; o++) {
      const end = winnersOf(list, dy + (<usize>o << 2), winners + <usize>o, outputs, rows, cols, step, cell);
      const taps = packed + <usize>o * packStep;
      for (let i: usize = 0; i < cell; i += 16) spreadTaps(taps + i, list, end, image + i, step, cell);
    }
    let from = image + step + cell;
    for (let y = 0; y < height; y++) {
      if (padded == inputs) memory.copy(dx, from, <usize>(width * inputs) << 2);
      else {
        for (let i = 0; i < width; i++) {
          memory.copy(dx + (<usize>(i * inputs) << 2), from + (<usize>(i * padded) << 2), <usize>inputs << 2);
        }
      }
      dx += <usize>(width * inputs) << 2;
      from += step;
    }
    dy += <usize>(rows * cols * outputs) << 2;
    winners += <usize>(rows * cols * outputs);
  }
}
