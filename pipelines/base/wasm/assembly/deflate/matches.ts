/** How far back a match may be, and how long (RFC 1951, section 2). */
const WINDOW: usize = 1 << 15;
const MAX_LENGTH: usize = 258;
/** Bytes that are the same for a match. */
export const MIN_LENGTH: usize = 4;

/** A match of so many bytes is long enough: no other is looked for. */
const ENOUGH: usize = 32;

/** For each hash of 4 bytes, the last two places, addresses, of such that have no match nearby. */
const HASH_BITS: u32 = 14;
const PLACES: usize = memory.data(8 << 14);

/** The distance of the match found last; 0 where there is none. */
export let distance: usize = 0;

/** Forgets all places. */
export function forgetPlaces(): void {
  memory.fill(PLACES, 0, 8 << HASH_BITS);
}

/** How many bytes are the same at two places, at most `most`; up to 15 bytes behind those are read. */
// @ts-ignore: decorator
@inline
function sameBytes(a: usize, b: usize, most: usize): usize {
  let length: usize = 0;
  while (length < most) {
    const same = i8x16.bitmask(i8x16.eq(v128.load(a + length), v128.load(b + length)));
    if (same != 0xffff) {
      length += ctz(~same);
      break;
    }
    length += 16;
  }
  return min(length, most);
}

/** Whether the last 4 of `length + 1` bytes are the same. */
// @ts-ignore: decorator
@inline
function mayBeLonger(a: usize, b: usize, length: usize): bool {
  return load<u32>(a + length - 3) == load<u32>(b + length - 3);
}

/**
 * Looks for a match longer than `floor` at a place: a byte before, a row above, and beside that; only where there is none
 * of these at the last places with the same 4 bytes, for which no byte is worth the farther distance.
 *
 * @param place Behind the first byte, which is at `from`, and 16 bytes or more before `end`.
 * @returns Its length, or `floor`.
 */
// @ts-ignore: decorator
@inline
export function longestMatch(place: usize, from: usize, end: usize, stride: usize, floor: usize): usize {
  let best = floor;
  distance = 0;
  const most = min(MAX_LENGTH, end - place);
  if (mayBeLonger(place - 1, place, best)) {
    const length = sameBytes(place - 1, place, most);
    if (length > best) {
      best = length;
      distance = 1;
    }
  }
  if (best < ENOUGH && place - from > stride) {
    const word = load<u32>(place + best - 3);
    const above = load<u64>(place + best - 4 - stride);
    const back = select(
      stride,
      select(stride + 1, select(stride - 1, 0, <u32>(above >> 16) == word), <u32>above == word),
      <u32>(above >> 8) == word,
    );
    if (back > 0) {
      const length = sameBytes(place - back, place, most);
      if (length > best) {
        best = length;
        distance = back;
      }
    }
  }
  if (distance > 0) return best;
  const word = load<u32>(place);
  const entry = PLACES + (((word * 0x9e3779b1) >>> (32 - HASH_BITS)) << 3);
  const before: usize = load<u32>(entry);
  const older: usize = load<u32>(entry, 4);
  store<u32>(entry, <u32>before, 4);
  store<u32>(entry, <u32>place);
  if (place - before <= WINDOW && mayBeLonger(before, place, best)) {
    const length = sameBytes(before, place, most);
    if (length > best + 1) {
      best = length;
      distance = place - before;
    }
  }
  if (best < ENOUGH && place - older <= WINDOW && mayBeLonger(older, place, best)) {
    const length = sameBytes(older, place, most);
    if (length > best + 1) {
      best = length;
      distance = place - older;
    }
  }
  return best;
}
