/**
 * Processes that train one model together, as models see them.
 *
 * @module
 */
import type { Model } from "../model.ts";
import { type Share, sharesOf } from "./shares.ts";

/** The processes of a training, each of which asks for the same in the same order. */
export interface Ranks {
  /** This process's place among them, 0-based. */
  readonly rank: number;
  /** How many there are, 1 or more. */
  readonly size: number;
  /**
   * Replaces values by their means over the ranks: the same bits on each of them, and each time.
   *
   * @param values As many on each rank, a multiple of {@linkcode Ranks.size}; not to be touched until the promise is
   * fulfilled.
   * @param counts How much the values of each rank count, 0 or more; the same on each of them.
   * @throws {InputError} When a rank does not answer.
   */
  average(values: Float32Array<SharedArrayBuffer>, counts: readonly number[]): Promise<void>;
  /**
   * Gives each rank what all of them have, in their order.
   *
   * @param bytes Of any length.
   * @throws {InputError} When a rank does not answer.
   */
  gather(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>[]>;
  /**
   * Gives each rank the values of all, in their order, in the middle of a pass: this thread waits for the others.
   *
   * @param values As many on each rank.
   * @returns Views, valid until the next exchange.
   * @throws {InputError} When a rank does not answer.
   */
  exchange(values: Float32Array): Float32Array[];
}

/** What a rank does of a batch. */
export interface RankShare {
  readonly share: Share;
  /** How many examples each rank's share counts. */
  readonly counts: readonly number[];
}

/**
 * A rank's share of a batch. Where there are fewer examples than ranks, the last ones do the last share once more, so that
 * they draw the same random numbers; it counts for nothing.
 */
export function shareOfRank(
  { rank, size }: Pick<Ranks, "rank" | "size">,
  { batch, firstExample }: Share,
  work?: ReturnType<NonNullable<Model["workOf"]>>,
): RankShare {
  const shares = sharesOf(batch, size, work);
  const counts = Array.from({ length: size }, (_, i) => shares[i]?.batch.size ?? 0);
  const own = shares[Math.min(rank, shares.length - 1)];
  const share = { batch: own.batch, firstExample: firstExample + own.firstExample, weight: counts[rank] };
  return { share, counts };
}
