/**
 * Safetensors files (https://huggingface.co/docs/safetensors): a uint64 header length, a JSON header that gives each tensor's
 * dtype, shape and place, and the little-endian numbers. Browser safe.
 *
 * @module
 */
import { bytesOf, concatBytes } from "../pipelines/base/bytes.ts";

/** A named float32 tensor outside tfjs. */
export interface NamedArray {
  /** The lengths of the dimensions, the outermost first; `[]` for a single number. */
  readonly shape: readonly number[];
  /** The numbers, as many as the product of the shape. */
  readonly data: Float32Array<ArrayBuffer>;
}

/** Where a tensor is in a file. */
export interface SafetensorsEntry {
  readonly dtype: "F32";
  readonly shape: readonly number[];
  readonly data_offsets: readonly [from: number, to: number];
}

/** Where each tensor will be, one behind the other. */
export function safetensorsEntries(tensors: Readonly<Record<string, NamedArray>>): Record<string, SafetensorsEntry> {
  let length = 0;
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => [
      name,
      { dtype: "F32", shape, data_offsets: [length, length += data.byteLength] },
    ]),
  );
}

/**
 * Encodes tensors.
 *
 * @param metadata Texts by name, which stand first.
 * @returns The file's bytes.
 *
 * @example
 * ```ts
 * import { encodeSafetensors } from "./safetensors.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = encodeSafetensors({ w: { shape: [1], data: Float32Array.of(1) } }, { format: "pt" });
 * const text = '{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}';
 * assertEquals(new TextDecoder().decode(bytes.subarray(8, -4)).trimEnd(), text);
 * assertEquals([...bytes.subarray(-4)], [0, 0, 128, 63]);
 * ```
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, NamedArray>>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const described = { __metadata__: metadata, ...safetensorsEntries(tensors) };
  const header = new TextEncoder().encode(JSON.stringify(described));
  const headerLength = 8 * Math.ceil(header.length / 8); // so that the numbers are aligned; spaces fill it up
  const start = new Uint8Array(8 + headerLength).fill(0x20, 8);
  new DataView(start.buffer).setBigUint64(0, BigInt(headerLength), true);
  start.set(header, 8);
  return concatBytes([start, ...Object.values(tensors).map(({ data }) => bytesOf(data))]);
}
