// Copying and clearing short runs of floats. The instructions memory.copy and memory.fill are calls into the engine, each
// of which takes longer than a hundred floats do here.

@inline
export function copyFloats(to: usize, from: usize, bytes: usize): void {
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) v128.store(to + i, v128.load(from + i));
  for (; i < bytes; i += 4) store<f32>(to + i, load<f32>(from + i));
}

@inline
export function clearFloats(to: usize, bytes: usize): void {
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) v128.store(to + i, i32x4.splat(0));
  for (; i < bytes; i += 4) store<f32>(to + i, 0);
}

// Four floats, or one and three zeros, which no sum counts, where a row has no four left.
@inline
export function four(from: usize, whole: bool): v128 {
  return whole ? v128.load(from) : v128.load32_zero(from);
}

@inline
export function put(to: usize, values: v128, whole: bool): void {
  if (whole) v128.store(to, values);
  else v128.store32_lane(to, values, 0);
}

// to += from
@inline
export function addFloats(to: usize, from: usize, bytes: usize): void {
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) v128.store(to + i, f32x4.add(v128.load(to + i), v128.load(from + i)));
  for (; i < bytes; i += 4) store<f32>(to + i, load<f32>(to + i) + load<f32>(from + i));
}

// Writes the first `count` of eight floats.
@inline
export function storeFirst(dst: usize, low: v128, high: v128, count: i32): void {
  if (count >= 8) {
    v128.store(dst, low);
    v128.store(dst, high, 16);
    return;
  }
  if (count >= 4) {
    v128.store(dst, low);
    low = high;
    dst += 16;
    count -= 4;
  }
  if (count > 0) v128.store32_lane(dst, low, 0);
  if (count > 1) v128.store32_lane(dst, low, 1, 4);
  if (count > 2) v128.store32_lane(dst, low, 2, 8);
}
