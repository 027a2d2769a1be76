/**
 * Sums as texts of one length: which there are, and how they are written. Browser safe.
 *
 * @module
 */

/** What can be done with two numbers, and the sign it is written with. */
export const OPERATIONS = {
  plus: { sign: "+", of: (a: number, b: number) => a + b },
  minus: { sign: "-", of: (a: number, b: number) => a - b },
  times: { sign: "*", of: (a: number, b: number) => a * b },
} as const;

/** What is done with two numbers. */
export type Operation = keyof typeof OPERATIONS;

/** The characters by their codes; a sign of its own comes last, so that it does not move the others. */
const CHARACTERS = "0123456789+- ";

/** Two numbers and what is done with them. */
export interface Expression {
  readonly operation: Operation;
  readonly a: number;
  readonly b: number;
}

/** All sums of the numbers from 0 to a largest one. */
export class Expressions {
  /** In the order in which they are numbered. */
  readonly operations: readonly Operation[];
  /** How many numbers there are. */
  readonly numbers: number;
  /** How many sums there are. */
  readonly count: number;
  /** The characters of a query, such as 7 of "151+ 21". */
  readonly queryLength: number;
  /** The characters of the longest answer. */
  readonly answerLength: number;
  /** A code is a place in it. */
  readonly characters: string;

  /**
   * @param operations In any order.
   * @param max The largest number, 1 or more.
   */
  constructor(operations: readonly Operation[], readonly max: number) {
    this.operations = (Object.keys(OPERATIONS) as Operation[]).filter((name) => operations.includes(name));
    this.numbers = max + 1;
    this.count = this.operations.length * this.numbers ** 2;
    this.queryLength = 2 * String(max).length + 1;
    const extremes = this.operations.flatMap((name) =>
      [[0, max], [max, max]].map(([a, b]) => String(OPERATIONS[name].of(a, b)))
    );
    this.answerLength = Math.max(...extremes.map(({ length }) => length));
    this.characters = CHARACTERS + (this.operations.includes("times") ? OPERATIONS.times.sign : "");
  }

  /** The sum of a number, 0 to {@linkcode Expressions.count} - 1. */
  at(place: number): Expression {
    const { operations, numbers } = this;
    const pair = place % numbers ** 2;
    return {
      operation: operations[Math.floor(place / numbers ** 2)],
      a: Math.floor(pair / numbers),
      b: pair % numbers,
    };
  }

  /** The number of a sum. */
  placeOf({ operation, a, b }: Expression): number {
    return (this.operations.indexOf(operation) * this.numbers + a) * this.numbers + b;
  }

  /** The text of a query: both numbers padded on the left, the sign between them. */
  query({ operation, a, b }: Expression): string {
    const digits = String(this.max).length;
    return String(a).padStart(digits) + OPERATIONS[operation].sign + String(b).padStart(digits);
  }

  /** The text of an answer, padded on the left. */
  answer(expression: Expression): string {
    return String(resultOf(expression)).padStart(this.answerLength);
  }

  /** The codes of a text. */
  encode(text: string): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(text, (character) => this.characters.indexOf(character));
  }
}

/** What a sum comes to. */
export function resultOf({ operation, a, b }: Expression): number {
  return OPERATIONS[operation].of(a, b);
}
