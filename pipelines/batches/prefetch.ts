/**
 * Batches read ahead in a Worker, so that the training loop does not wait for the disk.
 *
 * @module
 */
import { type BatchOptions, type BatchReply, type BatchRequest, checkBatchOptions, type PlacedBatch } from "./batch.ts";
import { InputError } from "../base/errors.ts";
import { toDefect } from "../base/worker_pool.ts";

/**
 * Reads batches in a Worker, some ahead of the reader. The same batches as {@linkcode readBatches}.
 *
 * @param ahead Batches that are made before they are asked for, 1 or more; 4 when left out.
 * @returns The batches; the Worker ends with the loop that reads them.
 * @throws {RangeError} As {@linkcode readBatches}, and when `ahead` is not 1 or more.
 * @throws {InputError} As {@linkcode readBatches}.
 *
 * @example
 * ```ts
 * import { encodeDrawing, prefetchBatches, quickdraw, ShardWriter } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * const writer = await ShardWriter.create({ folder: `${folder}/shards`, dataset: quickdraw });
 * await writer.add([{ key: 1n, className: "line", split: "test", payload: encodeDrawing([[[0, 255], [9, 7]]]) }]);
 * await writer.finish({ sources: [], filters: {}, rejects: {} });
 *
 * const options = { folder: `${folder}/shards`, split: "test", batchSize: 32, fields: ["stroke_index"] } as const;
 * for await (const { epoch, size } of prefetchBatches({ ...options, epochs: 1 })) assertEquals([epoch, size], [0, 1]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function* prefetchBatches(options: BatchOptions, ahead: number = 4): AsyncGenerator<PlacedBatch> {
  using workers = new BatchWorkers();
  yield* workers.read(options, ahead);
}

/**
 * Workers that read batches, one reading after another: to start one takes longer than to read a small split. Those that
 * wait for their next reading end with this; those that read end with the loop that reads.
 */
export class BatchWorkers implements Disposable {
  readonly #waiting: Worker[] = [];
  #isClosed = false;

  /** As {@linkcode prefetchBatches}. */
  async *read(options: BatchOptions, ahead: number = 4): AsyncGenerator<PlacedBatch> {
    checkBatchOptions(options, ahead);
    const worker = this.#waiting.pop() ?? new Worker(new URL("./batch_worker.ts", import.meta.url), { type: "module" });
    const arrived: BatchReply[] = [];
    let wake = () => {};
    worker.onmessage = ({ data }: MessageEvent<BatchReply>) => {
      arrived.push(data);
      wake();
    };
    worker.onerror = (event) => {
      event.preventDefault();
      arrived.push({ error: { name: "Error", message: `the batch Worker died: ${event.message}` } });
      wake();
    };
    const ask = (request: BatchRequest) => worker.postMessage(request);
    const answer = async () => {
      if (arrived.length === 0) await new Promise<void>((resolve) => wake = resolve);
      const reply = arrived.shift()!;
      if (!("error" in reply)) return reply.batch;
      throw reply.error.name === "InputError" ? new InputError(reply.error.message) : toDefect(reply.error);
    };
    let isRead = false;
    try {
      ask({ open: options });
      for (let i = 0; i < ahead; i++) ask("next");
      for (let batch = await answer(); batch !== undefined; batch = await answer()) {
        ask("next");
        yield batch;
      }
      for (let i = 1; i < ahead; i++) await answer(); // asked for, and beyond the end too
      isRead = true;
    } finally {
      if (isRead && !this.#isClosed) this.#waiting.push(worker);
      else worker.terminate();
    }
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    for (const worker of this.#waiting.splice(0)) worker.terminate();
  }
}
