/**
 * UNIPEN: text of pen paths, point by point (Guyon et al. 1994, "UNIPEN project of on-line data exchange and recognizer
 * benchmarks"). Browser safe.
 *
 * A line that begins with a point is a keyword; all others are points between `.PEN_DOWN` and `.PEN_UP`. `.SEGMENT` begins
 * a piece of writing, says the numbers of its components, such as `6-7`, and ends with its label in quotes. A component is a
 * stroke, or a path of the pen in the air where that has points. Nothing says how many segments a file has. Which columns
 * are x and y `.COORD` says, the first two where there is none; y points up.
 *
 * @module
 */
import { Reject } from "../base/errors.ts";
import { counted } from "../base/text.ts";

/** A piece of writing. */
export interface UnipenSegment {
  /** The line on which it begins, 1-based. */
  readonly line: number;
  /** What was written, such as `8`; empty text where that is not said. */
  readonly label: string;
  /** The words of its first comment; none where it has none. */
  readonly comment: readonly string[];
  /** The pen's strokes, each `[xs, ys]`, y up, as they are in the file. */
  readonly strokes: readonly (readonly [xs: readonly number[], ys: readonly number[]])[];
  /** What is wrong with it, where something is. */
  readonly fault?: Reject;
  /** Whether it ends before the last of its strokes does, as where a file was cut; it has a fault then. */
  readonly isOpen: boolean;
}

/** The places of x and y among the numbers of a point, from 0. */
export type UnipenColumns = readonly [x: number, y: number];

/** Whether a file begins as UNIPEN does. */
export function isUnipen(text: string): boolean {
  const [first] = text.trimStart().split("\n", 1);
  return /^\.(VERSION|INCLUDE|LEXICON|HIERARCHY|SEGMENT|COMMENT|COORD|DATA_SOURCE|START_SET|START_BOX|PEN_DOWN|PEN_UP)\b/
    .test(first) && /^\.(SEGMENT|PEN_DOWN|COORD|HIERARCHY)\b/m.test(text);
}

/**
 * Reads UNIPEN.
 *
 * @param text Whole lines.
 * @param firstLine The number of the first one; 1 when left out.
 * @param columns Where x and y are until a line says otherwise; the first two when left out.
 * @returns The segments one after another; points before the first are an error of no segment and left out.
 *
 * @example
 * ```ts
 * import { readUnipen } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * const text = '.SEGMENT DIGIT 0 ? "1"\n.COMMENT 1 12\n.PEN_DOWN\n 5 9\n 6 1\n.PEN_UP\n.DT 10\n';
 * const [{ label, comment, strokes }] = readUnipen(text);
 * assertEquals([label, comment, strokes], ["1", ["1", "12"], [[[5, 6], [9, 1]]]]);
 * ```
 */
export function* readUnipen(
  text: string,
  firstLine: number = 1,
  columns: UnipenColumns = FIRST_TWO,
): Generator<UnipenSegment> {
  let segment: Open | undefined;
  let [xColumn, yColumn] = columns;
  let line = firstLine - 1;
  for (const raw of text.split("\n")) {
    line++;
    const words = raw.trim().split(/\s+/);
    const [keyword] = words;
    if (keyword === "") continue;
    if (keyword === ".SEGMENT") {
      if (segment) yield closed(segment);
      const label = /"([^"]*)"\s*$/.exec(raw)?.[1] ?? "";
      const components = { announced: countOf(words[2] ?? ""), inAir: 0 };
      segment = { line, label, comment: [], strokes: [], isDown: false, isUp: false, ...components };
    } else if (keyword === ".COORD") {
      [xColumn, yColumn] = columnsOf(words);
    } else if (segment === undefined) {
      continue;
    } else if (keyword === ".COMMENT") {
      if (segment.comment.length === 0) segment.comment = words.slice(1);
    } else if (keyword === ".PEN_DOWN") {
      segment.strokes.push([[], []]);
      [segment.isDown, segment.isUp] = [true, false];
    } else if (keyword === ".PEN_UP") {
      [segment.isDown, segment.isUp] = [false, true];
    } else if (!keyword.startsWith(".") && segment.isUp) {
      segment.inAir++;
      segment.isUp = false;
    } else if (!keyword.startsWith(".") && segment.isDown) {
      const [x, y] = [Number(words[xColumn]), Number(words[yColumn])];
      if (!Number.isFinite(x) || !Number.isFinite(y)) {
        segment.fault ??= new Reject("not a point", `line ${line}: "${raw.trim().slice(0, 40)}", expected x and y`);
      } else {
        const [xs, ys] = segment.strokes[segment.strokes.length - 1];
        xs.push(x);
        ys.push(y);
      }
    }
  }
  if (segment) yield closed(segment);
}

const FIRST_TWO: UnipenColumns = [0, 1];

const columnsOf = (words: readonly string[]): UnipenColumns => [words.indexOf("X") - 1, words.indexOf("Y") - 1];

/**
 * Where x and y are behind a text, for one that is read piece by piece.
 *
 * @param text Whole lines.
 * @param columns Where they are at its beginning; the first two when left out.
 *
 * @example
 * ```ts
 * import { unipenColumnsAfter } from "./unipen.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(unipenColumnsAfter(".COORD T X Y\n.PEN_DOWN\n"), [1, 2]);
 * ```
 */
export function unipenColumnsAfter(text: string, columns: UnipenColumns = FIRST_TWO): UnipenColumns {
  const last = [...text.matchAll(/^[^\S\n]*(\.COORD(?:[^\S\n].*)?)$/gm)].at(-1);
  return last === undefined ? columns : columnsOf(last[1].trim().split(/\s+/));
}

/** How many components a list of numbers and ranges announces, such as `6-7` or `0,2-3`; 0 where points of them are meant. */
function countOf(components: string): number {
  if (!/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(components)) return 0;
  const ranges = components.split(",").map((range) => range.split("-").map(Number));
  return ranges.reduce((sum, [first, last = first]) => sum + last - first + 1, 0);
}

/** A segment that goes on. */
interface Open {
  readonly line: number;
  readonly label: string;
  comment: readonly string[];
  readonly strokes: [number[], number[]][];
  /** Whether the pen was put down last, or was lifted and has no point in the air yet. */
  isDown: boolean;
  isUp: boolean;
  /** How many components it announces, and paths of the pen in the air that it has. */
  readonly announced: number;
  inAir: number;
  fault?: Reject;
}

/** A segment at its end: strokes without a point, of a pen that was lifted again at once, are none. */
function closed({ line, label, comment, strokes, isDown, announced, inAir, fault }: Open): UnipenSegment {
  const drawn = strokes.filter(([xs]) => xs.length > 0);
  const found = strokes.length + inAir;
  const open = isDown
    ? new Reject("cut", "the pen is never lifted: .PEN_UP is missing")
    : drawn.length === 0
    ? new Reject("no points", "nothing was written")
    : found < announced
    ? new Reject("cut", `.SEGMENT announces ${counted(announced, "stroke")}, found ${found}`)
    : undefined;
  const wrong = fault ?? open;
  const isOpen = open !== undefined;
  return { line, label, comment, strokes: drawn, isOpen, ...(wrong ? { fault: wrong } : {}) };
}
