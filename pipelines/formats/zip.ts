/**
 * Reads zip files. Layout (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections 4.3.6 to 4.3.16): for each
 * file a local header "PK\3\4", its name, more fields, and its bytes; then the central directory, an entry "PK\1\2" for
 * each; then the end record "PK\5\6", behind which a comment may be. What does not fit into 16 and 32 bits stands in ZIP64's
 * end record "PK\6\6", which its locator "PK\6\7" leads to, and in the more fields of each entry.
 *
 * @module
 */
import { crc32, inflateRawSync } from "node:zlib";

/** Signatures and the bytes of each record before its name. */
const [LOCAL, LOCAL_BYTES] = [0x04034b50, 30];
const [ENTRY, ENTRY_BYTES] = [0x02014b50, 46];
const [END, END_BYTES] = [0x06054b50, 22];
const [END64, END64_BYTES] = [0x06064b50, 56];
const [LOCATOR, LOCATOR_BYTES] = [0x07064b50, 20];
const MAX_COMMENT = 0xffff;
/** What stands in a field of 16 or 32 bits whose value is in ZIP64's. */
const [ELSEWHERE16, ELSEWHERE] = [0xffff, 0xffffffff];
const ZIP64_FIELD = 1;
/** Methods of compression. */
const [STORED, DEFLATED] = [0, 8];
/** The bit of an entry's flags that says that its bytes are encrypted. */
const ENCRYPTED = 1;
/** Bytes beside a member's own that zlib wants room for, or it takes a second piece. */
const ROOM = 64;

/** Bytes at the end of a file among which its end record is. */
export const ZIP_TAIL = END_BYTES + MAX_COMMENT + LOCATOR_BYTES + END64_BYTES;

/** Bytes of a local header before the name and the more fields, whose lengths it ends with. */
export const LOCAL_HEADER = LOCAL_BYTES;

/** A file in a zip file, by the central directory. */
export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly isEncrypted: boolean;
  readonly crc: number;
  /** Bytes as stored, and as they are claimed to be before that. */
  readonly size: number;
  readonly originalSize: number;
  /** Of its local header. */
  readonly offset: number;
}

/** Where the central directory of a zip file is. */
export interface ZipDirectory {
  /** In the file. */
  readonly offset: number;
  /** Bytes up to the end record. */
  readonly bytes: number;
  /** How many files it lists. */
  readonly count: number;
}

/**
 * Lists the files.
 *
 * @throws {SyntaxError} When the bytes are no zip file.
 */
export function zipEntries(bytes: Uint8Array): ZipEntry[] {
  const { offset, count } = findDirectory(bytes, bytes.length);
  return readDirectory(bytes.subarray(offset), count);
}

/**
 * Finds the central directory.
 *
 * @param tail The last bytes of the file, {@linkcode ZIP_TAIL} of them or all that there are.
 * @param fileSize Bytes of the whole file.
 * @throws {SyntaxError} When it has none.
 */
export function findDirectory(tail: Uint8Array, fileSize: number): ZipDirectory {
  const view = new DataView(tail.buffer, tail.byteOffset, tail.length);
  const least = Math.max(0, tail.length - END_BYTES - MAX_COMMENT);
  let end = tail.length - END_BYTES;
  while (end >= least && view.getUint32(end, true) !== END) end--;
  if (end < least) throw new SyntaxError("invalid zip data: it has no end record");
  let [count, offset] = [view.getUint16(end + 8, true), view.getUint32(end + 16, true)];
  let place = fileSize - tail.length + end; // where the directory ends, in the file
  const locator = end - LOCATOR_BYTES;
  const has64 = locator >= 0 && view.getUint32(locator, true) === LOCATOR;
  if (has64 && (count === ELSEWHERE16 || offset === ELSEWHERE)) {
    place = Number(view.getBigUint64(locator + 8, true));
    const end64 = place - (fileSize - tail.length);
    if (!(end64 >= 0 && end64 + END64_BYTES <= locator && view.getUint32(end64, true) === END64)) {
      throw new SyntaxError("invalid zip data: its ZIP64 end record is not where it must be");
    }
    count = Number(view.getBigUint64(end64 + 32, true));
    offset = Number(view.getBigUint64(end64 + 48, true));
  }
  if (offset + count * ENTRY_BYTES > place) throw new SyntaxError("invalid zip data: its directory is broken");
  return { offset, bytes: place - offset, count };
}

/**
 * Reads the central directory.
 *
 * @param bytes From where it begins on.
 * @param count How many files it lists.
 * @throws {SyntaxError} When it is broken, or a name in it is not UTF-8.
 */
export function readDirectory(bytes: Uint8Array, count: number): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const entries: ZipEntry[] = [];
  for (let at = 0; entries.length < count;) {
    const isThere = at + ENTRY_BYTES <= bytes.length && view.getUint32(at, true) === ENTRY;
    const lengths = isThere ? [28, 30, 32].map((offset) => view.getUint16(at + offset, true)) : [Infinity];
    const start = at + ENTRY_BYTES;
    at = start + lengths.reduce((sum, length) => sum + length, 0);
    if (at > bytes.length) throw new SyntaxError("invalid zip data: its directory is broken");
    const [name, extra] = lengths;
    const record = new DataView(bytes.buffer, bytes.byteOffset + start - ENTRY_BYTES, ENTRY_BYTES);
    entries.push({
      name: nameOf(bytes.subarray(start, start + name)),
      isEncrypted: (record.getUint16(8, true) & ENCRYPTED) !== 0,
      method: record.getUint16(10, true),
      crc: record.getUint32(16, true),
      ...placeOf(record, bytes.subarray(start + name, start + name + extra)),
    });
  }
  return entries;
}

function nameOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const shown = new TextDecoder().decode(bytes).slice(0, 60);
    throw new SyntaxError(`unsupported zip data: the name "${shown}" is not UTF-8; pack it again with names in UTF-8`);
  }
}

/** An entry's sizes and its offset; those that are too large for 32 bits are in the ZIP64 field, in this order. */
function placeOf(record: DataView, extra: Uint8Array): Pick<ZipEntry, "size" | "originalSize" | "offset"> {
  const values = [24, 20, 42].map((at) => record.getUint32(at, true));
  if (values.includes(ELSEWHERE)) {
    const view = new DataView(extra.buffer, extra.byteOffset, extra.length);
    for (let at = 0; at + 4 <= extra.length; at += 4 + view.getUint16(at + 2, true)) {
      if (view.getUint16(at, true) !== ZIP64_FIELD) continue;
      for (let i = 0, from = at + 4; i < 3; i++) {
        if (values[i] !== ELSEWHERE || from + 8 > extra.length) continue;
        values[i] = Number(view.getBigUint64(from, true));
        from += 8;
      }
    }
  }
  const [originalSize, size, offset] = values;
  return { size, originalSize, offset };
}

/**
 * A file's bytes, in memory of their own.
 *
 * @throws {SyntaxError} When they cannot be inflated, or their number or checksum is not what the directory says.
 */
export function readZipEntry(bytes: Uint8Array, entry: ZipEntry): Uint8Array<ArrayBuffer> {
  const { name, size, offset } = entry;
  const start = offset + LOCAL_BYTES + localLength(bytes.subarray(offset, offset + LOCAL_BYTES), entry);
  if (start + size > bytes.length) throw new SyntaxError(`invalid zip data: ${name} is cut`);
  return unpackZipEntry(bytes.subarray(start, start + size), entry);
}

/**
 * How long the name and the more fields are that follow a local header.
 *
 * @param header Its {@linkcode LOCAL_HEADER} bytes.
 * @throws {SyntaxError} When it is none.
 */
export function localLength(header: Uint8Array, { name }: ZipEntry): number {
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  if (header.length < LOCAL_BYTES || view.getUint32(0, true) !== LOCAL) {
    throw new SyntaxError(`invalid zip data: ${name} is not where the directory says`);
  }
  return view.getUint16(26, true) + view.getUint16(28, true);
}

/**
 * A file's bytes, in memory of their own.
 *
 * @param stored Its bytes as they are in the zip file.
 * @throws {SyntaxError} As {@linkcode readZipEntry} does.
 */
export function unpackZipEntry(stored: Uint8Array, entry: ZipEntry): Uint8Array<ArrayBuffer> {
  const { name, method, crc, originalSize, isEncrypted } = entry;
  if (isEncrypted) throw new SyntaxError(`${name} is encrypted`);
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
