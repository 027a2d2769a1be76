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
