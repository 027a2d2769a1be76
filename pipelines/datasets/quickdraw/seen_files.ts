/**
 * What is to be told of files of drawings that nobody said: which splits are their own, and what was done to offsets.
 *
 * @module
 */
import { SPLITS } from "../../base/split.ts";
import { counted, grouped } from "../../base/text.ts";
import type { AnyPiece } from "../../formats/quickdraw/drawing_pieces.ts";
import { GOOGLE_EPSILON } from "../../formats/quickdraw/simplify_raw.ts";

/** What was asked for. */
export interface SeenOptions {
  readonly fit: boolean;
  readonly epsilon: number;
  readonly splits: string;
}

/** Drawings of so many points, and so many of them, do not all go right and down alone. */
const [LEAST_POINTS, LEAST_DRAWINGS] = [4, 10];

/** Counts drawings while their files are cut. */
export class SeenFiles {
  readonly #splits = { train: 0, valid: 0, test: 0 };
  #outside = 0;
  #hasOthers = false;
  #hasFitted: boolean;
  readonly #passedOver = new Set<string>();
  #hasOffsets = false;
  /** Drawings that go right and down alone, until there is another. */
  #oneWay = 0;
  #hasReturns = false;

  constructor(readonly options: SeenOptions) {
    this.#hasFitted = options.fit;
  }

  /** Counts a piece. */
  add({ text, vectors, table }: AnyPiece): void {
    for (const column of table?.others ?? []) this.#passedOver.add(column);
    this.#hasOffsets ||= table?.form === "stroke3";
    this.#hasFitted ||= text?.isFree === true;
    this.#hasOthers ||= vectors === undefined;
    if (vectors === undefined) return;
    this.#splits[vectors.split] += vectors.points.length;
    this.#outside += vectors.outside;
    if (!this.#hasReturns) this.#countOneWay(vectors);
  }

  #countOneWay({ vectors, points }: NonNullable<AnyPiece["vectors"]>): void {
    let at = 0;
    for (const count of points) {
      const steps = vectors.subarray(at + 3, at += 3 * count); // the first says where the drawing begins
      if (count < LEAST_POINTS) continue;
      if (steps.some((step) => step < 0)) this.#hasReturns = true;
      else this.#oneWay++;
    }
  }

  /** Lines for the index and the summary. */
  get notes(): string[] {
    const { fit, epsilon, splits } = this.options;
    const notes: string[] = [];
    if (splits === "own" && SPLITS.some((split) => this.#splits[split] > 0)) {
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
    if (this.#oneWay >= LEAST_DRAWINGS && !this.#hasReturns) {
      notes.push("no line of Sketch-RNN's drawings goes left or up: its numbers are steps, are these places?");
    }
    if (this.#hasOffsets && !fit) {
      notes.push(
        "drawings of Parquet's stroke-3 that lie outside 0..255 are moved there and made smaller where larger",
      );
    }
    if (this.#passedOver.size > 0) notes.push(`columns that are not read: ${[...this.#passedOver].join(", ")}`);
    if (epsilon !== GOOGLE_EPSILON && !this.#hasFitted) {
      notes.push(`--epsilon ${epsilon} was not used: it is of --fit and SVG`);
    }
    return notes;
  }
}
