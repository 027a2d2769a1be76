/**
 * A Worker of `prepare`: does one job after another.
 *
 * @module
 */
import { datasetOf, parseChunk, type ParseReply, type ParseRequest } from "./prepare_jobs.ts";
import type { ShardEntry } from "../shards/shard_index.ts";
import type { Answer } from "../base/worker_pool.ts";
import { type PackRequest, packShard } from "../shards/pack_shard.ts";

/** What is used of a Worker's global scope. */
interface WorkerScope {
  onmessage: (event: MessageEvent<ParseRequest | PackRequest>) => void;
  postMessage(answer: Answer<ParseReply | ShardEntry>, transfer?: Transferable[]): void;
}

const scope = self as unknown as WorkerScope;

scope.onmessage = async ({ data: request }) => {
  try {
    if (request.kind === "parse") {
      const reply = parseChunk(request);
      scope.postMessage({ reply }, [reply.rows.bytes.buffer]);
    } else {
      scope.postMessage({ reply: await packShard(datasetOf(request), request) });
    }
  } catch (error) {
    const { name, message } = error as Error;
    scope.postMessage({ error: { name, message } });
  }
};
