/**
 * Hashes by which our own JSON files say that they were changed since they were written.
 *
 * @module
 */
import { sha256Of } from "./hash.ts";
import { InputError } from "./errors.ts";

/** What bears a hash of all that it says beside it, in the order in which it says it. */
export type Sealed<T extends object> = T & { readonly sha256: string };

/**
 * An object with the hash of its content, as the last of its members.
 *
 * @param before What comes before it in the file and is under its hash too, such as the hash of the line before.
 *
 * @example
 * ```ts
 * import { isIntact, seal } from "./seal.ts";
 * import { assert } from "@std/assert";
 *
 * const sealed = seal({ loss: 0.5 });
 * assert(isIntact(JSON.parse(JSON.stringify(sealed))) && !isIntact({ ...sealed, loss: 0.4 }));
 * ```
 */
export function seal<T extends object>(content: T, before = ""): Sealed<T> {
  const { sha256: _, ...rest } = content as T & { readonly sha256?: string };
  return { ...rest, sha256: sha256Of(before + JSON.stringify(rest)) } as Sealed<T>;
}

/** Whether what was read is what {@linkcode seal} made. */
export function isIntact(read: object, before = ""): boolean {
  return (read as { readonly sha256?: unknown }).sha256 === seal(read, before).sha256;
}

/** What was sealed, without its hash. */
export function unsealed<T extends object>(read: Sealed<T>): T {
  const { sha256: _, ...content } = read;
  return content as unknown as T;
}

/**
 * What a file of ours says, without its hash; undefined where it bears none, as from before there were hashes: it is not to
 * be relied on.
 *
 * @param read As it was parsed.
 * @param path Names the file in the message.
 * @throws {InputError} When it is no object, or not what was written.
 */
export function opened<T extends object>(read: unknown, path: string): T | undefined {
  if (typeof read === "object" && read !== null && !Array.isArray(read)) {
    if (!Object.hasOwn(read, "sha256")) return undefined;
    if (isIntact(read)) return unsealed(read as Sealed<T>);
  }
  throw new InputError(`${path}: not what was written (sha256)`);
}
