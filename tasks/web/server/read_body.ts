/**
 * Reads what a client sends, as far as it may be long and may take.
 *
 * @module
 */
import { concatBytes } from "../../../pipelines/base/bytes.ts";
import type { Asked } from "./exchange.ts";

/** Why a body was not read. */
export type BodyFault = "too large" | "too slow" | "broken off";

/**
 * Reads a body; what comes after the limit is not waited for.
 *
 * @param limits Bytes, and milliseconds in all.
 */
export async function readBody(
  { body, headers }: Pick<Asked, "body" | "headers">,
  limits: { readonly bytes: number; readonly milliseconds: number },
): Promise<Uint8Array<ArrayBuffer> | BodyFault> {
  if (Number(headers.get("content-length") ?? 0) > limits.bytes) return "too large";
  const parts: Uint8Array[] = [];
  let length = 0;
  const late = Promise.withResolvers<"too slow">();
  const timer = setTimeout(() => late.resolve("too slow"), limits.milliseconds);
  const iterator = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const read = await Promise.race([iterator.next(), late.promise]);
      if (read === "too slow") return read;
      if (read.done) return concatBytes(parts);
      length += read.value.length;
      if (length > limits.bytes) return "too large";
      parts.push(read.value);
    }
  } catch {
    return "broken off"; // the connection is gone
  } finally {
    clearTimeout(timer);
  }
}
