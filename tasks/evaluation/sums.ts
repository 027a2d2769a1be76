/**
 * Queries that are sums, as texts: what is asked, and of which kinds it is. Browser safe.
 *
 * @module
 */

/** A sum. */
export interface Sum {
  readonly a: number;
  readonly sign: string;
  readonly b: number;
}

/** The sum that a text asks for, such as `151+ 21`; undefined where it asks for none. */
export function parseSum(text: string): Sum | undefined {
  const found = /^ *(\d+) *([-+*]) *(\d+) *$/.exec(text);
  return found ? { a: Number(found[1]), sign: found[2], b: Number(found[3]) } : undefined;
}

const NAMES: Readonly<Record<string, string>> = { "+": "plus", "-": "minus", "*": "times" };

/** What something is carried or borrowed for: whether digits at one place, from the units on, pass over to the next. */
function passesOver({ a, sign, b }: Sum): boolean {
  const [greater, less] = [Math.max(a, b), Math.min(a, b)];
  for (let place = 1; place <= greater; place *= 10) {
    const [one, other] = [greater, less].map((value) => Math.floor(value / place) % 10);
    if (sign === "+" ? one + other > 9 : one < other) return true;
  }
  return false;
}

/**
 * The kinds of a sum, from the plainest to the most special: the sign; whether anything is carried, of a difference borrowed
 * (from the greater number, however they stand); whether the answer is negative; how many digits the answer has.
 *
 * @param answer As a text.
 *
 * @example
 * ```ts
 * import { kindsOf } from "./sums.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(kindsOf({ a: 21, sign: "-", b: 151 }, "-130"), ["minus", "minus, nothing borrowed", "minus, negative", "3 digits"]);
 * ```
 */
export function kindsOf(sum: Sum, answer: string): readonly string[] {
  const name = NAMES[sum.sign];
  const digits = answer.replaceAll(/[^0-9]/g, "").length;
  const verb = sum.sign === "+" ? "carried" : "borrowed";
  return [
    name,
    ...sum.sign === "*" ? [] : [`${name}, ${passesOver(sum) ? "" : "nothing "}${verb}`],
    ...sum.sign === "-" ? [`${name}, ${answer.includes("-") ? "negative" : "0 or more"}`] : [],
    digits === 1 ? "1 digit" : `${digits} digits`,
  ];
}
