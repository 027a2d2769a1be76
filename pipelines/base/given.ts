/**
 * What a user's own module gave, in words: a type check would refuse what is wrong, but programs run without one.
 * Browser safe.
 *
 * @module
 */

/**
 * A value that is not what it should be, for a message. A promise may fail from then on: nobody waits for it.
 *
 * @returns Such as `a promise`, `Array [3]`, `a text`, `2.5`.
 *
 * @example
 * ```ts
 * import { givenInWords } from "./given.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const given = [Promise.reject(new Error("late")), new Uint8Array(3), "sun", 2.5, undefined, {}];
 * assertEquals(given.map(givenInWords), ["a promise", "Uint8Array [3]", "a text", "2.5", "undefined", "an object"]);
 * ```
 */
export function givenInWords(value: unknown): string {
  if (value instanceof Promise) {
    value.catch(() => {}); // it would end the program before the message is read
    return "a promise";
  }
  if (typeof value === "string") return "a text";
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return `Array [${value.length}]`;
  if (ArrayBuffer.isView(value) && "length" in value) return `${value.constructor.name} [${value.length}]`;
  return "an object";
}
