/**
 * In which order examples come: shuffled by a seed alone, or drawn so that every class comes equally often. Browser safe.
 *
 * @module
 */
import { Prng } from "../base/prng.ts";

/** The whole numbers below `length`, shuffled by a seed and what it is mixed with, or in order without one. */
export function orderOf(length: number, seed: number | undefined, mixed: readonly number[]): Uint32Array {
  return seed === undefined ? Uint32Array.from({ length }, (_, i) => i) : new Prng(seed, ...mixed).permutation(length);
}

/** How examples are put into batches of like length. */
export interface AlikeOptions {
  /** The length of an example by its row. */
  lengthOf(row: number): number;
  /** B, examples a batch. */
  readonly batchSize: number;
  /** Examples that come before these, whose last batch is filled up first. */
  readonly before: number;
  /** Of the order of the batches; the shortest first without one. */
  readonly seed: number | undefined;
  /** What the seed is mixed with. */
  readonly mixed: readonly number[];
}

/**
 * The same rows in another order, in which every B of them, counted from the first of the epoch on, are of like length:
 * sorted, cut into batches, and these shuffled. Rows of one length stay in the order in which they were. The longest fill up
 * the last batch before, and begin the next one that is not full.
 */
export function alikeOrder(
  rows: Uint32Array,
  { lengthOf, batchSize, before, seed, mixed }: AlikeOptions,
): Uint32Array {
  const sorted = Array.from(rows, (row) => ({ row, length: lengthOf(row) })).sort((a, b) => a.length - b.length);
  const filling = Math.min(rows.length, (batchSize - before % batchSize) % batchSize);
  const whole = Math.floor((rows.length - filling) / batchSize);
  const batches = [...orderOf(whole, seed, [3, ...mixed])].map((i) => [i * batchSize, batchSize]);
  const [rest, end] = [whole * batchSize, rows.length - filling];
  const cuts = [[end, filling], ...batches, [rest, end - rest]];
  const ordered = cuts.flatMap(([from, length]) => sorted.slice(from, from + length));
  return Uint32Array.from(ordered, ({ row }) => row);
}

/** Where an example is. */
export interface ExamplePlace {
  /** The shard's place in its split, 0-based. */
  readonly shard: number;
  /** The row in the shard, 0-based. */
  readonly row: number;
}

/** The examples of a class, shard by shard. */
type ClassRows = readonly { readonly shard: number; readonly rows: readonly number[] }[];

/**
 * An endless order in which every class comes equally often. Of every K draws, for K classes that have examples, each class
 * gets one, in a shuffled order; a class's draws go through its examples in passes, each of them once a pass, shuffled anew.
 * A draw follows from its number alone.
 */
export class BalancedOrder {
  readonly #seed: number | undefined;
  readonly #classes: readonly { readonly label: number; readonly count: number; readonly groups: ClassRows }[];
  /** The pass that each class is in. */
  readonly #passes = new Map<number, { readonly pass: number; readonly places: readonly ExamplePlace[] }>();
  #block: { readonly number: number; readonly classes: Uint32Array } | undefined;

  /**
   * @param labels The label of each row of each shard of a split; not all of them empty.
   * @param seed Of the order; without one classes and examples come in theirs.
   */
  constructor(labels: readonly ArrayLike<number | bigint>[], seed: number | undefined) {
    this.#seed = seed;
    const classes = new Map<number, { shard: number; rows: number[] }[]>();
    labels.forEach((rows, shard) => {
      for (let row = 0; row < rows.length; row++) {
        const label = Number(rows[row]);
        const groups = classes.get(label) ?? [];
        if (groups.at(-1)?.shard === shard) groups.at(-1)!.rows.push(row);
        else groups.push({ shard, rows: [row] });
        classes.set(label, groups);
      }
    });
    this.#classes = [...classes].sort(([a], [b]) => a - b).map(([label, groups]) => {
      return { label, groups, count: groups.reduce((sum, { rows }) => sum + rows.length, 0) };
    });
  }

  /**
   * A draw.
   *
   * @param number Of all draws, 0-based.
   */
  place(number: number): ExamplePlace {
    const block = Math.floor(number / this.#classes.length);
    if (this.#block?.number !== block) {
      this.#block = { number: block, classes: orderOf(this.#classes.length, this.#seed, [0, 0, block]) };
    }
    const { label, count, groups } = this.#classes[this.#block.classes[number % this.#classes.length]];
    const pass = Math.floor(block / count); // each class has had one draw in each block before
    let current = this.#passes.get(label);
    if (current?.pass !== pass) {
      this.#passes.set(label, current = { pass, places: this.#shuffled(groups, label, pass) });
    }
    return current.places[block % count];
  }

  /** The examples of a class in the order of a pass: its shards, in the order of all classes, and the rows of each. */
  #shuffled(groups: ClassRows, label: number, pass: number): ExamplePlace[] {
    return [...orderOf(groups.length, this.#seed, [1, 0, pass])].flatMap((place) => {
      const { shard, rows } = groups[place];
      const order = orderOf(rows.length, this.#seed, [2, label, pass, shard]);
      return Array.from(order, (i) => ({ shard, row: rows[i] }));
    });
  }
}
