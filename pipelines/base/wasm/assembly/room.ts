/** Bytes before and behind the room that may be read, though what they hold does not count. */
export const MARGIN: usize = 1 << 16;

/** The address of so many bytes to work with, a multiple of 16. */
export function room(bytes: usize): usize {
  const start = (__heap_base + MARGIN + 15) & ~15;
  const pages = <i32>((start + bytes + MARGIN + 65535) >> 16);
  const more = pages - memory.size();
  if (more > 0 && memory.grow(more) < 0) unreachable();
  return start;
}
