/** How far back a match may be, and how long (RFC 1951, section 2). */
const WINDOW: usize = 1 << 15;
const MAX_LENGTH: usize = 258;
/** Bytes that are the same for a match. */
const MIN_LENGTH: usize = 4;

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

/**
 * Looks a row above, and beside that, for a match longer than `floor`.
 *
 * @param place Behind the first byte, which is at `from`, and 16 bytes or more before the end.
 * @param most Bytes that there are, up to the longest match.
 * @returns Its length, or `floor`.
 */
// @ts-ignore: decorator
@inline
export function matchAbove(place: usize, from: usize, most: usize, stride: usize, floor: usize): usize {
  distance = 0;
  if (place - from <= stride) return floor;
  const word = load<u32>(place + floor - 3);
  const above = load<u64>(place + floor - 4 - stride);
  const back = select(
    stride,
    select(stride + 1, select(stride - 1, 0, <u32>(above >> 16) == word), <u32>above == word),
    <u32>(above >> 8) == word,
  );
  if (back == 0) return floor;
  const length = sameBytes(place - back, place, most);
  if (length <= floor) return floor;
  distance = back;
  return length;
}

/** Bytes from a place on, up to the longest match. */
// @ts-ignore: decorator
@inline
export function mostBytes(place: usize, end: usize): usize {
  return min(MAX_LENGTH, end - place);
}

/**
 * Looks for a match: a byte before, a row above; only where there is none of these at the last places with the same 4
 * bytes, for which no byte is worth the farther distance.
 *
 * @returns Its length, or 3 where there is none.
 */
// @ts-ignore: decorator
@inline
export function longestMatch(place: usize, from: usize, most: usize, stride: usize): usize {
  let best: usize = MIN_LENGTH - 1;
  let back: usize = 0;
  const word = load<u32>(place);
  if (load<u32>(place - 1) == word) {
    best = sameBytes(place - 1, place, most);
    back = 1;
  }
  if (best < ENOUGH) {
    best = matchAbove(place, from, most, stride, best);
    if (distance > 0) back = distance;
  }
  distance = back;
  if (back > 0) return best;
  const entry = PLACES + (((word * 0x9e3779b1) >>> (32 - HASH_BITS)) << 3);
  const before: usize = load<u32>(entry);
  const older: usize = load<u32>(entry, 4);
  store<u32>(entry, <u32>before, 4);
  store<u32>(entry, <u32>place);
  if (place - before <= WINDOW && load<u32>(before) == word) {
    const length = sameBytes(before, place, most);
    if (length > best + 1) {
      best = length;
      distance = place - before;
    }
  }
  if (best < ENOUGH && place - older <= WINDOW && load<u32>(older) == word) {
    const length = sameBytes(older, place, most);
    if (length > best + 1) {
      best = length;
      distance = place - older;
    }
  }
  return best;
}
