/** Bits that are not yet written, their number, and the address of the next byte. */
let held: u64 = 0;
let count: u64 = 0;
let place: usize = 0;

export function startBits(out: usize): void {
  held = 0;
  count = 0;
  place = out;
}

/** Adds bits, the lowest first; up to 57 may be held until they are settled. */
// @ts-ignore: decorator
@inline
export function putBits(bits: u64, length: u64): void {
  held |= bits << count;
  count += length;
}

/** Writes the whole bytes held; 8 bytes are written to, though those behind do not count. */
// @ts-ignore: decorator
@inline
export function settleBits(): void {
  store<u64>(place, held);
  place += <usize>(count >> 3);
  held >>= count & 56;
  count &= 7;
}

/** Goes on at the next whole byte. */
export function alignBits(): void {
  count = (count + 7) & ~7;
  settleBits();
}

/** Copies bytes behind aligned bits. */
export function putBytes(from: usize, length: usize): void {
  memory.copy(place, from, length);
  place += length;
}

/** The address behind aligned bits. */
export function placeOfBits(): usize {
  return place;
}
