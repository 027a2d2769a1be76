/**
 * Faults of the machine and not of this program, of which Deno makes no class of their own. Browser safe.
 *
 * @module
 */

/** Input or output failed; too many open files; file too large; disk full; read-only file system; quota used up. */
const NUMBERS = [5, 24, 27, 28, 30, 122];

/** Whether an error's message tells of a fault of the disk, such as `No space left on device (os error 28)`. */
export function isMachineFault(message: string): boolean {
  const number = /\(os error (\d+)\)/.exec(message)?.[1];
  return number !== undefined && NUMBERS.includes(Number(number));
}
