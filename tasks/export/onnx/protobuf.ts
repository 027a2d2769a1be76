/**
 * Messages of Protocol Buffers (https://protobuf.dev/programming-guides/encoding/), written field by field.
 *
 * @module
 */
import { concatBytes } from "../../../pipelines/base/bytes.ts";

/** The kinds of fields on the wire that are needed here. */
const [VARINT, LENGTH, FIXED32] = [0, 2, 5];

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
    const number = new Uint8Array(4);
    new DataView(number.buffer).setFloat32(0, value, true);
    this.#parts.push(varint(8 * field + FIXED32), number);
    return this;
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
