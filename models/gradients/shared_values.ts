/**
 * Tensors' values where they are in memory, and side by side in a buffer that Workers share.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { BackendName } from "../backends/backend.ts";
import { forgetPacked, type WasmBackend } from "../kernels/wasm/context.ts";
import type { Tensor } from "../tensors.ts";

/** The backends whose tensors lie in memory that JavaScript can reach. */
export const IN_MEMORY: readonly BackendName[] = ["wasm", "cpu"];

/**
 * A float32 tensor's values in place, also those of every tensor that shares them. Those of a tensor that operations have
 * read are changed by {@linkcode overwrite}.
 *
 * @returns A view, valid until the backend allocates memory.
 */
export function valuesOf({ dataId, shape, dtype }: Tensor): Float32Array {
  const backend = tf.backend();
  const values = tf.getBackend() === "wasm"
    ? (backend as unknown as WasmBackend).typedArrayFromHeap({ dataId, shape, dtype })
    : backend.readSync(dataId);
  return values as Float32Array;
}

/** Writes other values into a float32 tensor, and with it into every tensor that shares them. */
export function overwrite(tensor: Tensor, values: Float32Array): void {
  valuesOf(tensor).set(values);
  if (tf.getBackend() === "wasm") forgetPacked(tf.backend() as unknown as WasmBackend, tensor);
}

/** A buffer that holds the values of some tensors one after another. */
export function sharedBufferFor(tensors: Readonly<Record<string, Tensor>>): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * Object.values(tensors).reduce((sum, { size }) => sum + size, 0));
}

/** Each tensor's place in a buffer of {@linkcode sharedBufferFor}, by name. */
export function placesIn(
  buffer: SharedArrayBuffer,
  tensors: Readonly<Record<string, Tensor>>,
): Record<string, Float32Array> {
  const places: Record<string, Float32Array> = {};
  let offset = 0;
  for (const [name, { size }] of Object.entries(tensors)) {
    places[name] = new Float32Array(buffer, offset, size);
    offset += 4 * size;
  }
  return places;
}
