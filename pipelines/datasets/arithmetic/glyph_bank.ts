/**
 * The pictures that sums are written with: handwritten digits, drawn signs, and a blank. Those of train, valid and test are
 * other ones.
 *
 * @module
 */
import type { NdArray } from "../../base/arrays.ts";
import { InputError } from "../../base/errors.ts";
import { defaultsOf } from "../../base/option_table.ts";
import { Prng } from "../../base/prng.ts";
import { type Split, SPLITS } from "../../base/split.ts";
import type { Chunk, Row, RowSink } from "../../dataset.ts";
import type { OpenSource } from "../../sources/source.ts";
import { mnist, MNIST_OPTIONS } from "../mnist.ts";
import { drawSign, GLYPH_SIDE, GLYPHS_PER_SIGN } from "./sign_glyphs.ts";

const PIXELS = GLYPH_SIDE * GLYPH_SIDE;
const BLANK = 0;
/** Never the seed of another stream. */
const SIGN_SEED = 0x7369676e;

/** What was found wrong with pictures of digits, for the Worker that tells of it. */
export interface DigitReport {
  readonly kind: "digits";
  readonly lines: number;
  readonly rejects: readonly (readonly [line: number, reason: string, detail: string])[];
  /** Pictures of a class that is no digit. */
  readonly others: number;
}

/** Tells the sink what a report says. */
export function tellDigits({ lines, rejects, others }: DigitReport, sink: RowSink): void {
  for (const reject of rejects) sink.reject(...reject);
  for (let i = 0; i < others; i++) sink.filter("picture of no digit");
  sink.lines += lines;
}

/** The pictures by what they show. */
export class GlyphBank {
  /** Pictures, uint8 [28, 28] each; a row is a place in it, and the first is the blank. */
  readonly #pictures: Uint8Array[] = [new Uint8Array(PIXELS)];
  /** The rows of each character's pictures, by split. */
  readonly #rows: Readonly<Record<Split, Map<string, number[]>>> = {
    train: new Map(),
    valid: new Map(),
    test: new Map(),
  };

  /**
   * Reads digits as the dataset `mnist` does.
   *
   * @returns What must be told of each piece of the sources.
   * @throws {InputError} As `mnist` does.
   */
  async *read(sources: readonly OpenSource[]): AsyncGenerator<Chunk> {
    const options = defaultsOf(MNIST_OPTIONS);
    for await (const { file, isFirst, content, notes = [] } of mnist.chunks(sources, options, 0)) {
      const found: Row[] = [];
      const rejects: [number, string, string][] = [];
      const sink = collector(found, rejects);
      mnist.parse(content, options, sink);
      const digits = found.filter(({ className }) => /^\d$/.test(className));
      for (const { className, split, payload } of digits) this.#add(className, split!, payload);
      const report: DigitReport = { kind: "digits", lines: sink.lines, rejects, others: found.length - digits.length };
      yield { file, isFirst, isSingle: digits.length > 0, content: report, buffers: [], notes };
    }
  }

  /** Draws each sign for each split, no two alike: there are few ways to draw a minus. */
  addSigns(signs: readonly string[], seed: number): void {
    const drawn = new Set<string>();
    for (const [place, split] of SPLITS.entries()) {
      for (const sign of signs) {
        const prng = new Prng(seed, SIGN_SEED, place, sign.charCodeAt(0));
        for (let i = 0; i < GLYPHS_PER_SIGN;) {
          const picture = drawSign(sign, prng);
          if (drawn.size === drawn.add(picture.join()).size) continue;
          this.#add(sign, split, picture);
          i++;
        }
      }
    }
  }

  #add(character: string, split: Split, picture: Uint8Array): void {
    const rows = this.#rows[split];
    if (!rows.has(character)) rows.set(character, []);
    rows.get(character)!.push(this.#pictures.push(picture) - 1);
  }

  /**
   * Draws a picture of each character of a text.
   *
   * @param out Where the rows go, [text.length].
   * @throws {InputError} When the split has none of one.
   */
  draw(text: string, { split, prng, out }: {
    readonly split: Split;
    readonly prng: Prng;
    readonly out: Uint32Array;
  }): void {
    for (let i = 0; i < text.length; i++) {
      const rows = text[i] === " " ? [BLANK] : this.#rows[split].get(text[i]);
      if (rows === undefined) {
        throw new InputError(
          `the sources have no picture of a ${
            text[i]
          } for ${split}: give the digits 0 to 9 for train, valid and test, as MNIST does`,
        );
      }
      out[i] = rows[prng.integer(rows.length)];
    }
  }

  /** The pictures in the order of their rows, uint8 [rows, 28, 28]. */
  toArray(): NdArray<"uint8"> {
    const data = new Uint8Array(this.#pictures.length * PIXELS); // [rows, 28, 28]
    this.#pictures.forEach((picture, row) => data.set(picture, row * PIXELS));
    return { dtype: "uint8", shape: [this.#pictures.length, GLYPH_SIDE, GLYPH_SIDE], data };
  }
}

/** A sink that keeps whole rows and rejects. */
function collector(found: Row[], rejects: [number, string, string][]): RowSink {
  const refuse = () => {
    throw new TypeError("mnist gives whole rows, and leaves none out");
  };
  const reject = (...told: [number, string, string]) => void rejects.push(told);
  const rows = { reserve: refuse, commit: refuse, add: (row: Row) => void found.push(row) };
  return { rows, reject, damage: refuse, filter: refuse, lines: 0 };
}
