/**
 * The Workers of `prepare`.
 *
 * @module
 */
import { InputError, isMachineFault } from "../base/errors.ts";
import type { SpecAddress } from "../base/spec_module.ts";
import type { ParseReply, ParseRequest, PrepareRequest } from "./prepare_jobs.ts";
import type { ShardEntry } from "../shards/shard_index.ts";
import { type Job, toDefect, type WorkerFault, WorkerPool } from "../base/worker_pool.ts";
import type { PackRequest } from "../shards/pack_shard.ts";

/** Workers that parse chunks and pack shards. */
export class PreparePool implements Disposable {
  readonly #pool: WorkerPool<PrepareRequest, ParseReply | ShardEntry>;
  readonly #dataset: SpecAddress;

  /**
   * @param size Workers, 1 or more.
   * @param dataset Where they find what parses and packs.
   */
  constructor(size: number, dataset: SpecAddress) {
    this.#dataset = dataset;
    const url = new URL("./prepare_worker.ts", import.meta.url);
    this.#pool = new WorkerPool(url, size, toError);
  }

  /** Parses chunks; the results in their order. */
  parse(jobs: AsyncIterable<Job<ParseRequest>>): AsyncGenerator<ParseReply> {
    return this.#pool.map(this.#addressed(jobs)) as AsyncGenerator<ParseReply>;
  }

  /** Packs a shard and writes it. */
  async pack(request: PackRequest): Promise<ShardEntry> {
    const { keys, labels, payloads, lengths } = request;
    const transfer = [keys, labels, payloads, lengths].map(({ buffer }) => buffer);
    return await this.#pool.run({ request: { ...request, dataset: this.#dataset }, transfer }) as ShardEntry;
  }

  async *#addressed(jobs: AsyncIterable<Job<ParseRequest>>): AsyncGenerator<Job<PrepareRequest>> {
    for await (const { request, ...job } of jobs) yield { ...job, request: { ...request, dataset: this.#dataset } };
  }

  [Symbol.dispose](): void {
    this.#pool[Symbol.dispose]();
  }
}

/** A Worker's error; what is the input's or the disk's fault, and a Worker's death, is told in one line. */
function toError(fault: WorkerFault): Error {
  const { name, message } = fault;
  const isExpected = ["InputError", "WorkerError", "PermissionDenied", "NotFound"].includes(name) ||
    isMachineFault(message);
  return isExpected ? new InputError(message) : toDefect(fault);
}
