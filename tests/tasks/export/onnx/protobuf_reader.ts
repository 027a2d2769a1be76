/** Messages of Protocol Buffers, read by their wire format alone: a number and a value for each field. */

/** A field: a whole number, or the bytes of text, of a message or of numbers. */
export type ProtoField = readonly [number: number, value: bigint | Uint8Array];

/** The fields of a message, in their order. */
export function protoFields(bytes: Uint8Array): ProtoField[] {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n;; shift += 7n) {
      const byte = bytes[at++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const fields: ProtoField[] = [];
  while (at < bytes.length) {
    const tag = Number(varint());
    if (![0, 2].includes(tag & 7)) throw new Error(`wire type ${tag & 7} at ${at}`);
    const value = varint();
    if ((tag & 7) === 0) fields.push([tag >> 3, value]);
    else {
      fields.push([tag >> 3, bytes.subarray(at, at + Number(value))]);
      at += Number(value);
    }
  }
  if (at !== bytes.length) throw new Error(`${at - bytes.length} bytes are missing`);
  return fields;
}

/** All values of a field that are bytes. */
export function bytesIn(message: Uint8Array, number: number): Uint8Array[] {
  return protoFields(message).filter(([other]) => other === number).map(([, value]) => value as Uint8Array);
}

/** All values of a field that are texts. */
export function textsIn(message: Uint8Array, number: number): string[] {
  return bytesIn(message, number).map((bytes) => new TextDecoder("utf-8", { fatal: true }).decode(bytes));
}
