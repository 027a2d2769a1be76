/**
 * What ranks do in step: each tells all others what has become of it, so that none goes on where another failed.
 *
 * @module
 */
import { hostname } from "node:os";
import type { Ranks } from "../../models/gradients/ranks.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { UsageError } from "../cli/option_values.ts";

/** An error that all ranks know of: the first one says it, and all leave in good order. */
export class KnownToAll extends Error {
  /**
   * Makes the error.
   *
   * @param error What is said of it.
   */
  constructor(readonly error: unknown) {
    super("a rank failed");
  }
}

/** What a rank tells the others: what it has made, or why it has not. */
type Told<T> = { readonly host: string } & ({ readonly made: T } | { readonly fault: string });

/** The name of this machine; empty where this process may not know it. */
export function ownHost(): string {
  return Deno.permissions.querySync({ name: "sys", kind: "hostname" }).state === "granted" ? hostname() : "";
}

/** A rank in words, such as `rank 1 on node7`. */
export function rankName(rank: number, host: string): string {
  return `rank ${rank}${host === "" ? "" : ` on ${host}`}`;
}

/**
 * Has each rank make something and gives every one what all have made, in their order.
 *
 * @param make Gives what JSON can hold.
 * @throws {KnownToAll} When one has failed, of several the first one's error.
 */
export async function together<T>(ranks: Ranks, make: () => T | Promise<T>): Promise<T[]> {
  let own: unknown;
  const tell = async (): Promise<Told<T>> => {
    try {
      return { host: ownHost(), made: await make() };
    } catch (error) {
      own = error;
      return { host: ownHost(), fault: textOf(error) };
    }
  };
  const bytes = new TextEncoder().encode(JSON.stringify(await tell()));
  const all = (await ranks.gather(bytes)).map((bytes): Told<T> => JSON.parse(new TextDecoder().decode(bytes)));
  for (const [rank, told] of all.entries()) {
    if (!("fault" in told)) continue;
    throw new KnownToAll(rank === 0 && own ? own : new InputError(`${rankName(rank, told.host)}: ${told.fault}`));
  }
  return all.map((told) => (told as { readonly made: T }).made);
}

/** What another rank says of an error: of a defect, where it is. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof InputError || error instanceof UsageError ? error.message : error.stack ?? error.message;
}
