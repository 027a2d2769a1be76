/**
 * Numbers and names as the report and the terminal show them.
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
 * assertEquals([percent(0.1234), percent(1, 0), percent(null)], ["12.3%", "100%", "-"]);
 * ```
 */
export function percent(share: number | null, digits = 1): string {
  return share === null ? "-" : `${(100 * share).toFixed(digits)}%`;
}

/**
 * A whole number with thin groups of three.
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
 * A number of any size with as many digits as are worth showing.
 *
 * @example
 * ```ts
 * import { decimal } from "./text.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([decimal(0.12345), decimal(-93.2149), decimal(12345.6)], ["0.123", "-93.21", "12,346"]);
 * ```
 */
export function decimal(value: number): string {
  const size = Math.abs(value);
  return size >= 1000 ? grouped(Math.round(value)) : value.toFixed(size < 1 ? 3 : 2);
}

/**
 * A metric's name in words; an objective's name in front of it stays.
 *
 * @example
 * ```ts
 * import { metricTitle } from "./text.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(["reconstructionLoss", "critic.loss"].map(metricTitle), ["Reconstruction loss", "Critic loss"]);
 * ```
 */
export function metricTitle(name: string): string {
  if (name === "kl") return "KL";
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replaceAll(".", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * Text made safe for HTML and SVG, inside elements and quoted attributes; letters that XML forbids become U+FFFD.
 *
 * @example
 * ```ts
 * import { escapeHtml } from "./text.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(escapeHtml(`<b title="x">&'`), "&lt;b title=&quot;x&quot;&gt;&amp;&#39;");
 * ```
 */
export function escapeHtml(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[&<>"']/g, (letter) => ENTITIES[letter]).replace(/[\0-\x08\x0b\x0c\x0e-\x1f]/g, "\ufffd");
}
