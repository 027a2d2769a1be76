/**
 * A Worker of `gradientSource`: builds a replica of the model, and differentiates one share of a batch for each request.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Batch } from "../../pipelines/dataset.ts";
import { Prng, type PrngState } from "../../pipelines/base/prng.ts";
import { differentiate } from "./differentiate.ts";
import { buildReplica, type Replica, serveReplica } from "./replica.ts";
import { overwrite, placesIn, valuesOf } from "./shared_values.ts";
import type { TrainingStep } from "../step_options.ts";
import { ShareExchange, type SharePlace } from "../kernels/share_exchange.ts";

/** What the Worker is told first. */
export interface Opening {
  /** The Worker's number, 0-based. */
  readonly worker: number;
  readonly replica: Replica;
  /** Where the weights are before each share. */
  readonly weights: SharedArrayBuffer;
  /** Where the gradients of a share go. */
  readonly gradients: SharedArrayBuffer;
  /** Where all threads exchange values. */
  readonly exchanged: SharedArrayBuffer;
}

/** One share of a batch. */
export interface ShareRequest extends SharePlace {
  /** Its place among the model's. */
  readonly objective: number;
  readonly batch: Batch;
  /** The place of the share's first example in the whole batch, 0-based. */
  readonly firstExample: number;
  /** The generator before the batch, the same for every share. */
  readonly prng: PrngState;
  /** The options of the step; their defaults when undefined. */
  readonly step: TrainingStep | undefined;
}

/** What is known when the gradients are in their places. */
export interface ShareReply {
  readonly worker: number;
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** The generator after the share. */
  readonly prng: PrngState;
}

serveReplica(open);

async function open(opening: Opening): Promise<(request: ShareRequest) => ShareReply> {
  const { worker, replica, weights, gradients, exchanged } = opening;
  const exchange = new ShareExchange(exchanged);
  const model = await buildReplica(replica);
  const weightPlaces = placesIn(weights, model.variables);
  const gradientPlaces = placesIn(gradients, model.variables);
  const prng = new Prng(0);

  return (request) => {
    const pass = exchange.run(request, () => {
      for (const [name, variable] of Object.entries(model.variables)) overwrite(variable, weightPlaces[name]);
      prng.state = request.prng;
      return differentiate(model, model.objectives[request.objective], { ...request, prng });
    });
    for (const [name, gradient] of Object.entries(pass.gradients)) gradientPlaces[name].set(valuesOf(gradient));
    const metrics = Object.fromEntries(
      Object.entries(pass.metrics).map(([name, metric]) => [name, metric.dataSync()[0]]),
    );
    const reply = { worker, loss: pass.loss.dataSync()[0], metrics, prng: prng.state };
    tf.dispose(pass);
    return reply;
  };
}
