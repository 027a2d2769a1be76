/**
 * What the ranks of a training must have in common before it begins.
 *
 * @module
 */
import { arithmeticOf } from "../../models/backends/arithmetic.ts";
import type { Ranks } from "../../models/gradients/ranks.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { thisVersion } from "../runs/provenance.ts";
import { KnownToAll, ownHost, rankName, together } from "./together.ts";

/** What a rank says of itself. */
export interface Introduction {
  /** The name of its machine. */
  readonly host: string;
  /** Each thing that must be the same, in words. */
  readonly says: Readonly<Record<string, string>>;
}

/**
 * Compares the versions of this project and of Deno on all ranks, how their processors compute, and what they were asked for.
 *
 * @param options Gives them by name.
 * @throws {KnownToAll} When they differ, or one does not understand what it was asked for.
 */
export async function agree(ranks: Ranks, options: () => Promise<Readonly<Record<string, unknown>>>): Promise<void> {
  const all = await together(ranks, async (): Promise<Introduction> => {
    const { version, commit } = await thisVersion();
    const asked = Object.entries(await options()).map(([name, value]) => [name, String(value)]);
    const says = {
      "strokewise": commit === undefined ? version : `${version} of commit ${commit}`,
      "Deno": Deno.version.deno,
      "arithmetic": arithmeticOf(),
      ...Object.fromEntries(asked),
    };
    return { host: ownHost(), says };
  });
  const difference = differenceOf(all);
  if (difference !== undefined) throw new KnownToAll(new InputError(`--mpi: ${difference}`));
}

/** How a rank differs from the first one, in words; undefined where none does. */
export function differenceOf(all: readonly Introduction[]): string | undefined {
  const [first] = all;
  for (const [rank, { host, says }] of all.entries()) {
    for (const name of new Set([...Object.keys(first.says), ...Object.keys(says)])) {
      if (says[name] === first.says[name]) continue;
      const [is, was] = [says, first.says].map((said) => said[name] || "none");
      return `${rankName(rank, host)} has ${name} ${is}, ${
        rankName(0, first.host)
      } has ${was}; all ranks need the same`;
    }
  }
  return undefined;
}
