/** SHA-256 as node's own has it, with the platform's and, as in a page over plain HTTP, without. */
import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { sha256 } from "../../../pipelines/base/sha256.ts";

/** Bytes of every length up to two blocks and a bit, where the padding changes, and some more. */
const SAMPLES = [...Array(140).keys(), 100_003].map((length) => Uint8Array.from({ length }, (_, i) => 31 * i + length));

async function check(): Promise<void> {
  for (const bytes of SAMPLES) {
    assertEquals(await sha256(bytes), createHash("sha256").update(bytes).digest("hex"), `${bytes.length} bytes`);
  }
}

Deno.test("SHA-256 is node's", check);

Deno.test("SHA-256 is node's where the platform has none", async () => {
  const subtle = Object.getOwnPropertyDescriptor(crypto, "subtle");
  Object.defineProperty(crypto, "subtle", { value: undefined, configurable: true });
  try {
    assertEquals(crypto.subtle, undefined);
    await check();
  } finally {
    if (subtle) Object.defineProperty(crypto, "subtle", subtle);
    else Reflect.deleteProperty(crypto, "subtle");
  }
});
