/**
 * How often something may be done, by each client and by all together.
 *
 * @module
 */

/** How often. */
export interface Rate {
  /** So often in a row. */
  readonly burst: number;
  /** And then so often a second. */
  readonly perSecond: number;
}

/** A bucket of `burst` tokens that fills up again: each time takes one. */
class Bucket {
  readonly #rate: Rate;
  #tokens: number;
  #at: number;

  constructor(rate: Rate, now: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#at = now;
  }

  #fill(now: number): void {
    const { burst, perSecond } = this.#rate;
    this.#tokens = Math.min(burst, this.#tokens + (now - this.#at) / 1000 * perSecond);
    this.#at = now;
  }

  isFull(now: number): boolean {
    this.#fill(now);
    return this.#tokens === this.#rate.burst;
  }

  /** Seconds until there is a token. */
  wait(now: number): number {
    this.#fill(now);
    return Math.max(0, 1 - this.#tokens) / this.#rate.perSecond;
  }

  take(): void {
    this.#tokens--;
  }
}

/** So many clients are told apart; those who have not asked for long are forgotten then, and further ones wait. */
const MOST_CLIENTS = 10_000;

/** Counts what clients do. */
export class RateLimit {
  readonly #each: Rate;
  readonly #all: Bucket;
  readonly #clients = new Map<string, Bucket>();

  constructor({ each, all }: { readonly each: Rate; readonly all: Rate }, now: number) {
    this.#each = each;
    this.#all = new Bucket(all, now);
  }

  /**
   * Lets a client do it once more, or says when it may.
   *
   * @param address Of the client; those of IPv6 are told apart by their network, of which one has 2^64.
   * @param now Milliseconds.
   * @returns Seconds to wait, 0 where it may.
   */
  ask(address: string, now: number): number {
    const client = this.#client(networkOf(address), now);
    const wait = Math.max(this.#all.wait(now), client?.wait(now) ?? 1 / this.#each.perSecond);
    if (wait > 0) return wait;
    this.#all.take();
    client?.take();
    return 0;
  }

  #client(network: string, now: number): Bucket | undefined {
    const known = this.#clients.get(network);
    if (known) return known;
    if (this.#clients.size >= MOST_CLIENTS) {
      for (const [other, bucket] of this.#clients) if (bucket.isFull(now)) this.#clients.delete(other);
      if (this.#clients.size >= MOST_CLIENTS) return undefined;
    }
    const bucket = new Bucket(this.#each, now);
    this.#clients.set(network, bucket);
    return bucket;
  }
}

/** The address, of IPv6 the first 64 bits alone. */
function networkOf(address: string): string {
  if (!address.includes(":") || /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(address)) return address;
  const [left, right] = address.split("%")[0].split("::");
  const groups = left === "" ? [] : left.split(":");
  const after = right === undefined || right === "" ? [] : right.split(":");
  return [...groups, ...Array(Math.max(0, 8 - groups.length - after.length)).fill("0"), ...after].slice(0, 4).join(":");
}
