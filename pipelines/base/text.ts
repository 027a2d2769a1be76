/**
 * Numbers and bytes as people read them. Browser safe.
 *
 * @module
 */

/**
 * A share as percent.
 *
 * @param share 0 to 1; null is "-".
 * @param digits After the point, 1 when left out.
 *
 * @example
 * ```ts
 * import { percent } from "./text.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([percent(0.1234), percent(1, 0), percent(null)], ["12.3 %", "100 %", "-"]);
 * ```
 */
export function percent(share: number | null, digits = 1): string {
  return share === null ? "-" : `${(100 * share).toFixed(digits)} %`;
}

/**
 * A whole number in groups of three digits.
 *
 * @example
 * ```ts
 * import { grouped } from "./text.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(grouped(1234567), "1,234,567");
 * ```
 */
export function grouped(value: number): string {
  return value.toLocaleString("en-US");
}

/**
 * How many there are of something.
 *
 * @param many What several are called; the name of one with an s when left out.
 *
 * @example
 * ```ts
 * import { counted } from "./text.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([counted(1, "shard"), counted(0, "shard"), counted(2000, "class", "classes")], ["1 shard", "0 shards", "2,000 classes"]);
 * ```
 */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/**
 * Bytes in hexadecimal, with spaces between them.
 *
 * @example
 * ```ts
 * import { spacedHex } from "./text.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(spacedHex(Uint8Array.of(0x89, 0x50, 0)), "89 50 00");
 * ```
 */
export function spacedHex(bytes: Uint8Array): string {
  return bytes.toHex().replace(/..(?!$)/g, "$& ");
}

/**
 * Words in a row: `a`, `a and b`, `a, b and c`.
 *
 * @example
 * ```ts
 * import { listWords } from "./text.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([["a"], ["a", "b"], ["a", "b", "c"]].map(listWords), ["a", "a and b", "a, b and c"]);
 * ```
 */
export function listWords(words: readonly string[]): string {
  return [words.slice(0, -1).join(", "), ...words.slice(-1)].filter((part) => part !== "").join(" and ");
}

/**
 * Text as an element of XML 1.0 holds it; characters that it cannot hold become U+FFFD.
 *
 * @example
 * ```ts
 * import { escapeXml } from "./text.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(escapeXml("a < b & \u0001"), "a &lt; b &amp; \ufffd");
 * ```
 */
export function escapeXml(text: string): string {
  return text.toWellFormed().replace(/(?![\t\n\r])\p{Cc}|[\ufffe\uffff]/gu, "\ufffd")
    .replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
