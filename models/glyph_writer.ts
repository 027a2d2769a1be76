/**
 * What a model is that writes answers as pictures of their characters.
 *
 * B batch, T characters of an answer, S pixels a side.
 *
 * @module
 */
import type { Batch } from "../pipelines/dataset.ts";
import type { WriteOptions } from "./sequence_writer.ts";

/** How pictures of answers are drawn. */
export interface DrawGlyphsOptions extends WriteOptions {
  /** Of what is random in the pictures, 0 to 4294967295. */
  readonly seed: number;
  /** The place of the batch's first example among all, on which its pictures depend; 0 when left out. */
  readonly firstExample?: number;
  /** How far latents are from the middle, times what was learnt: 1, the default; 0 draws always the most ordinary picture. */
  readonly temperature?: number;
}

/** Answers that were drawn. */
export interface DrawnGlyphs {
  /** What was to be drawn: the characters that the model wrote, places in the alphabet, int32 [B, T]. */
  readonly characters: Int32Array<ArrayBuffer>;
  /** The pictures, 0 paper and 255 ink: [B, T, S, S]. */
  readonly pictures: Uint8Array<ArrayBuffer>;
}

/** Writes answers as pictures. */
export interface GlyphWriter {
  /** The field that queries are read from. */
  readonly reads: string;
  /** The field that holds the right answers' characters, uint8 [T]. */
  readonly answer: string;
  /** The field that holds pictures of the right answers, uint8 [T, S, S]. */
  readonly field: string;
  /** T. */
  readonly length: number;
  /** S. */
  readonly side: number;
  /**
   * Draws the answer to each query of a batch.
   *
   * @throws {RangeError} When the beam is not a whole number, 1 or more.
   */
  draw(batch: Batch, options: DrawGlyphsOptions): Promise<DrawnGlyphs>;
}
