/**
 * Sums as texts and as pictures of handwriting: "151+ 21" and " 172", after an assignment of the course Introduction to
 * Deep Learning, Leiden: all pairs of the numbers 0 to 199, plus and minus, 80,000 queries.
 *
 * Numbers are padded on the left with spaces, so that all queries are of one length, and all answers. A picture of each
 * character is drawn from MNIST's digits (`--source`), or from a few signs made of lines; a space is blank. The pictures
 * lie once beside the shards, `bank-glyph.npz`, and the fields `query_image` and `answer_image` are looked up in it: packed
 * they would take forty times the room.
 *
 * @module
 */
import type { Chunk, Dataset, LabelledRow, RowSink } from "../../dataset.ts";
import { InputError } from "../../base/errors.ts";
import type { OptionValues } from "../../base/option_table.ts";
import { Prng } from "../../base/prng.ts";
import { type Split, SPLITS } from "../../base/split.ts";
import type { Field, Fields, NdArray } from "../../base/arrays.ts";
import { grouped } from "../../base/text.ts";
import type { OpenSource } from "../../sources/source.ts";
import { mnist, MNIST_DOWNLOADS } from "../mnist.ts";
import { Expressions, type Operation, OPERATIONS } from "./expressions.ts";
import { describeLeak, SPLIT_RULES, splitExpressions } from "./expression_splits.ts";
import { type DigitReport, GlyphBank, tellDigits } from "./glyph_bank.ts";
import { GLYPH_SIDE, GLYPHS_PER_SIGN } from "./sign_glyphs.ts";

/** Queries a chunk. */
const AT_ONCE = 4096;
const MAX_NUMBER = 999;
/** Never the seed of another stream. */
const GLYPH_SEED = 0x676c7970;

/** The options of {@linkcode arithmetic}. */
export const ARITHMETIC_OPTIONS = {
  max: {
    value: 199,
    help: `the largest number, the smallest is 0; 1 to ${MAX_NUMBER}`,
    min: 1,
    max: MAX_NUMBER,
    whole: true,
  },
  operations: {
    value: ["plus", "minus"],
    choices: Object.keys(OPERATIONS) as Operation[],
    help: "what is done with each pair of numbers",
  },
  by: {
    value: "query",
    choices: SPLIT_RULES,
    help: "what no two splits share: a query (but a + b and b + a), a pair of numbers (but answers), an answer (but " +
      "numbers), an operand (all queries with a number of the test's are the test's)",
  },
  testShare: { value: 0.1, help: "the share of the queries for the test, 0 to 1 or a percentage", min: 0, max: 1 },
  validShare: { value: 0.1, help: "the share of the queries for validation, 0 to 1 or a percentage", min: 0, max: 1 },
} as const;

type Options = OptionValues<typeof ARITHMETIC_OPTIONS>;

/** Some queries. */
interface QueryChunk {
  readonly kind: "queries";
  /** The number of the first. */
  readonly first: number;
  /** The split of each, a place in `SPLITS`: [n]. */
  readonly splits: Uint8Array<ArrayBuffer>;
  /** The pictures of query and answer, rows of the bank: [n, queryLength + answerLength]. */
  readonly glyphs: Uint32Array<ArrayBuffer>;
}

/**
 * The dataset of sums.
 *
 * @example
 * ```ts
 * import { arithmetic, defaultsOf } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const { query, answer_image } = arithmetic.fields(defaultsOf(arithmetic.options));
 * assertEquals(query, { dtype: "uint8", shape: [7], max: 12, characters: "0123456789+- " });
 * assertEquals(answer_image.shape, [4, 28, 28]);
 * ```
 */
export const arithmetic: Dataset<typeof ARITHMETIC_OPTIONS> = {
  name: "arithmetic",
  url: import.meta.url,
  summary: "Sums of two numbers as texts, and written with MNIST's digits",
  licence: "sums, free for any use; their digits: " + mnist.licence,
  unit: "sum",
  extensions: mnist.extensions,
  smallFiles: [".png"],
  embedded: new URL("../../../fixtures/mnist/", import.meta.url),
  downloads: MNIST_DOWNLOADS,
  picture: { field: "query_image", grey: true, beside: "answer_image" },
  options: ARITHMETIC_OPTIONS,

  fields(options: Options): Fields {
    const { queryLength, answerLength, characters } = expressionsOf(options);
    const text = (length: number): Field => {
      return { dtype: "uint8", shape: [length], max: characters.length - 1, characters };
    };
    const glyphs = (length: number): Field => ({ dtype: "uint32", shape: [length] });
    const pictures = (length: number, by: string): Field => {
      return { dtype: "uint8", shape: [length, GLYPH_SIDE, GLYPH_SIDE], bank: { name: "glyph", by } };
    };
    return {
      query: text(queryLength),
      answer: text(answerLength),
      label: { dtype: "uint8", shape: [] },
      query_glyph: glyphs(queryLength),
      answer_glyph: glyphs(answerLength),
      query_image: pictures(queryLength, "query_glyph"),
      answer_image: pictures(answerLength, "answer_glyph"),
    };
  },

  async *chunks(sources: readonly OpenSource[], options: Options, seed: number): AsyncGenerator<Chunk> {
    const all = expressionsOf(options);
    const bank = new GlyphBank();
    yield* bank.read(sources);
    bank.addSigns(all.operations.map((name) => OPERATIONS[name].sign), seed);
    const splits = splitExpressions(all, options);
    const notes = [
      describeLeak(all, splits, options.by),
      `digits of train, valid and test are other ones, as the sources say; so are the ${GLYPHS_PER_SIGN} pictures of each sign`,
    ];
    for (let first = 0; first < all.count; first += AT_ONCE) {
      const content: QueryChunk = { kind: "queries", first, ...glyphsOf(bank, all, { first, splits, seed }) };
      yield {
        file: `queries from ${grouped(first + 1)} on`,
        isFirst: true,
        content,
        buffers: [content.splits.buffer, content.glyphs.buffer],
        ...(first === 0 ? { notes, banks: { glyph: bank.toArray() } } : {}),
      };
    }
  },

  parse(content: DigitReport | QueryChunk, options: Options, sink: RowSink): void {
    if (content.kind === "digits") return tellDigits(content, sink);
    const all = expressionsOf(options);
    const length = all.queryLength + all.answerLength;
    content.splits.forEach((split, i) => {
      const place = content.first + i;
      const sum = all.at(place);
      const payload = new Uint8Array(5 * length);
      payload.set(all.encode(all.query(sum) + all.answer(sum)));
      const view = new DataView(payload.buffer, length);
      content.glyphs.subarray(i * length, (i + 1) * length).forEach((row, at) => view.setUint32(4 * at, row, true));
      sink.rows.add({ key: BigInt(place), className: sum.operation, split: SPLITS[split], payload });
    });
    sink.lines += content.splits.length;
  },

  pack(rows: readonly LabelledRow[], options: Options): Record<string, NdArray> {
    const { queryLength, answerLength } = expressionsOf(options);
    const n = rows.length;
    const query = new Uint8Array(n * queryLength); // [n, queryLength]
    const answer = new Uint8Array(n * answerLength); // [n, answerLength]
    const queryGlyph = new Uint32Array(query.length); // [n, queryLength]
    const answerGlyph = new Uint32Array(answer.length); // [n, answerLength]
    const length = queryLength + answerLength;
    rows.forEach(({ payload }, i) => {
      query.set(payload.subarray(0, queryLength), i * queryLength);
      answer.set(payload.subarray(queryLength, length), i * answerLength);
      const glyphs = new Uint32Array(payload.slice(length).buffer);
      queryGlyph.set(glyphs.subarray(0, queryLength), i * queryLength);
      answerGlyph.set(glyphs.subarray(queryLength), i * answerLength);
    });
    return {
      query: { dtype: "uint8", shape: [n, queryLength], data: query },
      answer: { dtype: "uint8", shape: [n, answerLength], data: answer },
      label: { dtype: "uint8", shape: [n], data: Uint8Array.from(rows, ({ label }) => label) },
      query_glyph: { dtype: "uint32", shape: [n, queryLength], data: queryGlyph },
      answer_glyph: { dtype: "uint32", shape: [n, answerLength], data: answerGlyph },
    };
  },
};

/** The sums that options ask for. */
function expressionsOf({ operations, max, testShare, validShare }: Options): Expressions {
  if (operations.length === 0) throw new InputError("--operations: name one at least, such as plus");
  if (testShare + validShare > 1) {
    throw new InputError(
      `--test-share ${testShare} and --valid-share ${validShare} are more than all queries together`,
    );
  }
  return new Expressions(operations, max);
}

/** Draws the pictures of some queries; those of each depend on the seed and the query alone. */
function glyphsOf(
  bank: GlyphBank,
  all: Expressions,
  { first, splits, seed }: { readonly first: number; readonly splits: Uint8Array; readonly seed: number },
): Pick<QueryChunk, "splits" | "glyphs"> {
  const length = all.queryLength + all.answerLength;
  const some = splits.slice(first, first + AT_ONCE);
  const glyphs = new Uint32Array(some.length * length); // [n, length]
  some.forEach((split, i) => {
    const sum = all.at(first + i);
    bank.draw(all.query(sum) + all.answer(sum), {
      split: SPLITS[split] as Split,
      prng: new Prng(seed, GLYPH_SEED, first + i),
      out: glyphs.subarray(i * length, (i + 1) * length),
    });
  });
  return { splits: some, glyphs };
}
