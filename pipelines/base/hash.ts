/**
 * SHA-256 at once, by node's library. Not for browsers: those have `sha256.ts`.
 *
 * @module
 */
import { createHash } from "node:crypto";

/**
 * SHA-256 of bytes, or of a text's UTF-8.
 *
 * @returns 64 hexadecimal digits.
 */
export function sha256Of(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}
