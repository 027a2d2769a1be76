/**
 * A Worker of `prepare`: does one job after another.
 *
 * @module
 */
import { parseChunk, type ParseReply, type PrepareRequest } from "./prepare_jobs.ts";
import { markWorker, specAt } from "../base/spec_module.ts";
import type { Dataset } from "../dataset.ts";
import type { ShardEntry } from "../shards/shard_index.ts";
import { type Answer, faultOf } from "../base/worker_pool.ts";
import { packShard } from "../shards/pack_shard.ts";

/** What is used of a Worker's global scope. */
interface WorkerScope {
  onmessage: (event: MessageEvent<PrepareRequest>) => void;
  postMessage(answer: Answer<ParseReply | ShardEntry>, transfer?: Transferable[]): void;
}

markWorker();
const scope = self as unknown as WorkerScope;

scope.onmessage = async ({ data: request }) => {
  try {
    const dataset = await specAt<Dataset>(request.dataset);
    if (request.kind === "parse") {
      const reply = parseChunk(dataset, request);
      scope.postMessage({ reply }, [reply.rows.bytes.buffer]);
    } else {
      scope.postMessage({ reply: await packShard(dataset, request) });
    }
  } catch (error) {
    scope.postMessage({ error: faultOf(error) });
  }
};
