/**
 * The hash by which an `index.json` that was changed is told.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import { isIntact, seal } from "../base/seal.ts";
import type { ShardIndex } from "./shard_index.ts";

/** An index with the hash of its content, as it is written. */
export function sealIndex(index: ShardIndex): ShardIndex {
  return seal(index);
}

/** The text of an `index.json`. */
export function indexText(index: ShardIndex): string {
  return JSON.stringify(sealIndex(index), null, 2) + "\n";
}

/**
 * Checks that an index says what was written; one of version 1 has no hash.
 *
 * @param path Names it in the message.
 * @throws {InputError} When it was changed.
 */
export function checkSeal(index: ShardIndex, path: string): void {
  if (index.version === 1 && !Object.hasOwn(index, "sha256") || isIntact(index)) return;
  throw new InputError(`${path}: its content is not what was written (sha256); prepare the data again`);
}
