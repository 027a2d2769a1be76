/**
 * Real pictures of characters, which drawn ones are held against.
 *
 * N pictures, V characters of the alphabet, S pixels a side.
 *
 * @module
 */
import type { Batch } from "../../pipelines/dataset.ts";
import { fieldOf } from "../../pipelines/batches/batch_fields.ts";

/** Pictures of each character kept, at most. */
const KEPT = 100;

/** Real pictures by their characters. */
export class GlyphPool {
  readonly #pictures = new Map<number, Float32Array[]>();

  /** @param fields Those of characters, uint8 [T], and of their pictures, uint8 [T, S, S]; `side` is S. */
  constructor(private readonly fields: { readonly answer: string; readonly field: string; readonly side: number }) {}

  /** Takes from examples what is missing of each character. */
  add(batch: Batch): void {
    const { answer, field, side } = this.fields;
    const cells = side * side;
    const bytes = fieldOf(batch, field);
    Array.from(fieldOf(batch, answer), (character, i) => {
      const kept = this.#pictures.get(character) ?? [];
      if (kept.length >= KEPT) return;
      this.#pictures.set(character, kept);
      kept.push(Float32Array.from({ length: cells }, (_, at) => bytes[i * cells + at] / 255));
    });
  }

  /** The characters of which there are pictures, ascending. */
  get characters(): readonly number[] {
    return [...this.#pictures.keys()].toSorted((one, other) => one - other);
  }

  /** The pictures of a character, 0 paper to 1 ink, each [S S]; none where there are none. */
  of(character: number): readonly Float32Array[] {
    return this.#pictures.get(character) ?? [];
  }

  /** The mean picture of a character that there is, [S S]. */
  meanOf(character: number): Float32Array {
    const pictures = this.of(character);
    return pictures[0].map((_, at) => pictures.reduce((sum, picture) => sum + picture[at], 0) / pictures.length);
  }
}
