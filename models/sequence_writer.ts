/**
 * What a model is that writes sequences of characters: an answer a query, of a fixed length.
 *
 * B batch, T characters of an answer.
 *
 * @module
 */
import type { Batch } from "../pipelines/dataset.ts";

/** How answers are looked for. */
export interface WriteOptions {
  /**
   * How many beginnings of an answer are kept while it is written, 1 or more: with 1, the default, each character is the
   * likeliest one behind those before it; with more the likeliest answer of those found.
   */
  readonly beam?: number;
}

/** What was written. */
export interface WrittenSequences {
  /** The characters, places in the alphabet, as they are read: int32 [B, T]. */
  readonly characters: Int32Array<ArrayBuffer>;
  /** The natural logarithm of the probability of each answer as a whole: [B]. */
  readonly logProbs: Float32Array<ArrayBuffer>;
}

/** Writes sequences. */
export interface SequenceWriter {
  /** The field that queries are read from. */
  readonly reads: string;
  /** The field that holds the right answers, uint8 [T]. */
  readonly field: string;
  /** T, the characters of an answer. */
  readonly length: number;
  /** How many characters there are to choose from. */
  readonly alphabetSize: number;
  /**
   * Writes an answer to each query of a batch.
   *
   * @throws {RangeError} When the beam is not a whole number, 1 or more.
   */
  write(batch: Batch, options?: WriteOptions): Promise<WrittenSequences>;
}
