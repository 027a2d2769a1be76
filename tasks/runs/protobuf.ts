/**
 * Messages of Protocol Buffers (https://protobuf.dev/programming-guides/encoding/): written field by field, and the fields of
 * one.
 *
 * @module
 */
import { bytesOf, concatBytes } from "../../pipelines/base/bytes.ts";

/** How a field's value is laid out. */
const [VARINT, EIGHT_BYTES, LENGTH, FOUR_BYTES] = [0, 1, 2, 5];

/** A message in the making; its fields stand in the order in which they are added. */
export class Message {
  readonly #parts: Uint8Array[] = [];

  /** Adds a whole number. */
  int(field: number, value: number | bigint): this {
    this.#parts.push(varint(8 * field + VARINT), varint(value));
    return this;
  }

  /** Adds a float32. */
  float(field: number, value: number): this {
    this.#parts.push(varint(8 * field + FOUR_BYTES), bytesOf(Float32Array.of(value)));
    return this;
  }

  /** Adds a float64. */
  double(field: number, value: number): this {
    this.#parts.push(varint(8 * field + EIGHT_BYTES), bytesOf(Float64Array.of(value)));
    return this;
  }

  /** Adds several float64, packed. */
  doubles(field: number, values: readonly number[]): this {
    return this.bytes(field, bytesOf(Float64Array.from(values)));
  }

  /** Adds bytes. */
  bytes(field: number, bytes: Uint8Array): this {
    this.#parts.push(varint(8 * field + LENGTH), varint(bytes.length), bytes);
    return this;
  }

  /** Adds text. */
  text(field: number, text: string): this {
    return this.bytes(field, new TextEncoder().encode(text));
  }

  /** Adds a message of its own. */
  message(field: number, message: Message): this {
    return this.bytes(field, message.toBytes());
  }

  /** Adds several messages. */
  messages(field: number, messages: readonly Message[]): this {
    for (const message of messages) this.message(field, message);
    return this;
  }

  /** The message as it is sent or stored. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return concatBytes(this.#parts);
  }
}

/** A whole number, seven bits a byte, the lowest first; a negative one as its two's complement in 64 bits. */
function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Uint8Array.of(...bytes, Number(rest));
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
