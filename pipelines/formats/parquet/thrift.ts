/**
 * A look over Thrift's compact protocol, in which Parquet keeps all that is no data, before it is read: that every length
 * and count is one that the bytes have room for. Browser safe.
 * Format: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 *
 * @module
 */

/** Types of elements. */
const [STOP, TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, STRUCT] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12];
/** Structures within structures; Parquet has less than ten. */
const MAX_DEPTH = 32;

/**
 * Passes over a structure.
 *
 * @param bytes In which it is.
 * @param start Where it begins.
 * @returns The place of the first byte behind it.
 * @throws {SyntaxError} When it is none, or longer than the bytes.
 */
export function endOfStruct(bytes: Uint8Array, start: number): number {
  let at = start;
  const fail = (what: string): never => {
    throw new SyntaxError(`at byte ${at} of its description: ${what}`);
  };
  const byte = (): number => at < bytes.length ? bytes[at++] : fail("it ends too soon");
  const number = (): number => {
    let value = 0;
    for (let i = 0; i < 10; i++) {
      const next = byte();
      value += (next & 127) * 2 ** (7 * i);
      if (next < 128) return value;
    }
    return fail("a number of more than ten bytes");
  };
  const skip = (length: number): void => {
    if (length > bytes.length - at) fail(`${length} bytes, and ${bytes.length - at} are left`);
    at += length;
  };
  const element = (type: number, depth: number): void => {
    if (depth > MAX_DEPTH) fail(`structures within structures, more than ${MAX_DEPTH}`);
    if (type === BYTE) skip(1);
    else if (type === I16 || type === I32 || type === I64) number();
    else if (type === DOUBLE) skip(8);
    else if (type === BINARY) skip(number());
    else if (type === LIST) list(depth + 1);
    else if (type === STRUCT) struct(depth + 1);
    else if (type !== TRUE && type !== FALSE) fail(`type ${type}, which Parquet has no use for`);
  };
  const list = (depth: number): void => {
    const head = byte();
    const count = head >> 4 === 15 ? number() : head >> 4;
    const type = head & 15;
    if (count > bytes.length - at) fail(`a list of ${count}, and ${bytes.length - at} bytes are left`);
    for (let i = 0; i < count; i++) element(type === TRUE || type === FALSE ? BYTE : type, depth);
  };
  const struct = (depth: number): void => {
    for (;;) {
      const head = byte();
      if ((head & 15) === STOP) return;
      if (head >> 4 === 0) number(); // the field's number, else it is told by the one before
      element(head & 15, depth);
    }
  };
  struct(0);
  return at;
}

/** A structure as it was read, with numbers in the place of bigints: a damaged one may have either anywhere. */
export function withNumbers<T>(value: T): T {
  if (typeof value === "bigint") return Number(value) as T;
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(withNumbers) as T;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, withNumbers(part)])) as T;
}
