/**
 * Options that not every conversion reads: refused where nothing can read them, told where nothing has.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import { FORMATS } from "../formats/formats.ts";
import type { DrawingRecord } from "../formats/quickdraw/drawing_record.ts";
import type { Fitting, FormatFile } from "./format_reader.ts";
import { isPictures } from "./picture_files.ts";

/** The options, by what they are called among settings. */
const SOME_READ = { className: "--class", fit: "--fit", epsilon: "--epsilon", skipBad: "--skip-bad", array: "--array" };

/** What is written, and the options that were given. */
type Given = { readonly to: string } & { readonly [Name in keyof typeof SOME_READ]?: unknown };

/** The formats that have no room for a class. */
const CLASSLESS = ["binary", "bitmap-npy", "bitmap-bin", "idx"];
/** The formats whose drawings are all simplified already. */
const SIMPLIFIED = ["ndjson", "binary", "sketchrnn", "shards"];

/** Whether a file is written as one table or one array, and not an item after another. */
export function wholeOf(
  { format, holds }: FormatFile,
  to: string,
): { readonly isTable: boolean; readonly isArray: boolean } {
  const isTable = format.name === "shards" && to === "parquet";
  return { isTable, isArray: !isTable && !isPictures(to) && (holds === "arrays" || to === "npy") };
}

/** @throws {InputError} When an option is given that nothing reads where a file becomes what is asked for. */
export function checkRead(file: FormatFile, given: Given): void {
  const { to } = given;
  const why = unreadOf(file, given);
  for (const [name, flag] of Object.entries(SOME_READ)) {
    const value = given[name as keyof typeof SOME_READ];
    const reason = why[name as keyof typeof SOME_READ];
    if (value === undefined || value === false || value === "" || reason === undefined) continue;
    throw new InputError(`${flag}: not where ${file.path} becomes ${to}, which ${reason}`);
  }
}

/** Whether the drawings of a file are taken as they are: they are simplified already. */
const isTakenAsItIs = ({ holds, format }: FormatFile, fit: unknown): boolean =>
  holds === "drawings" && !fit && SIMPLIFIED.includes(format.name);

/**
 * Checks that how drawings are to be simplified is read where those of a file are read or traced.
 *
 * @param isTraced Whether its bitmaps or its picture are traced, where it holds such.
 * @throws {InputError} When an option is given that nothing reads.
 */
export function checkFitting(file: FormatFile, { fit, epsilon }: Fitting, isTraced: boolean = true): void {
  const { path, holds } = file;
  const refuse = (flag: string, why: string) => new InputError(`${flag}: not with ${path}, ${why}`);
  const how = isTraced ? "which is traced" : "which is taken as it is";
  if (fit && holds !== "drawings") throw refuse("--fit", how);
  if (epsilon === undefined) return;
  if (isTakenAsItIs(file, fit)) {
    throw refuse("--epsilon", "whose drawings are taken as they are; --fit has them simplified");
  }
  if (holds !== "drawings" && !isTraced) throw refuse("--epsilon", how);
}

/** Why options are not read; those that are read are left out. */
function unreadOf(
  file: FormatFile,
  { to, fit }: Given,
): { readonly [Name in keyof typeof SOME_READ]?: string | undefined } {
  const { holds } = file;
  const { isTable, isArray } = wholeOf(file, to);
  const allOf = (why: string) => ({ className: why, fit: why, epsilon: why, skipBad: why, array: why });
  if (isTable) return allOf("is a whole table");
  if (isArray) return { ...allOf("is an array as a whole"), array: undefined };
  if (holds === "bitmaps" && to !== "svg" && (isPictures(to) || FORMATS[to].holds !== "drawings")) {
    return { ...allOf("is bitmaps as they are"), ...isPictures(to) ? { className: undefined } : {} };
  }
  const isDrawn = holds === "drawings";
  const drawings = "is drawings, one after another";
  return {
    array: drawings,
    ...isDrawn ? {} : { fit: drawings },
    ...CLASSLESS.includes(to) ? { className: "has no classes" } : {},
    ...isTakenAsItIs(file, fit) ? { epsilon: "is drawings as they are; --fit has them simplified" } : {},
  };
}

/** Sees whether options are read for which it is what the files hold that decides. */
export class OptionsRead {
  #isFit = false;
  #isClass = false;

  constructor(readonly given: { readonly className?: string; readonly epsilon?: number }) {}

  /** A drawing was simplified. */
  readonly onFit = (): void => {
    this.#isFit = true;
  };

  /** A drawing or a bitmap is of a class, by itself or by the option. */
  seeClass(word: DrawingRecord["word"] = this.given.className): void {
    this.#isClass ||= word === this.given.className;
  }

  /** What is to be said of the others. */
  notes(): string[] {
    const { className, epsilon } = this.given;
    return [
      ...(className && !this.#isClass ? [`--class ${className}: nothing is of it, for all name their own class`] : []),
      ...(epsilon !== undefined && !this.#isFit
        ? [`--epsilon ${epsilon}: nothing was simplified, for no drawing is raw; --fit has all simplified`]
        : []),
    ];
  }
}
