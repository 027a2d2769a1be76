/**
 * Room for a model's variables: one that asks for more than there is is refused before anything is made of it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** For what a model is built. */
export interface VariableRoom {
  /** Bytes that there are for all of its variables and what is kept beside them. */
  readonly bytes: number;
  /** How many numbers are kept for each parameter, itself among them, 1 or more. */
  readonly copies: number;
}

/** The most that tfjs's wasm module asks of the system, in bytes (its `getHeapMax`). */
const WASM_BYTES = 2 ** 32 - 2 ** 16;

/** The model that is being built, and how many parameters it has so far. */
let building: VariableRoom & { parameters: number } | undefined;

/** Bytes that the backend in use has for tensors; Infinity where it does not say. */
export function backendBytes(): number {
  return tf.getBackend() === "wasm" ? WASM_BYTES : Infinity;
}

/**
 * Builds a model where there is room for it.
 *
 * @param build Makes the variables, by this project's layers.
 * @throws {RangeError} When they take more; nothing is left of it then.
 */
export function withRoom<T>(room: VariableRoom, build: () => T): T {
  const before = building;
  const { registeredVariables: all } = tf.engine().state;
  const others = new Set(Object.keys(all));
  building = { ...room, parameters: 0 };
  try {
    return build();
  } catch (error) {
    for (const [name, variable] of Object.entries(all)) if (!others.has(name)) variable.dispose();
    throw error;
  } finally {
    building = before;
  }
}

/**
 * Takes room for a variable that is about to be made, of float32.
 *
 * @throws {RangeError} When there is too little: for all of the model that is being built, else for this one on the backend.
 */
export function takeRoom(shape: readonly number[]): void {
  const { bytes, copies, parameters } = building ?? { bytes: backendBytes(), copies: 1, parameters: 0 };
  const all = parameters + tf.util.sizeFromShape([...shape]);
  if (building) building.parameters = all;
  const needed = 4 * copies * all;
  if (needed <= bytes) return;
  throw new RangeError(
    `${all.toLocaleString("en-US")} parameters or more take ${gigabytes(needed)} GB${
      copies === 1 ? "" : ` in training, ${copies} numbers for each`
    }; there is room for ${gigabytes(bytes)}`,
  );
}

const gigabytes = (bytes: number): number => Number((bytes / 1e9).toPrecision(3));
