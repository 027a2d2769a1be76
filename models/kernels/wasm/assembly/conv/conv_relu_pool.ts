// Convolution 3x3, bias, ReLU and 2x2 max-pooling in one pass.

import { CUT, frameImage, isBlank, paddedChannels } from "./conv_relu_pool_image";

// filter [3, 3, Cin, Cout] -> [Cout / 8][3, 3, Cin padded][8]
function packForward(dst: usize, filter: usize, inputs: i32, outputs: i32): void {
  const padded = paddedChannels(inputs);
  for (let block = 0; block < outputs; block += 8) {
    for (let tap = 0; tap < 9; tap++) {
      for (let i = 0; i < padded; i++) {
        for (let o = 0; o < 8; o++) {
          const inside = i < inputs && block + o < outputs;
          const at = filter + (<usize>((tap * inputs + i) * outputs + block + o) << 2);
          store<f32>(dst, inside ? load<f32>(at) : 0);
          dst += 4;
        }
      }
    }
  }
}

export function convReluPoolForward(
  batch: i32, height: i32, width: i32, inputs: i32, outputs: i32,
  x: usize, filter: usize, bias: usize, pooled: usize, winners: usize, scratch: usize,
): void {
  const padded = paddedChannels(inputs);
  const blocks = (outputs + 7) & ~7;
  const biases = scratch; // padded to a multiple of eight
  const packed = biases + (<usize>blocks << 2);
  const image = packed + (<usize>(9 * padded * blocks) << 2);
  memory.fill(biases, 0, <usize>blocks << 2);
  memory.copy(biases, bias, <usize>outputs << 2);
  packForward(packed, filter, inputs, outputs);
  const step = <usize>((width + 2) * padded) << 2;
  const cell: usize = <usize>padded << 2;
  const run = 3 * padded;
  const cols = width / 2, rows = height / 2;
  for (let n = 0; n < batch; n++) {
    frameImage(image, x, height, width, inputs);
    x += <usize>(height * width * inputs) << 2;
    for (let y = 0; y < rows; y++) {
      let corner = image + <usize>(2 * y) * step;
      for (let c = 0; c < cols; c++) {
        const blank = padded == 1 && isBlank(corner, step);
        let taps = packed;
        for (let block = 0; block < outputs; block += 8) {
          const b0 = v128.load(biases + (<usize>block << 2)), b1 = v128.load(biases + (<usize>block << 2), 16);
          let a0 = b0, a1 = b1, e0 = b0, e1 = b1, f0 = b0, f1 = b1, g0 = b0, g1 = b1;
          if (!blank) {
            let top = corner;
            for (let ky = 0; ky < 3; ky++) {
              let left = run, at = top, next = taps;
              while (true) { // ends in between too, as in gemm's tiles
                const p = v128.load(at), q = v128.load(at + cell), r = v128.load(at + step), t = v128.load(at + step + cell);
                let w0 = p, w1 = p, v = p;
                w0 = v128.load(next), w1 = v128.load(next, 16);
                v = v128.shuffle<f32>(p, p, 0, 0, 0, 0);
                a0 = f32x4.relaxed_madd(v, w0, a0);
                a1 = f32x4.relaxed_madd(v, w1, a1);
                v = v128.shuffle<f32>(q, q, 0, 0, 0, 0);
                e0 = f32x4.relaxed_madd(v, w0, e0);
                e1 = f32x4.relaxed_madd(v, w1, e1);
                v = v128.shuffle<f32>(r, r, 0, 0, 0, 0);
                f0 = f32x4.relaxed_madd(v, w0, f0);
                f1 = f32x4.relaxed_madd(v, w1, f1);
                v = v128.shuffle<f32>(t, t, 0, 0, 0, 0);
                g0 = f32x4.relaxed_madd(v, w0, g0);
                g1 = f32x4.relaxed_madd(v, w1, g1);
                if (--left == 0) break;
                w0 = v128.load(next, 32), w1 = v128.load(next, 48);
                v = v128.shuffle<f32>(p, p, 1, 1, 1, 1);
                a0 = f32x4.relaxed_madd(v, w0, a0);
                a1 = f32x4.relaxed_madd(v, w1, a1);
                v = v128.shuffle<f32>(q, q, 1, 1, 1, 1);
                e0 = f32x4.relaxed_madd(v, w0, e0);
                e1 = f32x4.relaxed_madd(v, w1, e1);
                v = v128.shuffle<f32>(r, r, 1, 1, 1, 1);
                f0 = f32x4.relaxed_madd(v, w0, f0);
                f1 = f32x4.relaxed_madd(v, w1, f1);
                v = v128.shuffle<f32>(t, t, 1, 1, 1, 1);
                g0 = f32x4.relaxed_madd(v, w0, g0);
                g1 = f32x4.relaxed_madd(v, w1, g1);
                if (--left == 0) break;
                w0 = v128.load(next, 64), w1 = v128.load(next, 80);
                v = v128.shuffle<f32>(p, p, 2, 2, 2, 2);
                a0 = f32x4.relaxed_madd(v, w0, a0);
                a1 = f32x4.relaxed_madd(v, w1, a1);
                v = v128.shuffle<f32>(q, q, 2, 2, 2, 2);
                e0 = f32x4.relaxed_madd(v, w0, e0);
                e1 = f32x4.relaxed_madd(v, w1, e1);
                v = v128.shuffle<f32>(r, r, 2, 2, 2, 2);
                f0 = f32x4.relaxed_madd(v, w0, f0);
                f1 = f32x4.relaxed_madd(v, w1, f1);
                v = v128.shuffle<f32>(t, t, 2, 2, 2, 2);
                g0 = f32x4.relaxed_madd(v, w0, g0);
                g1 = f32x4.relaxed_madd(v, w1, g1);
                if (--left == 0) break;
                w0 = v128.load(next, 96), w1 = v128.load(next, 112);
                v = v128.shuffle<f32>(p, p, 3, 3, 3, 3);
                a0 = f32x4.relaxed_madd(v, w0, a0);
                a1 = f32x4.relaxed_madd(v, w1, a1);
                v = v128.shuffle<f32>(q, q, 3, 3, 3, 3);
                e0 = f32x4.relaxed_madd(v, w0, e0);
                e1 = f32x4.relaxed_madd(v, w1, e1);
                v = v128.shuffle<f32>(r, r, 3, 3, 3, 3);
                f0 = f32x4.relaxed_madd(v, w0, f0);
                f1 = f32x4.relaxed_madd(v, w1, f1);
                v = v128.shuffle<f32>(t, t, 3, 3, 3, 3);
                g0 = f32x4.relaxed_madd(v, w0, g0);
                g1 = f32x4.relaxed_madd(v, w1, g1);
                at += 16;
                next += 128;
                if (--left == 0) break;
              }
              taps += <usize>run << 5;
              top += step;
            }
          }
          const left = outputs - block;
          pool(a0, e0, f0, g0, pooled, winners, min(4, left));
          if (left > 4) pool(a1, e1, f1, g1, pooled + 16, winners + 4, min(4, left - 4));
          pooled += <usize>min(8, left) << 2;
          winners += <usize>min(8, left);
        }
        corner += 2 * cell;
      }
    }
  }
}

// The largest of four cells, the first where they are equal, for four channels; stores `count` of them.
@inline
function pool(a: v128, b: v128, c: v128, d: v128, pooled: usize, winners: usize, count: i32): void {
  const zero = f32x4.splat(0);
  let best = a, winner = i32x4.splat(0);
  let more = f32x4.gt(b, best);
  best = v128.bitselect(b, best, more);
  winner = v128.bitselect(i32x4.splat(1), winner, more);
  more = f32x4.gt(c, best);
  best = v128.bitselect(c, best, more);
  winner = v128.bitselect(i32x4.splat(2), winner, more);
  more = f32x4.gt(d, best);
  best = v128.bitselect(d, best, more);
  winner = v128.bitselect(i32x4.splat(3), winner, more);
  winner = v128.bitselect(i32x4.splat(CUT), winner, f32x4.le(best, zero));
  best = f32x4.max(best, zero);
  const shorts = i16x8.narrow_i32x4_u(winner, winner);
  const bytes = i8x16.narrow_i16x8_u(shorts, shorts);
  if (count == 4) {
    v128.store(pooled, best);
    store<i32>(winners, i32x4.extract_lane(bytes, 0));
  } else {
    let word = <u32>i32x4.extract_lane(bytes, 0);
    for (let i = 0; i < count; i++) {
      store<f32>(pooled + (<usize>i << 2), f32x4.extract_lane(best, 0));
      store<u8>(winners + <usize>i, <u8>word);
      word >>= 8;
      best = v128.shuffle<i32>(best, best, 1, 2, 3, 0);
    }
  }
}
