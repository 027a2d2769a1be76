/**
 * Where the training loop gets its gradients from: this thread, or several that share out each batch; `rankGradients` is
 * one for several processes.
 *
 * **Data parallelism.** The examples of a batch are cut into contiguous shares. Each Worker has a backend and a replica
 * of the model; it gets the current weights and one share, and gives back gradients and scalars. This thread computes a
 * share itself and takes the means over all of them in order, each weighted by its examples: losses and metrics are means
 * over examples, so these are those of the whole batch up to rounding, and the same bit for bit in every run. Where a pass
 * needs something of the whole batch, such as the moments of batch normalization, threads and processes exchange it on
 * their way: `ops/batch_mean.ts`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { InputError } from "../../pipelines/base/errors.ts";
import { type WorkerFault, WorkerPool } from "../../pipelines/base/worker_pool.ts";
import { differentiate, type Gradients, type OnGradient } from "./differentiate.ts";
import { gradientAccumulator } from "./gradient_accumulator.ts";
import type { Opening, ShareReply, ShareRequest } from "./gradient_worker.ts";
import type { Replica } from "./replica.ts";
import type { Model, Objective } from "../model.ts";
import type { Ranks } from "./ranks.ts";
import { IN_MEMORY, placesIn, sharedBufferFor, valuesOf } from "./shared_values.ts";
import { type Share, sharesOf } from "./shares.ts";
import { exchangeBuffer, type Processes, runAlone, ShareExchange } from "../kernels/share_exchange.ts";
import type { Prng } from "../../pipelines/base/prng.ts";
import type { TrainingStep } from "../step_options.ts";

/** Milliseconds that a Worker has to answer once the run is to end, beside what passes take. */
const PATIENCE = 5000;

/** What a step's gradients are of. */
export interface StepGradientInput {
  /** One batch or more, or shares of them, each weighted by its examples. */
  readonly parts: readonly Share[];
  /** Draws whatever is random in the loss. */
  readonly prng: Prng;
  /** The options of the step; their defaults when left out. */
  readonly step?: TrainingStep | undefined;
  /** Is told of gradients ahead of the others, where they are known earlier. */
  readonly onGradient?: OnGradient | undefined;
  /** How values are exchanged in the middle of a pass with other processes, where these share out the parts. */
  readonly exchange?: Ranks["exchange"] | undefined;
}

/** Gives the gradients of a model at its current weights. */
export interface GradientSource extends Disposable {
  /**
   * The means over all parts of what {@linkcode differentiate} gives; the caller disposes of what it gets.
   *
   * @throws {InputError} When a Worker or another process fails; the source is of no use after that.
   */
  gradients(objective: Objective, input: StepGradientInput): Promise<Gradients>;
}

/** How many threads compute, what the others build their replicas from, and what ends the waiting for them. */
export interface Sharing {
  /** Threads that compute, this one among them, 1 or more. */
  readonly workers: number;
  readonly replica: Omit<Replica, "backend">;
  /** Once it is given, a Worker that does not answer is waited for a few seconds only. */
  readonly signal?: AbortSignal | undefined;
}

/** The source for so many threads; its Workers are ended by its disposal. */
export function gradientSource(model: Model, sharing: Sharing): GradientSource {
  return sharing.workers > 1 ? parallelGradients(model, sharing) : ownGradients(model);
}

/** The source that is this thread alone. */
export function ownGradients(model: Model): GradientSource {
  return {
    gradients(objective, { parts, prng, step, onGradient, exchange }) {
      const early = parts.length === 1 ? onGradient : undefined; // those of the first parts are not the mean yet
      return meanOver(parts, (part) => {
        const pass = () => differentiate(model, objective, { ...part, prng, step, onGradient: early });
        const processes = processesOf(part, exchange);
        return processes ? runAlone(processes, pass) : pass();
      });
    },
    [Symbol.dispose]() {},
  };
}

/** How a pass of a part reaches other processes. */
function processesOf({ weight }: Share, exchange: Ranks["exchange"] | undefined): Processes | undefined {
  return exchange && { counts: weight !== 0, exchange };
}

/** The mean of passes over parts, one after another. */
async function meanOver(
  parts: readonly Share[],
  pass: (part: Share) => Gradients | Promise<Gradients>,
): Promise<Gradients> {
  const mean = gradientAccumulator();
  for (const part of parts) mean.add(await pass(part), part.weight ?? part.batch.size);
  return mean.take();
}

function parallelGradients(model: Model, { workers, replica, signal }: Sharing): GradientSource {
  const backend = IN_MEMORY.find((name) => name === tf.getBackend());
  if (backend === undefined) throw new RangeError(`the ${tf.getBackend()} backend computes in one thread only`);
  const entry = new URL("./gradient_worker.ts", import.meta.url);
  const pool = new WorkerPool<ShareRequest, ShareReply>(entry, workers - 1, toInputError);
  const weights = sharedBufferFor(model.variables);
  const buffers = Array.from({ length: workers - 1 }, () => sharedBufferFor(model.variables));
  const exchanged = exchangeBuffer(workers);
  const exchange = new ShareExchange(exchanged);
  pool.tellEach((worker): Opening => {
    return { worker, replica: { ...replica, backend }, weights, gradients: buffers[worker], exchanged };
  });
  const weightPlaces = placesIn(weights, model.variables);
  const gradientPlaces = buffers.map((buffer) => placesIn(buffer, model.variables));

  return {
    gradients(objective, { parts, prng, step, exchange }) {
      for (const [name, variable] of Object.entries(model.variables)) weightPlaces[name].set(valuesOf(variable));
      return meanOver(parts, (part) => shared(objective, part, { prng, step, exchange }));
    },
    [Symbol.dispose]: () => pool[Symbol.dispose](),
  };

  /** Shares out one part, and puts the gradients of its shares together. */
  async function shared(
    objective: Objective,
    part: Share,
    { prng, step, exchange: withOthers }: Omit<StepGradientInput, "parts">,
  ): Promise<Gradients> {
    const { batch, firstExample: first } = part;
    const processes = processesOf(part, withOthers);
    const [ownShare, ...otherShares] = sharesOf(batch, workers, model.workOf?.(batch)).map((share) => {
      return { ...share, firstExample: first + share.firstExample };
    });
    const before = prng.state;
    const place = model.objectives.indexOf(objective);
    const division = { shares: 1 + otherShares.length, amongProcesses: processes !== undefined };
    exchange.begin();
    const replies = otherShares.map(({ batch, firstExample }, i) => {
      const fields = Object.fromEntries(Object.entries(batch.fields).map(([name, field]) => [name, field.slice()]));
      const share = { batch: { ...batch, fields }, firstExample, share: i + 1, ...division };
      const request = { objective: place, ...share, prng: before, step };
      return pool.run({ request, transfer: Object.values(fields).map(({ buffer }) => buffer) });
    });
    const answered = Promise.all(replies);
    answered.catch(() => {}); // it is awaited when this thread's own share is done
    await orGiveUp(Promise.race([exchange.begun(otherShares.length), answered]), PATIENCE, signal);
    const began = performance.now();
    let own: Gradients;
    try {
      const pass = () => differentiate(model, objective, { ...ownShare, prng, step });
      own = exchange.run({ share: 0, ...division }, pass, processes);
    } catch (error) {
      if (exchange.failed) await replies[exchange.failed - 1]; // it says why
      throw error;
    }
    try {
      const others = await orGiveUp(answered, PATIENCE + 3 * (performance.now() - began), signal);
      if (others.some((other) => other.prng.join() !== prng.state.join())) {
        throw new Error(`the shares of a batch draw different numbers in objective ${objective.name}`);
      }
      const whole = gradientAccumulator();
      whole.add(own, ownShare.batch.size);
      for (const [i, reply] of others.entries()) {
        whole.add(gradientsOf(reply, objective, gradientPlaces[reply.worker]), otherShares[i].batch.size);
      }
      return whole.take();
    } catch (error) {
      tf.dispose(own);
      throw error;
    }
  }

  /** What a Worker gave back, in tensors. */
  function gradientsOf(
    { loss, metrics }: ShareReply,
    { trains }: Objective,
    places: Readonly<Record<string, Float32Array>>,
  ): Gradients {
    return {
      loss: tf.scalar(loss),
      metrics: Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, tf.scalar(value)])),
      gradients: Object.fromEntries(
        trains.map((name) => [name, tf.tensor(places[name], model.variables[name].shape)]),
      ),
    };
  }
}

/** Waits; once the run is to end, no longer than `limit` milliseconds. */
async function orGiveUp<T>(answered: Promise<T>, limit: number, signal: AbortSignal | undefined): Promise<T> {
  const late = Promise.withResolvers<never>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const onAbort = () => {
    const message = `a training Worker does not answer, ${Math.round(limit / 1000)} s after the run was to end`;
    timer = setTimeout(() => late.reject(new InputError(message)), limit);
  };
  if (signal?.aborted) onAbort();
  else signal?.addEventListener("abort", onAbort);
  try {
    return await Promise.race([answered, late.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

/** A Worker's fault ends the run with one line: this thread computes the same, and shows a defect with its stack. */
function toInputError({ name, message }: WorkerFault): InputError {
  if (name === "InputError") return new InputError(message);
  return new InputError(`training in Workers: ${name === "WorkerError" ? "" : `${name}: `}${message}`);
}
