/**
 * The Worker behind `prefetchBatches`: makes one batch for every "next".
 *
 * @module
 */
import { type BatchReply, type BatchRequest, type PlacedBatch, readBatches } from "./batch.ts";
import { faultOf } from "../base/worker_pool.ts";
import { markWorker } from "../base/spec_module.ts";

/** What is used of a Worker's global scope. */
interface WorkerScope {
  onmessage: (event: MessageEvent<BatchRequest>) => void;
  postMessage(reply: BatchReply, transfer?: Transferable[]): void;
}

markWorker();
const scope = self as unknown as WorkerScope;
let batches: AsyncGenerator<PlacedBatch>;

scope.onmessage = async ({ data: request }) => {
  if (request !== "next") {
    batches = readBatches(request.open);
    return;
  }
  try {
    const { done, value: batch } = await batches.next();
    if (done) return scope.postMessage({ batch: undefined });
    scope.postMessage({ batch }, Object.values(batch.fields).map(({ buffer }) => buffer));
  } catch (error) {
    scope.postMessage({ error: faultOf(error) });
  }
};
