/**
 * The error of bad input. Browser safe.
 *
 * @module
 */

/**
 * Input that cannot be used: the message names what was done, where, what was found and what was expected, in one line.
 * A task prints it without a stack trace and exits with code 2.
 *
 * @example
 * ```ts
 * import { InputError } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new InputError("cats.ndjson: no such file").name, "InputError");
 * ```
 */
export class InputError extends Error {
  /** `InputError`, for a {@linkcode Reject} too. */
  override readonly name = "InputError";
}

/**
 * One record that cannot be used, or the rest of one file, out of many: the reader goes on with the next.
 *
 * @example
 * ```ts
 * import { Reject } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new Reject("unequal arrays", "stroke 1 has 5 x and 4 y").message, "unequal arrays: stroke 1 has 5 x and 4 y");
 * ```
 */
export class Reject extends InputError {
  /**
   * Makes the error; its message is `reason: detail`.
   *
   * @param reason One of a small set of names, by which rejects are counted.
   * @param detail What was found and what was expected.
   */
  constructor(
    /** One of a small set of names, by which rejects are counted, such as `bad JSON`. */
    readonly reason: string,
    /** What was found and what was expected. */
    readonly detail: string,
  ) {
    super(`${reason}: ${detail}`);
  }
}

/**
 * Input or output failed; busy; too many open files; file too large; disk full; read-only file system; a name that is too
 * long; links in a circle; quota used up.
 */
const NUMBERS = [5, 16, 24, 27, 28, 30, 36, 40, 122];

/** What Deno and V8 say of a name that no file can have, and of more memory than there is. */
const TEXTS = [
  "Empty path is not allowed",
  "unexpected NUL byte",
  "Array buffer allocation failed",
  "Invalid typed array length",
  "Invalid array buffer length",
];

/**
 * Whether an error's message tells of a fault of the disk, of a name on it, or of too little memory, such as `No space left
 * on device (os error 28)`.
 */
export function isMachineFault(message: string): boolean {
  const number = /\(os error (\d+)\)/.exec(message)?.[1];
  return number !== undefined && NUMBERS.includes(Number(number)) || TEXTS.some((text) => message.includes(text));
}
