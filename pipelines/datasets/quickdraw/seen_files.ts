/**
 * What is to be told of files of drawings that nobody said: which splits are their own, and what was done to offsets.
 *
 * @module
 */
import { SPLITS } from "../../base/split.ts";
import { counted, grouped, listWords } from "../../base/text.ts";
import { readPiece } from "../../formats/quickdraw/drawing_file.ts";
import type { AnyPiece } from "../../formats/quickdraw/drawing_pieces.ts";
import { namesOf, PassedOver } from "../../formats/quickdraw/passed_over.ts";
import { hasUnnamedRows } from "../../formats/quickdraw/tables.ts";
import { GOOGLE_EPSILON } from "../../formats/quickdraw/simplify_raw.ts";

/** What was asked for. */
export interface SeenOptions {
  readonly fit: boolean;
  readonly epsilon: number;
  readonly splits: string;
  /** The class of drawings that name none; empty text where none was given. */
  readonly class: string;
}

/** Drawings of so many points, and so many of them, do not all go right and down alone. */
const [LEAST_POINTS, LEAST_DRAWINGS] = [4, 10];

/** What the class may be called by those who do not call it `word`. */
const LIKE_WORD = /^(word|label|class|class_?name|category)$/i;

/** What was seen of a file of Sketch-RNN's. */
interface SeenOffsets {
  readonly file: string;
  /** Drawings that go right and down alone. */
  oneWay: number;
  hasReturns: boolean;
}

/** Counts drawings while their files are cut. */
export class SeenFiles {
  readonly #splits = { train: 0, valid: 0, test: 0 };
  #outside = 0;
  #hasOthers = false;
  #hasFitted: boolean;
  readonly #passedOver = new PassedOver();
  /** Names that may be those of the class, in files that have no `word`. */
  readonly #likeWord = new Set<string>();
  /** Classes that a file lists without a drawing. */
  readonly #emptyClasses = new Set<string>();
  #hasOffsets = false;
  #hasUnnamed = false;
  readonly #offsets: SeenOffsets[] = [];

  constructor(readonly options: SeenOptions) {
    this.#hasFitted = options.fit;
  }

  /** Begins with the next file. */
  begin(file: string): void {
    this.#offsets.push({ file, oneWay: 0, hasReturns: false });
  }

  /** Counts a piece of the file. */
  add(piece: AnyPiece): void {
    const { text, vectors, table } = piece;
    this.#lookAtNames(piece);
    if (text?.word !== undefined && text.bytes.length === 0) this.#emptyClasses.add(text.word);
    this.#hasUnnamed ||= this.options.class !== "" && hasUnnamed(piece);
    this.#hasOffsets ||= table?.form === "stroke3";
    this.#hasFitted ||= text?.isFree === true;
    this.#hasOthers ||= vectors === undefined;
    if (vectors === undefined) return;
    this.#splits[vectors.split] += vectors.points.length;
    this.#outside += vectors.outside;
    this.#countOneWay(vectors);
  }

  #lookAtNames(piece: AnyPiece): void {
    const found = namesOf(piece), { names, columns } = found;
    this.#passedOver.add(found);
    if (names.includes("word") || piece.text?.word !== undefined) return;
    for (const name of columns.filter((name) => LIKE_WORD.test(name))) this.#likeWord.add(name);
  }

  #countOneWay({ vectors, points }: NonNullable<AnyPiece["vectors"]>): void {
    const seen = this.#offsets[this.#offsets.length - 1];
    let at = 0;
    for (const count of seen.hasReturns ? [] : points) {
      const steps = vectors.subarray(at + 3, at += 3 * count); // the first says where the drawing begins
      if (count < LEAST_POINTS) continue;
      if (steps.some((step) => step < 0)) seen.hasReturns = true;
      else seen.oneWay++;
    }
  }

  /** Lines for the index and the summary. */
  get notes(): string[] {
    const { fit, epsilon, splits, class: given } = this.options;
    const notes: string[] = [];
    const hasSplits = SPLITS.some((split) => this.#splits[split] > 0);
    if (splits === "own" && hasSplits) {
      const counts = SPLITS.map((split) => `${grouped(this.#splits[split])} ${split}`).join(", ");
      const besides = this.#hasOthers ? "the same drawing in another file may be in another split: " : "";
      notes.push(
        `Sketch-RNN's drawings are in their files' own splits (${counts}); ${besides}--splits hash deals all alike`,
      );
    }
    if (this.#outside > 0 && !fit) {
      const what = `${counted(this.#outside, "drawing")} of offsets that lay outside 0..255`;
      notes.push(`${what}, moved there and made smaller where larger`);
    }
    for (const { file, oneWay, hasReturns } of this.#offsets) {
      if (oneWay < LEAST_DRAWINGS || hasReturns) continue;
      notes.push(`${file}: no line goes left or up: Sketch-RNN's numbers are steps, are these places?`);
    }
    if (this.#hasOffsets && !fit) {
      notes.push(
        "drawings of Parquet's stroke-3 that lie outside 0..255 are moved there and made smaller where larger",
      );
    }
    notes.push(...this.#passedOver.notes);
    if (this.#emptyClasses.size > 0) notes.push(`classes without a drawing: ${[...this.#emptyClasses].join(", ")}`);
    if (this.#likeWord.size > 0) {
      const found = listWords([...this.#likeWord]);
      notes.push(`no word is beside ${found}: the class is the file's name, or --class; what names it is called word`);
    }
    if (given !== "" && !this.#hasUnnamed) notes.push(`--class ${given} was not used: all drawings name their class`);
    if (splits !== "own" && !hasSplits) {
      notes.push(`--splits ${splits} was not used: it is of Sketch-RNN's files`);
    }
    if (epsilon !== GOOGLE_EPSILON && !this.#hasFitted) {
      notes.push(`--epsilon ${epsilon} was not used: it is of --fit and SVG`);
    }
    return notes;
  }
}

/** Whether some drawing of a piece has no class of its own. */
function hasUnnamed({ text, table }: AnyPiece): boolean {
  if (table !== undefined) return hasUnnamedRows(table);
  if (text === undefined) return true;
  if (text.word !== undefined) return false;
  return readPiece(text).some(({ hasWord }) => {
    try {
      return !hasWord();
    } catch {
      return false; // a reject
    }
  });
}
