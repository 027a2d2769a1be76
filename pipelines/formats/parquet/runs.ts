/**
 * Parquet's small whole numbers, such as levels and places in a dictionary: runs of the same, and groups of eight packed
 * bit by bit. Browser safe.
 * Format: https://parquet.apache.org/docs/file-format/data-pages/encodings/#RLE
 *
 * @module
 */

/**
 * Reads as many numbers as there is room for.
 *
 * @param bytes All of them are the numbers'.
 * @param width Bits of each, 0 to 24.
 * @param out Is filled.
 * @throws {SyntaxError} When there are fewer.
 */
export function readRuns(bytes: Uint8Array, width: number, out: Uint8Array | Int32Array): void {
  if (width > 24) throw new SyntaxError(`numbers of ${width} bits, at most 24 are read`);
  if (width === 0) return void out.fill(0);
  const [mask, whole] = [2 ** width - 1, width + 7 >> 3];
  let [at, done] = [0, 0];
  const byte = (): number => {
    if (at < bytes.length) return bytes[at++];
    throw new SyntaxError(`${out.length} small numbers are there by its description, and ${done} by its bytes`);
  };
  while (done < out.length) {
    let head = 0;
    for (let i = 0, next = 128; next >= 128 && i < 5; i++) head += ((next = byte()) & 127) * 2 ** (7 * i);
    const count = Math.floor(head / 2);
    if (head % 2 === 0) {
      let value = 0;
      for (let i = 0; i < whole; i++) value |= byte() << 8 * i;
      out.fill(value & mask, done, done += Math.min(count, out.length - done));
      continue;
    }
    let [held, bits] = [0, 0];
    const end = Math.min(out.length, done + 8 * count);
    while (done < end) {
      while (bits < width) {
        held |= byte() << bits; // fewer than 32 bits: what is held is below the width
        bits += 8;
      }
      out[done++] = held & mask;
      held >>>= width;
      bits -= width;
    }
  }
}
