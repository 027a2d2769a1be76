/**
 * Copies of a model in Workers.
 *
 * @module
 */
import type { DataDescription } from "../../pipelines/dataset.ts";
import type { OptionTable, OptionValues } from "../../pipelines/base/option_table.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import { markWorker, type SpecAddress, specAt } from "../../pipelines/base/spec_module.ts";
import { type Answer, faultOf } from "../../pipelines/base/worker_pool.ts";
import { type BackendName, startBackend } from "../backends/backend.ts";
import type { Model } from "../model.ts";
import type { ModelSpec } from "../model_spec.ts";

/** What a replica is built from. */
export interface Replica {
  /** What computes. */
  readonly backend: BackendName;
  /** Where the model is found. */
  readonly model: SpecAddress;
  readonly options: OptionValues<OptionTable>;
  readonly data: DataDescription;
  readonly seed: number;
}

/** Starts the backend of this thread and builds the model, with fresh variables. */
export async function buildReplica({ backend, model, options, data, seed }: Replica): Promise<Model> {
  await startBackend(backend);
  const spec = await specAt<ModelSpec>(model);
  return spec.build(options, data, new Prng(seed));
}

/** What is used of a Worker's global scope. */
interface WorkerScope<Message, Reply> {
  onmessage: (event: MessageEvent<Message>) => void;
  postMessage(answer: Answer<Reply>): void;
}

/**
 * Lets a Worker work with a replica: the first message names it and is opened, each later one is a request and gets one
 * {@linkcode Answer}; what goes wrong in opening is the first one's.
 *
 * @param open Builds what answers requests.
 */
export function serveReplica<Opening extends { readonly replica: Replica }, Request extends object, Reply>(
  open: (opening: Opening) => Promise<(request: Request) => Reply | Promise<Reply>>,
): void {
  markWorker();
  const scope = self as unknown as WorkerScope<Opening | Request, Reply>;
  let work: ReturnType<typeof open>;
  scope.onmessage = async ({ data: message }) => {
    if ("replica" in message) {
      work = open(message);
      work.catch(() => {}); // the first request will tell
      return;
    }
    try {
      scope.postMessage({ reply: await (await work)(message) });
    } catch (error) {
      scope.postMessage({ error: faultOf(error) });
    }
  };
}
