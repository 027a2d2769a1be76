/**
 * Numbers for objects that have no names of their own, such as the device's buffers.
 *
 * @module
 */

/** Gives each object a number when it is first asked for, 1, 2, and so on: the older, the smaller. */
export function numbering(): (object: object) => number {
  const numbers = new WeakMap<object, number>();
  let last = 0;
  return (object) => {
    const number = numbers.get(object) ?? ++last;
    numbers.set(object, number);
    return number;
  };
}
