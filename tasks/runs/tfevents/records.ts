/**
 * TFRecord files: records one after another, each its length (uint64, little-endian), the masked CRC-32C of those 8 bytes,
 * its content, and the masked CRC-32C of that.
 * Format: https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
 *
 * @module
 */
import { maskedCrc32c } from "./crc32c.ts";

/** Bytes before a record's content, and behind it. */
const [HEAD, TAIL] = [12, 4];

/** A record of some content. */
export function encodeRecord(content: Uint8Array): Uint8Array<ArrayBuffer> {
  const record = new Uint8Array(HEAD + content.length + TAIL);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(content.length), true);
  view.setUint32(8, maskedCrc32c(record.subarray(0, 8)), true);
  record.set(content, HEAD);
  view.setUint32(HEAD + content.length, maskedCrc32c(content), true);
  return record;
}

/** A record and where it ends. */
export interface TfRecord {
  readonly content: Uint8Array;
  /** The place of the first byte behind it. */
  readonly end: number;
}

/**
 * Reads records. The last one may be cut, as a kill leaves it: it is passed over.
 *
 * @throws {SyntaxError} When one is there that is not what was written.
 */
export function* readRecords(bytes: Uint8Array): Generator<TfRecord> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0, number = 1; at + HEAD <= bytes.length; number++) {
    const isIntact = (start: number, end: number) =>
      view.getUint32(end, true) === maskedCrc32c(bytes.subarray(start, end));
    const broken = () => new SyntaxError(`record ${number}, at byte ${at}, is not what was written`);
    if (!isIntact(at, at + 8)) throw broken();
    const start = at + HEAD;
    const end = start + Number(view.getBigUint64(at, true));
    if (end + TAIL > bytes.length) return;
    if (!isIntact(start, end)) throw broken();
    at = end + TAIL;
    yield { content: bytes.subarray(start, end), end: at };
  }
}
