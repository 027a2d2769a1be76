/**
 * Checkpoints: everything that a run needs to go on bit for bit. Browser safe.
 *
 * The file is a *safetensors* file, which any reader of that format opens. The header's `__metadata__` holds this project's
 * version, the state as JSON, and a sha256 over the tensors' names, shapes and places, the state and the numbers.
 *
 * @module
 */
import { bytesOf, concatBytes } from "../pipelines/base/bytes.ts";
import { InputError } from "../pipelines/base/errors.ts";
import { sha256 as sha256Of } from "../pipelines/base/sha256.ts";
import { encodeSafetensors, type NamedArray, safetensorsEntries } from "./safetensors.ts";

export type { NamedArray };

/** What a checkpoint holds. */
export interface Checkpoint<State> {
  /** Variables and optimizer slots by name. */
  readonly tensors: Readonly<Record<string, NamedArray>>;
  /** Options, position, random state, best value: anything that survives JSON. */
  readonly state: State;
}

/** The version that is written; in version 1, which is read too, the hash is over state and numbers alone. */
const VERSION = "2";

/**
 * Encodes a checkpoint.
 *
 * @returns The file's bytes.
 *
 * @example
 * ```ts
 * import { decodeCheckpoint, encodeCheckpoint } from "@strokewise/strokewise/models";
 * import { assertEquals } from "@std/assert";
 *
 * const checkpoint = { tensors: { w: { shape: [2], data: Float32Array.of(0.1, -0) } }, state: { step: 7 } };
 * assertEquals(await decodeCheckpoint(await encodeCheckpoint(checkpoint), "memory"), checkpoint);
 * ```
 */
export async function encodeCheckpoint<State>({ tensors, state }: Checkpoint<State>): Promise<Uint8Array<ArrayBuffer>> {
  const stateText = JSON.stringify(state);
  const body = concatBytes(Object.values(tensors).map(({ data }) => bytesOf(data)));
  return encodeSafetensors(tensors, {
    format: "strokewise checkpoint",
    version: VERSION,
    state: stateText,
    sha256: await hash(JSON.stringify([safetensorsEntries(tensors), stateText]), body),
  });
}

/**
 * Decodes a checkpoint and checks it.
 *
 * @param bytes The whole file.
 * @param path Names it in messages.
 * @returns What {@linkcode encodeCheckpoint} was given; `state` is not checked to be a `State`.
 * @throws {InputError} When it is not a checkpoint of this version, or not what was written.
 *
 * @example
 * ```ts
 * import { InputError } from "@strokewise/strokewise";
 * import { decodeCheckpoint } from "@strokewise/strokewise/models";
 * import { assertRejects } from "@std/assert";
 *
 * await assertRejects(() => decodeCheckpoint(Uint8Array.of(1, 2, 3), "runs/a/best.safetensors"), InputError, "too short");
 * ```
 */
export async function decodeCheckpoint<State>(
  bytes: Uint8Array<ArrayBuffer>,
  path: string,
): Promise<Checkpoint<State>> {
  const refuse = (why: string) => new InputError(`checkpoint ${path}: ${why}`);
  if (bytes.length < 8) throw refuse(`${bytes.length} bytes, too short for a header`);
  const headerLength = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (headerLength > bytes.length - 8) throw refuse("not a safetensors file, or cut short");
  let header: Record<string, unknown>;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerLength))) ?? {};
  } catch {
    throw refuse("the header is not JSON");
  }
  const { __metadata__: metadata, ...entries } = header as {
    __metadata__?: { format?: string; version?: string; state?: unknown; sha256?: string };
  } & Record<string, { dtype?: string; shape?: number[]; data_offsets?: number[] } | null>;
  if (metadata?.format !== "strokewise checkpoint") throw refuse("a safetensors file, but not a strokewise checkpoint");
  const { version, state, sha256 } = metadata;
  if (version !== "1" && version !== VERSION) throw refuse(`version ${version}, expected ${VERSION}`);
  const body = bytes.slice(8 + headerLength); // [numbers], copied so that float32 views are aligned
  const hashed = version === "1" ? String(state) : JSON.stringify([entries, state]);
  if (typeof state !== "string" || await hash(hashed, body) !== sha256) {
    throw refuse("its content is not what was written (sha256)");
  }
  let end = 0;
  const tensors = Object.entries(entries).map(([name, entry]): [string, NamedArray] => {
    // In files of ours the tensors follow one another, without gaps; a hash of version 1 does not cover the places.
    const { dtype, shape, data_offsets: [from, to] = [] } = entry ?? {};
    const isShape = Array.isArray(shape) && shape.every((length) => Number.isSafeInteger(length) && length >= 0);
    const length = isShape ? 4 * shape.reduce((product, length) => product * length, 1) : NaN;
    if (dtype !== "F32" || !isShape || from !== end || to !== from + length) {
      throw refuse(`tensor ${name}, ${dtype} [${shape}], cannot lie at bytes ${from} to ${to}`);
    }
    end = to;
    return [name, { shape, data: new Float32Array(body.buffer.slice(from, to)) }];
  });
  if (end !== body.length) throw refuse(`${body.length - end} bytes belong to no tensor`);
  try {
    return { tensors: Object.fromEntries(tensors), state: JSON.parse(state) };
  } catch {
    throw refuse("its state is not JSON");
  }
}

/**
 * The first number of a checkpoint's tensors that is none, or too large for one; a run cannot go on from there.
 *
 * @returns Such as `model/dense/weights holds NaN`; undefined where all are finite.
 */
export function faultyNumber(tensors: Checkpoint<unknown>["tensors"]): string | undefined {
  for (const [name, { data }] of Object.entries(tensors)) {
    if (areFinite(data)) continue;
    return `${name} holds ${data.find((value) => !Number.isFinite(value))}`;
  }
  return undefined;
}

/** Ten times as fast as to ask `Number.isFinite`; nothing but a finite number has a product with 0 that is 0. */
function areFinite(data: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i] * 0;
  return sum === 0;
}

async function hash(state: string, body: Uint8Array<ArrayBuffer>): Promise<string> {
  return await sha256Of(concatBytes([new TextEncoder().encode(state), body]));
}
