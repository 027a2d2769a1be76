/**
 * The judging of a model that answers in pictures: what a classifier reads in them, how like real ones they are and how
 * varied.
 *
 * B batch, T characters of an answer, S pixels a side.
 *
 * @module
 */
import type { Batch } from "../../pipelines/dataset.ts";
import { concatBytes } from "../../pipelines/base/bytes.ts";
import { fieldOf } from "../../pipelines/batches/batch_fields.ts";
import { CLASSIFIER_OPTION } from "./classifier_option.ts";
import { type ImageClassifier, withClassifier } from "./generation_classes.ts";
import { type GlyphLikeness, type GlyphPair, likenessOf, varietyOf } from "./glyph_likeness.ts";
import { GlyphPool } from "./glyph_pool.ts";
import { placesOf, readGlyphs } from "./glyph_reading.ts";
import type { Judge } from "./judge.ts";
import { LETTERS, type PictureRow, SEQUENCES_OPTIONS, textsOf } from "./sequences.ts";

/** Shares that are read rightly, 0 to 1. */
export interface ReadShares {
  /** Whole answers. */
  readonly answers: number;
  /** Characters, blank ones included. */
  readonly characters: number;
}

/** What a classifier reads. */
export interface GlyphsRead extends Pick<ImageClassifier, "classifier"> {
  /** In pictures drawn: the right answer. */
  readonly drawn: ReadShares;
  /** In pictures drawn: what the model meant to draw. */
  readonly meant: ReadShares;
  /** In the data's own pictures of the right answers: as well as pictures can be read. */
  readonly real: ReadShares;
}

/** An answer that was drawn. */
export interface ShownGlyphs {
  /** As a text; missing where the data has none. */
  readonly query?: string;
  /** The right answer. */
  readonly right: string;
  /** What was to be drawn. */
  readonly written: string;
  /** What was read in the pictures; missing where no classifier was named. */
  readonly read?: string;
}

/** The verdict on a model that answers in pictures, safe to store as JSON. */
export interface GlyphsScore {
  /** How many answers were drawn: the first of the split. */
  readonly answers: number;
  /** How far latents were from the middle of their character's, times what was learnt. */
  readonly temperature: number;
  /** What was meant to be drawn, whether it is read or not. */
  readonly written: ReadShares;
  /** Missing where no classifier was named. */
  readonly read?: GlyphsRead;
  /** Missing where there are no real pictures to compare with. */
  readonly likeness?: GlyphLikeness;
  /** By character, in the alphabet's order. */
  readonly variety: readonly { readonly character: string; readonly drawn: number; readonly real: number }[];
  /** Some answers: first those that were read wrongly, then others. */
  readonly shown: readonly ShownGlyphs[];
}

/** What goes with the numbers. */
export interface GlyphsPictures {
  /** The pictures of the answers that are shown, in their order. */
  readonly shown: readonly PictureRow[];
}

/** The options of {@linkcode glyphsJudge}. */
export const GLYPHS_OPTIONS = {
  classifier: CLASSIFIER_OPTION,
  ...SEQUENCES_OPTIONS,
  glyphTemperature: {
    value: 1,
    help:
      "of a model that answers in pictures: how far latents are from the middle of a character's, times what was learnt; 1 as varied, 0 not at all",
    min: 0,
  },
} as const;

/** Answers that are drawn. */
const ANSWERS = 2000;
/** Answers that are shown: wrong ones, others. */
const [WRONG, OTHERS] = [12, 12];
/** Pictures that are held against real ones. */
const COMPARED = 300;
const QUERY = "query";

/** Judges a model that answers in pictures. */
export const glyphsJudge: Judge<"glyphs", GlyphsScore, GlyphsPictures, typeof GLYPHS_OPTIONS> = {
  ability: "glyphs",
  lacking: "answers in no pictures",
  options: GLYPHS_OPTIONS,
  begin({ glyphs: writer }, run, { classifier: folder, beam, glyphTemperature: temperature }) {
    const { field, answer, length, side } = writer;
    const cells = side * side;
    const { [answer]: alphabet, [QUERY]: asked } = run.fields;
    const texts = (codes: ArrayLike<number>, size: number) => textsOf(codes, { size }, alphabet);
    const characters = alphabet?.characters ?? LETTERS;
    const queries: string[] = [];
    const [rights, writtens]: number[][] = [[], []]; // [N T] each
    const [drawings, reals]: Uint8Array<ArrayBuffer>[][] = [[], []];
    return {
      fields: [writer.reads, answer, field, ...asked ? [QUERY] : []],
      readsTrain: true,
      async add(batch: Batch) {
        const before = rights.length / length, size = Math.min(batch.size, ANSWERS - before);
        if (size <= 0) return;
        if (before === 0 && folder !== "") {
          await withClassifier(
            folder,
            { side, channels: 1 },
            (classifier) => Promise.resolve(placesOf(classifier, characters)),
          );
        }
        const drawn = await writer.draw(batch, { beam, temperature, seed: run.seed, firstExample: before });
        rights.push(...Array.from(fieldOf(batch, answer)).slice(0, size * length));
        writtens.push(...drawn.characters.subarray(0, size * length));
        drawings.push(drawn.pictures.subarray(0, size * length * cells));
        reals.push(Uint8Array.from(fieldOf(batch, field)).subarray(0, size * length * cells));
        if (asked) queries.push(...textsOf(fieldOf(batch, QUERY), batch, asked).slice(0, size));
      },
      async finish(train) {
        if (rights.length === 0) throw new RangeError("Cannot evaluate: there are no examples");
        const answers = rights.length / length;
        const [drawn, real] = [concatBytes(drawings), concatBytes(reals)]; // [N T, S, S] each
        const pool = new GlyphPool(writer);
        for await (const batch of train) pool.add(batch);
        const reading = folder === ""
          ? undefined
          : await withClassifier(folder, { side, channels: 1 }, async (classifier) => {
            const read = (pictures: Uint8Array<ArrayBuffer>) => readGlyphs(pictures, { classifier, pool, characters });
            return { classifier: classifier.classifier, drawn: await read(drawn), real: await read(real) };
          });
        const compare = (found: ArrayLike<number>, wanted: ArrayLike<number>) => sharesOf(found, wanted, length);

        const ink = (pictures: Uint8Array, i: number) =>
          Float32Array.from(pictures.subarray(i * cells, (i + 1) * cells), (byte) => byte / 255);
        const pairs = writtens.flatMap((character, i): GlyphPair[] =>
          character === rights[i] ? [{ character, drawn: ink(drawn, i), real: ink(real, i) }] : []
        );
        const likeness = await likenessOf(pairs.slice(0, COMPARED), pool, side);

        const [right, written] = [rights, writtens].map((codes) => texts(codes, answers));
        const read = reading && texts(reading.drawn, answers);
        const order = right.map((_, b) => b);
        const wrong = order.filter((b) => (read ?? written)[b] !== right[b]).slice(0, WRONG);
        const shown = [...wrong, ...order.filter((b) => !wrong.includes(b)).slice(0, OTHERS)];
        return {
          score: {
            ...{ answers, temperature, written: compare(writtens, rights) },
            ...reading && {
              read: {
                classifier: reading.classifier,
                drawn: compare(reading.drawn, rights),
                meant: compare(reading.drawn, writtens),
                real: compare(reading.real, rights),
              },
            },
            ...likeness && { likeness },
            variety: varietyOf(pairs, pool).map(({ character, ...distances }) => ({
              ...{ character: characters[character], ...distances },
            })),
            shown: shown.map((b) => ({
              ...(asked ? { query: queries[b] } : {}),
              ...{ right: right[b], written: written[b] },
              ...(read ? { read: read[b] } : {}),
            })),
          },
          pictures: {
            shown: shown.map((b) => ({
              ...{ count: length, side, pixels: drawn.slice(b * length * cells, (b + 1) * length * cells) },
            })),
          },
        };
      },
    };
  },
};

/** The shares of whole answers, of T characters each, and of characters that are as wanted. */
function sharesOf(found: ArrayLike<number>, wanted: ArrayLike<number>, length: number): ReadShares {
  const hits = Array.from(wanted, (character, i) => found[i] === character);
  const answers = hits.length / length;
  const whole = Array.from({ length: answers }, (_, b) => hits.slice(b * length, (b + 1) * length).every((hit) => hit));
  return {
    answers: whole.filter((hit) => hit).length / answers,
    characters: hits.filter((hit) => hit).length / hits.length,
  };
}
