/** Ranks of a training without processes: several within this one. */
import type { Ranks } from "../../models/gradients/ranks.ts";
import { averageOf } from "../../tasks/mpi/average.ts";

/** So many ranks, each of which waits until all have asked for the same. */
export function ranksOfOne(size: number): Ranks[] {
  const asked: { readonly values: unknown; readonly resolve: () => void }[][] = Array.from({ length: size }, () => []);

  /** Waits for the others, and does something once with what all have brought. */
  function meet<T>(rank: number, values: T, once: (all: readonly T[]) => void): Promise<void> {
    const met = Promise.withResolvers<void>();
    asked[rank].push({ values, resolve: met.resolve });
    while (asked.every(({ length }) => length > 0)) {
      const all = asked.map((queue) => queue.shift()!);
      once(all.map(({ values }) => values as T));
      for (const { resolve } of all) resolve();
    }
    return met.promise;
  }

  return Array.from({ length: size }, (_, rank) => ({
    ...{ rank, size },
    exchange(): never {
      throw new Error("one thread cannot wait for itself");
    },
    average(values, counts) {
      return meet(rank, values, (all) => {
        const { length } = all[0];
        const received = new Float32Array(size * length);
        all.forEach((values, i) => received.set(values, i * length));
        for (const values of all) averageOf(received, counts, values);
      });
    },
    async gather(bytes) {
      const found = { all: [] as Uint8Array<ArrayBuffer>[] };
      await meet(rank, { bytes: bytes.slice(), found }, (all) => {
        for (const { found } of all) found.all = all.map(({ bytes }) => bytes);
      });
      return found.all;
    },
  }));
}
