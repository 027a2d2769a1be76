/**
 * Answers that were written, counted: whole ones and characters that are right, and by the kinds of their queries.
 *
 * T characters of an answer.
 *
 * @module
 */
import { kindsOf, parseSum } from "./sums.ts";

/** An answer that was written. */
export interface WrittenAnswer {
  /** The query as a text; undefined where the data has none. */
  readonly query?: string | undefined;
  /** The right answer. */
  readonly right: string;
  /** What the model wrote. */
  readonly written: string;
  /** How likely the model finds what it wrote, 0 to 1. */
  readonly confidence: number;
}

/** Shares that are right, 0 to 1. */
export interface RightShares {
  /** How many answers were written. */
  readonly examples: number;
  /** Whole answers. */
  readonly answers: number;
  /** Characters, spaces in front included. */
  readonly characters: number;
}

/** What is told of answers, safe to store as JSON. */
export interface SequencesScore extends RightShares {
  /** Characters that are right at each place, [T]. */
  readonly places: readonly number[];
  /** Characters that are right where every answer is the same: of one character alone, and of the best one at each place. */
  readonly baselines: {
    readonly alike: { readonly character: string; readonly characters: number };
    readonly constant: { readonly answer: string; readonly characters: number };
  };
  /** By the kinds of queries that are sums; a query is of several. Empty where none is a sum. */
  readonly kinds: readonly (RightShares & { readonly kind: string })[];
  /** Wrong answers, those of which the model was surest. */
  readonly mistakes: readonly WrittenAnswer[];
  /** How many beginnings of an answer were kept while it was written. */
  readonly beam: number;
}

/** Which sums were answered rightly: of a sign, by their numbers. */
export interface SumMap {
  /** The sign, such as `+`. */
  readonly sign: string;
  /** Numbers are 0 to side - 1. */
  readonly side: number;
  /** 0 where a + b was not asked, 1 where the answer was right, 2 where it was wrong: [side, side], a row an a. */
  readonly cells: Uint8Array<ArrayBuffer>;
}

class Counter {
  examples = 0;
  answers = 0;
  characters = 0;

  add(hits: number, length: number): void {
    this.examples++;
    this.answers += Number(hits === length);
    this.characters += hits / length;
  }

  get shares(): RightShares {
    const { examples, answers, characters } = this;
    return { examples, answers: answers / examples, characters: characters / examples };
  }
}

/** Counts answers as they come. */
export class SequenceTally<Context> {
  readonly #all = new Counter();
  readonly #kinds = new Map<string, Counter>();
  readonly #hits: number[];
  /** How often each character stands at each place. */
  readonly #counts: Map<string, number>[];
  readonly #sums: { readonly sign: string; readonly a: number; readonly b: number; readonly isRight: boolean }[] = [];
  #worst: { readonly answer: WrittenAnswer; readonly context: Context }[] = [];

  /** @param limits T, and how many mistakes are kept. */
  constructor(private readonly limits: { readonly length: number; readonly mistakes: number }) {
    this.#hits = new Array<number>(limits.length).fill(0);
    this.#counts = Array.from({ length: limits.length }, () => new Map());
  }

  /** @param contextOf What is kept with a mistake; asked for only where it may be one of those that are kept. */
  add(answer: WrittenAnswer, contextOf: () => Context): void {
    const { length, mistakes } = this.limits;
    const [right, written] = [answer.right, answer.written].map((text) => text.split(""));
    let hits = 0;
    for (let t = 0; t < length; t++) {
      const isHit = right[t] === written[t];
      hits += Number(isHit);
      this.#hits[t] += Number(isHit);
      this.#counts[t].set(right[t], (this.#counts[t].get(right[t]) ?? 0) + 1);
    }
    this.#all.add(hits, length);
    const sum = answer.query === undefined ? undefined : parseSum(answer.query);
    if (sum) {
      this.#sums.push({ ...sum, isRight: hits === length });
      for (const kind of kindsOf(sum, answer.right)) {
        const counter = this.#kinds.get(kind) ?? new Counter();
        this.#kinds.set(kind, counter);
        counter.add(hits, length);
      }
    }
    if (hits === length) return;
    const last = this.#worst.at(-1);
    if (this.#worst.length === mistakes && last && last.answer.confidence >= answer.confidence) return;
    const at = this.#worst.findIndex((other) => other.answer.confidence < answer.confidence);
    this.#worst.splice(at < 0 ? this.#worst.length : at, 0, { answer, context: contextOf() });
    this.#worst = this.#worst.slice(0, mistakes);
  }

  /** @throws {RangeError} When nothing was added. */
  finish(): Omit<SequencesScore, "beam"> & { readonly contexts: readonly Context[]; readonly maps: readonly SumMap[] } {
    const { examples } = this.#all;
    if (examples === 0) throw new RangeError("Cannot evaluate: there are no examples");
    const { length } = this.limits;
    const together = new Map<string, number>();
    for (const counts of this.#counts) {
      for (const [character, count] of counts) together.set(character, (together.get(character) ?? 0) + count);
    }
    const [alike, most] = commonest(together);
    const best = this.#counts.map(commonest);
    const total = best.reduce((sum, [, count]) => sum + count, 0);
    return {
      ...this.#all.shares,
      places: this.#hits.map((hits) => hits / examples),
      baselines: {
        alike: { character: alike, characters: most / (examples * length) },
        constant: { answer: best.map(([character]) => character).join(""), characters: total / (examples * length) },
      },
      kinds: [...this.#kinds].map(([kind, counter]) => ({ kind, ...counter.shares }))
        .toSorted((one, other) => rank(one.kind) - rank(other.kind) || byText(one.kind, other.kind)),
      mistakes: this.#worst.map(({ answer }) => answer),
      contexts: this.#worst.map(({ context }) => context),
      maps: this.#maps(),
    };
  }

  #maps(): SumMap[] {
    const side = 1 + this.#sums.reduce((most, { a, b }) => Math.max(most, a, b), 0);
    if (side > MOST_SIDE) return [];
    const bySign = Map.groupBy(this.#sums, ({ sign }) => sign);
    return [...bySign].toSorted(([one], [other]) => byText(one, other)).map(([sign, sums]) => {
      const cells = new Uint8Array(side * side);
      for (const { a, b, isRight } of sums) {
        const at = a * side + b;
        cells[at] = Math.max(cells[at], isRight ? 1 : 2);
      }
      return { sign, side, cells };
    });
  }
}

const byText = (one: string, other: string) => one < other ? -1 : Number(one > other);

/** Cells a side of a map at most: nobody sees the single sums of a larger one. */
const MOST_SIDE = 1000;

/** Kinds of digits come last. */
const rank = (kind: string) => /^\d/.test(kind) ? 1 : 0;

function commonest(counts: ReadonlyMap<string, number>): readonly [character: string, count: number] {
  return [...counts].reduce((one, other) =>
    other[1] > one[1] || other[1] === one[1] && other[0] < one[0] ? other : one
  );
}
