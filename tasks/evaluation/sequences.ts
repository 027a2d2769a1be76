/**
 * The judging of a model that writes sequences: whole answers and characters that are right, by what was asked.
 *
 * B batch, T characters of an answer.
 *
 * @module
 */
import { decodeText, type Field } from "../../pipelines/base/arrays.ts";
import { fieldOf } from "../../pipelines/batches/batch_fields.ts";
import type { Batch } from "../../pipelines/dataset.ts";
import type { Judge } from "./judge.ts";
import { type SequencesScore, SequenceTally, type SumMap } from "./sequence_tally.ts";

/** A row of square grey pictures, 0 paper and 255 ink, from left to right. */
export interface PictureRow {
  /** How many. */
  readonly count: number;
  /** The side of each. */
  readonly side: number;
  /** [count, side, side]. */
  readonly pixels: Uint8Array<ArrayBuffer>;
}

/** What goes with the numbers. */
export interface SequencesPictures {
  /** Of queries that are sums, by their sign. */
  readonly maps: readonly SumMap[];
  /** The pictures that the model read of each of the mistakes, in their order; missing where it read texts. */
  readonly mistakes?: readonly PictureRow[];
}

/** The options of {@linkcode sequencesJudge}. */
export const SEQUENCES_OPTIONS = {
  beam: {
    value: 1,
    help:
      "of a model that writes sequences: beginnings of an answer that are kept while it is written, 1 for the likeliest " +
      "character each time; 1 to 64",
    min: 1,
    max: 64,
    whole: true,
  },
} as const;

const MISTAKES = 24;
/** The field of a query's text. */
const QUERY = "query";

/** Judges a model that writes sequences. */
export const sequencesJudge: Judge<"sequences", SequencesScore, SequencesPictures, typeof SEQUENCES_OPTIONS> = {
  ability: "sequences",
  lacking: "writes no sequences",
  options: SEQUENCES_OPTIONS,
  begin({ sequences: writer }, run, { beam }) {
    const { field, reads, length } = writer;
    const tally = new SequenceTally<PictureRow | undefined>({ length, mistakes: MISTAKES });
    const { [field]: answers, [QUERY]: asked, [reads]: seen } = run.fields;
    return {
      fields: [field, reads, ...asked ? [QUERY] : []],
      readsTrain: false,
      async add(batch) {
        const { characters, logProbs } = await writer.write(batch, { beam });
        const right = textsOf(fieldOf(batch, field), batch, answers);
        const written = textsOf(characters, batch, answers);
        const queries = asked && textsOf(fieldOf(batch, QUERY), batch, asked);
        right.forEach((text, b) => {
          const answer = { query: queries?.[b], right: text, written: written[b], confidence: Math.exp(logProbs[b]) };
          tally.add(answer, () => picturesOf(fieldOf(batch, reads), b, seen));
        });
      },
      finish() {
        const { contexts, maps, ...score } = tally.finish();
        const pictures = contexts.flatMap((row) => row ?? []);
        return {
          score: { ...score, beam },
          pictures: { maps, ...pictures.length > 0 ? { mistakes: pictures } : {} },
        };
      },
    };
  },
};

/** The text of each example; a letter a number, from `a` on, where the data does not say what they stand for. */
export function textsOf(
  codes: ArrayLike<number>,
  { size }: Pick<Batch, "size">,
  { characters = LETTERS }: Partial<Field> = {},
): string[] {
  const length = codes.length / size;
  const all = Array.from(codes);
  const most = all.reduce((max, code) => Math.max(max, code), 0);
  const letters = characters + others(characters.length, most);
  return Array.from({ length: size }, (_, b) => decodeText(all.slice(b * length, (b + 1) * length), letters));
}

/** A letter for each code that the alphabet has none for, the same one every time: no two answers look alike by it. */
function others(first: number, last: number): string {
  const count = Math.max(0, last + 1 - first);
  return String.fromCharCode(...Array.from({ length: count }, (_, i) => OTHERS + first + i));
}

/** The first of the letters that stand for codes without one: Ā and those behind it. */
const OTHERS = 0x100;

/** Characters of an alphabet that the data does not tell. */
export const LETTERS = "abcdefghijklmnopqrstuvwxyz";

/** What a model read of an example, where that was a row of pictures, [B, count, side, side]. */
function picturesOf(all: ArrayLike<number>, b: number, field: Field | undefined): PictureRow | undefined {
  const { dtype, shape: [count, side, width] } = field ?? { dtype: undefined, shape: [] };
  if (dtype !== "uint8" || width === undefined || side !== width) return undefined;
  const size = count * side * side;
  const pixels = Uint8Array.from({ length: size }, (_, i) => all[b * size + i]);
  return { count, side, pixels };
}
