/**
 * The members of a record of a drawing, as JSON has them, before they are checked. Browser safe.
 *
 * @module
 */
import { Reject } from "../../base/errors.ts";

/** What a record says, by name: `drawing`, `word`, `key_id` and others; nothing of it is checked. */
export type Members = Readonly<Record<string, unknown>>;

/** The reason of a line in which a file has lost some of its content, and line feeds with it. */
export const HOLE = "zero bytes";

/**
 * The members of a line; a drawing that is JSON in a string is parsed too, a drawing alone is the member `drawing`, and a
 * key that is a number becomes its digits.
 *
 * @throws {Reject} When the line is no JSON, or neither an object nor a list; {@linkcode HOLE} where bytes of it are 0, as
 * after a crash or a copy that broke off.
 */
export function parseObject(text: string): Members {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (text.includes("\0")) throw new Reject(HOLE, `${text.split("\0").length - 1} of them in one line, lost content`);
    throw new Reject("bad JSON", (error as Error).message);
  }
  if (typeof value !== "object" || value === null) throw new Reject("wrong type", "the line is not a JSON object");
  const { drawing, key_id, ...others } = Array.isArray(value) ? { drawing: value } : value as Members;
  return {
    ...others,
    drawing: typeof drawing === "string" ? parseText(drawing) : drawing,
    ...(key_id === undefined ? {} : { key_id: typeof key_id === "number" ? keyDigits(text, key_id) : key_id }),
  };
}

/** The digits of a key that is a number: as they are written where a number of JavaScript has no room for them. */
function keyDigits(text: string, key: number): string | number {
  if (Number.isSafeInteger(key)) return String(key);
  let written = "";
  JSON.parse(
    text,
    function (this: unknown, name: string, value: unknown, context?: { readonly source?: string }) {
      if (name === "key_id" && value === key) written = context?.source ?? "";
      return value;
    } as (name: string, value: unknown) => unknown,
  );
  return /^\d+$/.test(written) ? written : key;
}

/** A drawing in a string, as databases and CSV have it; what is no JSON stays as it is and is refused for that. */
export function parseText(drawing: string): unknown {
  try {
    return JSON.parse(drawing);
  } catch {
    return drawing;
  }
}

/** The refusal of a member, or of a part of one, that has the wrong type. */
export function wrongType(name: string, expected: string, found: unknown): Reject {
  const shown = JSON.stringify(found) ?? "nothing";
  return new Reject(
    "wrong type",
    `${name} is ${shown.length > 40 ? `${shown.slice(0, 40)}…` : shown}, expected ${expected}`,
  );
}
