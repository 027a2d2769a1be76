/**
 * Protocol Buffers' wire format, as much of it as event files need: fields to be put together to a message, and the fields
 * of one. Format: https://protobuf.dev/programming-guides/encoding/
 *
 * @module
 */
import { concatBytes } from "../../../pipelines/base/bytes.ts";

/** How a field's value is laid out. */
const [VARINT, EIGHT_BYTES, LENGTH, FOUR_BYTES] = [0, 1, 2, 5];

type Bytes = Uint8Array<ArrayBuffer>;

/** Seven bits a byte, the lowest first; all bytes but the last have the eighth bit set. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push(value % 128 + 128);
  return [...bytes, value];
}

const key = (field: number, layout: number): number[] => varint(field * 8 + layout);

/** A field of a whole number, 0 to 2^53 - 1. */
export function wholeField(field: number, value: number): Bytes {
  return Uint8Array.from([...key(field, VARINT), ...varint(value)]);
}

/** A field of float32. */
export function floatField(field: number, value: number): Bytes {
  return concatBytes([Uint8Array.from(key(field, FOUR_BYTES)), littleEndian([value], 4)]);
}

/** A field of float64. */
export function doubleField(field: number, value: number): Bytes {
  return concatBytes([Uint8Array.from(key(field, EIGHT_BYTES)), littleEndian([value], 8)]);
}

/** A repeated field of float64. */
export function doublesField(field: number, values: readonly number[]): Bytes {
  return bytesField(field, littleEndian(values, 8));
}

/** A field of bytes, of a text, or of a message, which is the bytes of its fields. */
export function bytesField(field: number, content: string | Uint8Array | readonly Uint8Array[]): Bytes {
  const bytes = typeof content === "string"
    ? new TextEncoder().encode(content)
    : content instanceof Uint8Array
    ? content
    : concatBytes(content);
  return concatBytes([Uint8Array.from([...key(field, LENGTH), ...varint(bytes.length)]), bytes]);
}

function littleEndian(values: readonly number[], size: 4 | 8): Bytes {
  const bytes = new Uint8Array(values.length * size);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) {
    if (size === 4) view.setFloat32(i * size, value, true);
    else view.setFloat64(i * size, value, true);
  }
  return bytes;
}

/**
 * The fields of a message, one after another: its number, and its value where it is a whole number.
 *
 * @throws {SyntaxError} When it is no message.
 */
export function* fieldsOf(message: Uint8Array): Generator<{ readonly field: number; readonly whole?: number }> {
  let at = 0;
  const next = (): number => {
    let value = 0;
    for (let scale = 1;; scale *= 128) {
      const byte = message[at++];
      if (byte === undefined || scale > 2 ** 63) throw new SyntaxError("a message ends inside a number");
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const head = next();
    const [field, layout] = [Math.floor(head / 8), head % 8];
    if (layout === VARINT) yield { field, whole: next() };
    else {
      const length = layout === LENGTH ? next() : layout === EIGHT_BYTES ? 8 : layout === FOUR_BYTES ? 4 : NaN;
      at += length;
      if (!(at <= message.length)) throw new SyntaxError("a message ends inside a field");
      yield { field };
    }
  }
}
