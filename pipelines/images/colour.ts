/**
 * Colours as people write them. Browser safe.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";

/** Red, green and blue, each 0 to 255. */
export type Rgb = readonly [number, number, number];

const NAMED: Readonly<Record<string, Rgb>> = { white: [255, 255, 255], black: [0, 0, 0], grey: [128, 128, 128] };

/**
 * Reads a colour.
 *
 * @param text `white`, `black`, `grey`, or hexadecimal as in `#f80` or `#ff8800`, with or without the `#`.
 * @throws {InputError} When it is none of these.
 *
 * @example
 * ```ts
 * import { parseColour } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([parseColour("black"), parseColour("#f80"), parseColour("0a141e")], [[0, 0, 0], [255, 136, 0], [10, 20, 30]]);
 * ```
 */
export function parseColour(text: string): Rgb {
  if (Object.hasOwn(NAMED, text)) return NAMED[text];
  const [, digits] = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text) ?? [];
  if (digits === undefined) {
    throw new InputError(
      `${JSON.stringify(text)} is no colour, expected ${Object.keys(NAMED).join(", ")} or such as "#ff8800"`,
    );
  }
  const pairs = digits.length === 3 ? digits.replace(/./g, "$&$&") : digits;
  return [0, 2, 4].map((at) => parseInt(pairs.slice(at, at + 2), 16)) as unknown as Rgb;
}
