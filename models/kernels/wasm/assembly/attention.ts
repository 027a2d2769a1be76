// Attention of several heads over sequences, and back; see ops/attention.ts for what it is. Queries, keys and values lie
// time first, [T, B, D] and [S, B, D]; a head has `width` columns of D.

import { four, put } from "./floats";
import { exp4, flush4, sum4 } from "./math";

@inline
function dot(a: usize, b: usize, bytes: usize): f32 {
  let sum = f32x4.splat(0);
  for (let j: usize = 0; j < bytes;) {
    const whole = j + 16 <= bytes;
    sum = f32x4.relaxed_madd(four(a + j, whole), four(b + j, whole), sum);
    j += whole ? 16 : 4;
  }
  return sum4(sum);
}

// to += factor * from
@inline
function addTimes(to: usize, factor: f32, from: usize, bytes: usize): void {
  const factors = f32x4.splat(factor);
  for (let j: usize = 0; j < bytes;) {
    const whole = j + 16 <= bytes;
    put(to + j, f32x4.relaxed_madd(factors, four(from + j, whole), four(to + j, whole)), whole);
    j += whole ? 16 : 4;
  }
}

// The scores of a row become weights that add up to 1.
@inline
function softmax(row: usize, bytes: usize): void {
  let most = load<f32>(row);
  for (let j: usize = 4; j < bytes; j += 4) most = max<f32>(most, load<f32>(row + j));
  let sum: f32 = 0;
  for (let j: usize = 0; j < bytes;) {
    const whole = j + 16 <= bytes;
    const powers = exp4(f32x4.sub(four(row + j, whole), f32x4.splat(most)));
    put(row + j, powers, whole);
    sum += whole ? sum4(powers) : f32x4.extract_lane(powers, 0);
    j += whole ? 16 : 4;
  }
  const share = f32x4.splat(1 / sum);
  for (let j: usize = 0; j < bytes;) {
    const whole = j + 16 <= bytes;
    put(row + j, flush4(f32x4.mul(four(row + j, whole), share)), whole);
    j += whole ? 16 : 4;
  }
}

// -> what is seen [T, B, D], and the weights [B, heads, T, S].
export function attentionForward(
  steps: i32, length: i32, batch: i32, heads: i32, width: i32, causal: i32,
  queries: usize, keys: usize, values: usize, seen: usize, weights: usize,
): void {
  const head = <usize>width << 2, step = head * <usize>(batch * heads);
  const scale: f32 = 1 / sqrt<f32>(<f32>width);
  for (let part: usize = 0; part < step; part += head) { // each head of each example
    for (let t = 0; t < steps; t++) {
      const bytes = <usize>(causal ? min(t + 1, length) : length) << 2;
      const query = queries + <usize>t * step + part, to = seen + <usize>t * step + part;
      for (let s: usize = 0; s < bytes; s += 4) {
        store<f32>(weights + s, scale * dot(query, keys + (s >> 2) * step + part, head));
      }
      softmax(weights, bytes);
      for (let j: usize = 0; j < head; j += 4) store<f32>(to + j, 0);
      for (let s: usize = 0; s < bytes; s += 4) {
        addTimes(to, load<f32>(weights + s), values + (s >> 2) * step + part, head);
      }
      for (let s = bytes; s < <usize>length << 2; s += 4) store<f32>(weights + s, 0);
      weights += <usize>length << 2;
    }
  }
}

// The gradients of queries, keys and values.
export function attentionBackward(
  steps: i32, length: i32, batch: i32, heads: i32, width: i32,
  dSeen: usize, queries: usize, keys: usize, values: usize, weights: usize,
  dQueries: usize, dKeys: usize, dValues: usize, scratch: usize,
): void {
  const head = <usize>width << 2, step = head * <usize>(batch * heads), bytes = <usize>length << 2;
  const scale: f32 = 1 / sqrt<f32>(<f32>width);
  memory.fill(dQueries, 0, <usize>steps * step);
  memory.fill(dKeys, 0, <usize>length * step);
  memory.fill(dValues, 0, <usize>length * step);
  for (let part: usize = 0; part < step; part += head) {
    for (let t = 0; t < steps; t++) {
      const at = <usize>t * step + part;
      let sum: f32 = 0; // of each weight times its gradient
      for (let s: usize = 0; s < bytes; s += 4) {
        const weight = load<f32>(weights + s);
        if (weight == 0) continue; // hidden, or as good as that
        const dWeight = dot(dSeen + at, values + (s >> 2) * step + part, head);
        store<f32>(scratch + s, dWeight);
        sum += weight * dWeight;
      }
      for (let s: usize = 0; s < bytes; s += 4) {
        const weight = load<f32>(weights + s);
        if (weight == 0) continue;
        const other = (s >> 2) * step + part;
        const dScore = scale * weight * (load<f32>(scratch + s) - sum);
        addTimes(dQueries + at, dScore, keys + other, head);
        addTimes(dKeys + other, dScore, queries + at, head);
        addTimes(dValues + other, weight, dSeen + at, head);
      }
      weights += bytes;
    }
  }
}
