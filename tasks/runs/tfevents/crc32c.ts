/**
 * CRC-32C, the checksum of TFRecord files: the cyclic redundancy check of Castagnoli's polynomial, as iSCSI has it
 * (RFC 3720, section 12.1).
 *
 * @module
 */

/** x^32 + x^28 + … + 1, the lowest bit first. */
const POLYNOMIAL = 0x82f63b78;
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? rest >>> 1 ^ POLYNOMIAL : rest >>> 1;
  return rest;
});

/** What a masked checksum has on top, so that one of bytes that hold checksums is no trivial one. */
const MASK = 0xa282ead8;

/** The checksum of some bytes, 0 to 2^32 - 1. */
export function crc32c(bytes: Uint8Array): number {
  let rest = -1;
  for (let i = 0; i < bytes.length; i++) rest = rest >>> 8 ^ TABLE[(rest ^ bytes[i]) & 0xff];
  return ~rest >>> 0;
}

/** The checksum as TFRecord files have it: turned right by 15 bits, and a constant added. */
export function maskedCrc32c(bytes: Uint8Array): number {
  const plain = crc32c(bytes);
  return ((plain >>> 15 | plain << 17) + MASK) >>> 0;
}
