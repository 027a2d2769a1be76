/**
 * The Workers of `prepare`.
 *
 * @module
 */
import { InputError, isMachineFault } from "../base/errors.ts";
import type { ParseReply, ParseRequest } from "./prepare_jobs.ts";
import type { ShardEntry } from "../shards/shard_index.ts";
import { type Job, WorkerPool } from "../base/worker_pool.ts";
import type { PackRequest } from "../shards/pack_shard.ts";

/** Workers that parse chunks and pack shards. */
export class PreparePool implements Disposable {
  readonly #pool: WorkerPool<ParseRequest | PackRequest, ParseReply | ShardEntry>;

  /** @param size Workers, 1 or more. */
  constructor(size: number) {
    const url = new URL("./prepare_worker.ts", import.meta.url);
    this.#pool = new WorkerPool(url, size, toError);
  }

  /** Parses chunks; the results in their order. */
  parse(jobs: AsyncIterable<Job<ParseRequest>>): AsyncGenerator<ParseReply> {
    return this.#pool.map(jobs) as AsyncGenerator<ParseReply>;
  }

  /** Packs a shard and writes it. */
  async pack(request: PackRequest): Promise<ShardEntry> {
    const { keys, labels, payloads, lengths } = request;
    const transfer = [keys, labels, payloads, lengths].map(({ buffer }) => buffer);
    return await this.#pool.run({ request, transfer }) as ShardEntry;
  }

  [Symbol.dispose](): void {
    this.#pool[Symbol.dispose]();
  }
}

/** A Worker's error; what is the input's or the disk's fault, and a Worker's death, is told in one line. */
function toError(name: string, message: string): Error {
  const isExpected = ["InputError", "WorkerError", "PermissionDenied", "NotFound"].includes(name) ||
    isMachineFault(message);
  return isExpected ? new InputError(message) : new Error(`${name}: ${message}`);
}
