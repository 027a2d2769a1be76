/**
 * Numbers and names as the report and the terminal show them.
 *
 * @module
 */
import { grouped } from "../../pipelines/base/text.ts";

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
 * A value as JSON without control letters, which a terminal is never shown: those that JSON would leave are escaped too.
 *
 * @param indent Blanks a level; one line when left out.
 *
 * @example
 * ```ts
 * import { jsonText } from "./text.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(jsonText({ file: "a\x7fb" }), '{"file":"a\\u007fb"}');
 * ```
 */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent)
    .replaceAll(/[\x7f-\x9f]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Metrics that are called by their first letters. */
const ABBREVIATIONS = ["kl", "mse", "nll", "ssim"];

/**
 * A metric's name in words; an objective's name in front of it stays.
 *
 * @example
 * ```ts
 * import { metricTitle } from "./text.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const titles = ["reconstructionLoss", "critic.loss", "mse"].map(metricTitle);
 * assertEquals(titles, ["Reconstruction loss", "Critic loss", "MSE"]);
 * ```
 */
export function metricTitle(name: string): string {
  if (ABBREVIATIONS.includes(name)) return name.toUpperCase();
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replaceAll(".", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A text that fits into some letters, the last an ellipsis where it does not. */
export function cut(text: string, room: number): string {
  const letters = [...text];
  return letters.length <= room ? text : `${letters.slice(0, room - 1).join("")}…`;
}

/** A text that fits into some letters, the first an ellipsis where it does not: of paths, whose ends tell them apart. */
export function cutStart(text: string, room: number): string {
  const letters = [...text];
  return letters.length <= room ? text : `…${letters.slice(1 - room).join("")}`;
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
