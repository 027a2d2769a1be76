/**
 * The checks of a drawing's strokes: a record is checked whole, not at its front. Browser safe.
 *
 * @module
 */
import { Reject } from "../../base/errors.ts";
import { wrongType } from "./members.ts";

/** What a stroke is, by its number of lists. */
const STROKES = { 2: "[[x, …], [y, …]]", 3: "[[x, …], [y, …], [milliseconds, …]]" } as const;

/**
 * Checks that a stroke is just so many lists, and says what else it looks like.
 *
 * @throws {Reject} `points, not lists`, `raw drawing`, `no times` or `wrong type`.
 */
export function checkLists(stroke: unknown, lists: 2 | 3, where: string): asserts stroke is unknown[][] {
  const parts = Array.isArray(stroke) ? stroke : [];
  const areLists = parts.every(Array.isArray);
  if (areLists && parts.length === lists) return;
  const isPoint = (part: unknown) =>
    Array.isArray(part) && (part.length === 2 || part.length === 3) ||
    typeof part === "object" && part !== null && "x" in part && "y" in part;
  if (parts.length > 1 && parts.every(isPoint) && (!areLists || parts.length !== (lists === 2 ? 3 : 2))) {
    throw new Reject("points, not lists", `${where} is a list of points, expected ${STROKES[lists]}`);
  }
  const [first] = parts;
  const areEqual = areLists && parts.length > 0 && parts.every((part) => part.length === first.length);
  if (areEqual && parts.length === 3) {
    throw new Reject(
      "raw drawing",
      `${where} has times; --fit simplifies drawings whose strokes all have some`,
    );
  }
  if (areEqual && parts.length === 2) {
    throw new Reject("no times", `${where} has none; --fit reads drawings whose strokes all have none`);
  }
  throw wrongType(where, STROKES[lists], stroke);
}

/** What helps drawings of another canvas. */
const FIT = "--fit scales drawings of any size";
/** What a stroke's lists are called. */
const NAMES = ["x", "y", "time"] as const;
/** Coordinates and times of one's own are below it, so that differences of them are exact to a millionth. */
const LIMIT = 2 ** 40;

/**
 * Checks that a drawing is strokes of equally long lists of numbers.
 *
 * @param lists How many lists each stroke has: x, y and, where it is 3, times.
 * @param isGrid Whether coordinates are whole numbers, 0..255; else they are any below 2^40.
 * @throws {Reject} With one of the reasons: wrong type, points, not lists, raw drawing, no times, empty drawing, unequal
 * arrays, coordinate out of range, coordinate not whole, too long.
 */
export function checkStrokes(
  drawing: unknown,
  lists: 2 | 3,
  isGrid: boolean,
): asserts drawing is number[][][] {
  if (!Array.isArray(drawing)) throw wrongType("drawing", "a list of strokes", drawing);
  if (drawing.length === 0) throw new Reject("empty drawing", "no strokes");
  if (drawing.length > 0xffff) throw new Reject("too long", `${drawing.length} strokes, at most 65535 are read`);
  drawing.forEach((stroke, i) => {
    const where = `stroke ${i + 1}`;
    checkLists(stroke, lists, where);
    const points = stroke[0].length;
    if (stroke.some(({ length }) => length !== points)) {
      const counts = stroke.map(({ length }, list) => `${length} ${list === 2 ? "times" : NAMES[list]}`);
      throw new Reject("unequal arrays", `${where} has ${counts.slice(0, -1).join(", ")} and ${counts.at(-1)}`);
    }
    if (points === 0) throw new Reject("empty drawing", `${where} has no points`);
    if (points > 0xffff) throw new Reject("too long", `${where} has ${points} points, at most 65535 are read`);
    for (let list = 0; list < lists; list++) {
      (isGrid ? checkCoordinates : checkNumbers)(stroke[list], `${where}: ${NAMES[list]}`);
    }
  });
}

function checkNumbers(values: readonly unknown[], name: string): void {
  const bad = values.findIndex((value) => typeof value !== "number" || !(Math.abs(value) < LIMIT));
  if (bad >= 0) throw wrongType(`${name} of point ${bad + 1}`, "a number below 2^40", values[bad]);
}

function checkCoordinates(values: readonly unknown[], name: string): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value !== "number") throw wrongType(`${name} of point ${i + 1}`, "a number", value);
    if (value < 0 || value > 255) {
      throw new Reject("coordinate out of range", `${name} of point ${i + 1} is ${value}, expected 0 to 255; ${FIT}`);
    }
    if (value !== (value & 255)) {
      throw new Reject(
        "coordinate not whole",
        `${name} of point ${i + 1} is ${value}, expected a whole number; ${FIT}`,
      );
    }
  }
}
