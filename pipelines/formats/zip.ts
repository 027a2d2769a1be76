/**
 * Reads zip files. Layout (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections 4.3.6 to 4.3.16): for each
 * file a local header "PK\3\4", its name, more fields, and its bytes; then the central directory, an entry "PK\1\2" for
 * each; then the end record "PK\5\6", behind which a comment may be.
 *
 * @module
 */
import { crc32, inflateRawSync } from "node:zlib";

/** Signatures and the bytes of each record before its name. */
const [LOCAL, LOCAL_BYTES] = [0x04034b50, 30];
const [ENTRY, ENTRY_BYTES] = [0x02014b50, 46];
const [END, END_BYTES] = [0x06054b50, 22];
const MAX_COMMENT = 0xffff;
/** Methods of compression. */
const [STORED, DEFLATED] = [0, 8];
/** Bytes beside a member's own that zlib wants room for, or it takes a second piece. */
const ROOM = 64;

/** A file in a zip file, by the central directory. */
export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  /** Bytes as stored, and as they are claimed to be before that. */
  readonly size: number;
  readonly originalSize: number;
  /** Of its local header. */
  readonly offset: number;
}

/**
 * Lists the files.
 *
 * @throws {SyntaxError} When the bytes are no zip file.
 */
export function zipEntries(bytes: Uint8Array): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const least = Math.max(0, bytes.length - END_BYTES - MAX_COMMENT);
  let end = bytes.length - END_BYTES;
  while (end >= least && view.getUint32(end, true) !== END) end--;
  if (end < least) throw new SyntaxError("invalid zip data: it has no end record");
  const entries: ZipEntry[] = [];
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 8, true); left > 0; left--) {
    if (at + ENTRY_BYTES > end || view.getUint32(at, true) !== ENTRY) {
      throw new SyntaxError("invalid zip data: its directory is broken");
    }
    const [name, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
    const start = at + ENTRY_BYTES;
    entries.push({
      name: new TextDecoder().decode(bytes.subarray(start, start + name)),
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      size: view.getUint32(at + 20, true),
      originalSize: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    });
    at = start + name + extra + comment;
  }
  return entries;
}

/**
 * A file's bytes, in memory of their own.
 *
 * @throws {SyntaxError} When they cannot be inflated, or their number or checksum is not what the directory says.
 */
export function readZipEntry(bytes: Uint8Array, entry: ZipEntry): Uint8Array<ArrayBuffer> {
  const { name, method, crc, size, originalSize, offset } = entry;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (offset + LOCAL_BYTES > bytes.length || view.getUint32(offset, true) !== LOCAL) {
    throw new SyntaxError(`invalid zip data: ${name} is not where the directory says`);
  }
  const start = offset + LOCAL_BYTES + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  if (start + size > bytes.length) throw new SyntaxError(`invalid zip data: ${name} is cut`);
  const stored = bytes.subarray(start, start + size);
  if (method !== STORED && method !== DEFLATED) throw new SyntaxError(`${name} has compression method ${method}`);
  const content = method === STORED ? stored.slice() : inflated(stored, originalSize, name);
  if (content.length !== originalSize) {
    throw new SyntaxError(`${name} has ${content.length} bytes, and the directory says ${originalSize}`);
  }
  if (crc32(content) !== crc) {
    throw new SyntaxError(`${name} has not the checksum that the file says: it was changed`);
  }
  return content;
}

function inflated(stored: Uint8Array, length: number, name: string): Uint8Array<ArrayBuffer> {
  try {
    const content = inflateRawSync(stored, { chunkSize: length + ROOM, maxOutputLength: Math.max(length, 1) });
    const isOwn = content.buffer.byteLength === length + ROOM; // or one that zlib shares
    return isOwn ? new Uint8Array(content.buffer as ArrayBuffer, 0, content.length) : new Uint8Array(content);
  } catch (error) {
    const { message } = error as Error;
    const what = error instanceof RangeError
      ? `it holds more than the ${length} bytes that the directory says`
      : message;
    throw new SyntaxError(`${name}: ${what}`, { cause: error });
  }
}
