/**
 * SHA-256. Browser safe, in pages over plain HTTP too, which have no `crypto.subtle`.
 *
 * @module
 */

/**
 * SHA-256 of bytes: by the platform, or where a page is not trusted with that, as one from another machine over plain HTTP,
 * by a library.
 *
 * @returns 64 hexadecimal digits.
 *
 * @example FIPS 180-2, appendix B.1
 * ```ts
 * import { sha256 } from "./sha256.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const digits = await sha256(new TextEncoder().encode("abc"));
 * assertEquals(digits, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
 * ```
 */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const subtle = crypto.subtle as SubtleCrypto | undefined;
  const digest = subtle === undefined
    ? (await import("@noble/hashes/sha2.js")).sha256(bytes)
    : new Uint8Array(await subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join(""); // toHex is young
}
