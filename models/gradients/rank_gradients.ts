/**
 * Gradients of batches that several processes share out, as `gradientSource` does among threads.
 *
 * Each rank reads the whole batch and differentiates its share; the mean over the ranks is the same bits on all of them, so
 * that their weights stay the same without being sent. Gradients go in buckets, those of the last layers first: a bucket
 * is averaged as soon as it is full, while the gradients of earlier layers are being computed; or all at once in the end,
 * where that is faster.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { PrngState } from "../../pipelines/base/prng.ts";
import type { Model, Objective } from "../model.ts";
import type { Tensor } from "../tensors.ts";
import type { GradientSource } from "./gradient_source.ts";
import { OverlapTrial } from "./overlap_trial.ts";
import { type Ranks, shareOfRank } from "./ranks.ts";
import { IN_MEMORY, placesIn, valuesOf } from "./shared_values.ts";

/** Gives the gradients of batches that all ranks have. */
export interface RankGradients extends GradientSource {
  /** Whether some rank has been asked to end, by what all ranks knew at the last step: all say the same. */
  readonly isStopping: boolean;
}

/** Values that are averaged together: fewer would wait for each other more than they travel. */
const BUCKET = 2 ** 18;

/** Gradients that are averaged together, one after another, and room for some values more behind them. */
interface Bucket {
  readonly names: readonly string[];
  readonly values: Float32Array<SharedArrayBuffer>;
  readonly places: Readonly<Record<string, Float32Array>>;
  readonly more: Float32Array;
}

/** Buckets for all gradients of an objective: on all ranks the same, in one order. */
interface Plan {
  /** What may be sent while others are computed. */
  readonly early: readonly Bucket[];
  /** What goes with loss and metrics, of which it is known after the first pass how many there are. */
  readonly lastNames: readonly string[];
  last?: Bucket;
}

/**
 * The source for all ranks together.
 *
 * @param own Differentiates the share of this one.
 * @param signal Asks this rank, and with it all others, to end.
 */
export function rankGradients(
  model: Model,
  { ranks, own, signal }: {
    readonly ranks: Ranks;
    readonly own: GradientSource;
    readonly signal?: AbortSignal | undefined;
  },
): RankGradients {
  const inMemory = (IN_MEMORY as readonly string[]).includes(tf.getBackend());
  const plans = new Map<Objective, { readonly trial: OverlapTrial; readonly ahead: Plan; readonly whole: Plan }>();
  const took = new Map<Objective, number>(); // at the step before, in milliseconds
  let isStopping = false;

  function bucketOf(names: readonly string[], more = 0): Bucket {
    const tensors = Object.fromEntries(names.map((name) => [name, model.variables[name]]));
    const held = sizeOf(names);
    const length = ranks.size * Math.ceil((held + more) / ranks.size);
    const values = new Float32Array(new SharedArrayBuffer(4 * length));
    return { names, values, places: placesIn(values.buffer, tensors), more: values.subarray(held, held + more) };
  }

  function sizeOf(names: readonly string[]): number {
    return names.reduce((sum, name) => sum + model.variables[name].size, 0);
  }

  function plansOf(objective: Objective) {
    const known = plans.get(objective);
    if (known) return known;
    const groups: string[][] = [[]];
    for (const name of objective.trains.toReversed()) {
      if (sizeOf(groups[groups.length - 1]) >= BUCKET) groups.push([]);
      groups[groups.length - 1].push(name);
    }
    const lastNames = groups.pop()!;
    const ahead = { early: groups.map((names) => bucketOf(names)), lastNames };
    const both = { trial: new OverlapTrial(), ahead, whole: { early: [], lastNames: objective.trains } };
    plans.set(objective, both);
    return both;
  }

  const exchange: Ranks["exchange"] = (values) => ranks.exchange(values);

  return {
    get isStopping() {
      return isStopping;
    },
    async gradients(objective, { parts, prng, step }) {
      const shares = parts.map((part) => shareOfRank(ranks, part, model.workOf?.(part.batch)));
      const counts = Array.from({ length: ranks.size }, (_, rank) => {
        return shares.reduce((sum, { counts }) => sum + counts[rank], 0);
      });
      const began = performance.now();
      const { trial, ...plans } = plansOf(objective);
      const plan: Plan = trial.isAhead ? plans.ahead : plans.whole;
      const { early } = plan;
      const filled = new Set<string>();
      const sent: Promise<void>[] = [];
      const send = (bucket: Bucket) => {
        const averaged = ranks.average(bucket.values, counts);
        averaged.catch(() => {}); // it is awaited at the end
        sent.push(averaged);
      };
      const onGradient = (name: string, gradient: Tensor) => {
        const bucket = early.find(({ names }) => names.includes(name));
        if (bucket === undefined) return;
        bucket.places[name].set(valuesOf(gradient));
        filled.add(name);
        while (sent.length < early.length && early[sent.length].names.every((name) => filled.has(name))) {
          send(early[sent.length]);
        }
      };
      const input = { parts: shares.map(({ share }) => share), prng, step, exchange };
      const pass = await own.gradients(objective, inMemory ? { ...input, onGradient } : input);
      try {
        const metrics = Object.keys(pass.metrics);
        const measured = [pass.loss, ...Object.values(pass.metrics)];
        const drawn = halvesOf(prng.state);
        const scalars = [signal?.aborted ? 1 : 0, took.get(objective) ?? 0, ...drawn];
        for (const scalar of measured) scalars.push((await read(scalar))[0]);
        const last = plan.last ??= bucketOf(plan.lastNames, scalars.length);
        for (const bucket of [...early.slice(sent.length), last]) {
          for (const name of bucket.names) {
            if (!filled.has(name)) bucket.places[name].set(await read(pass.gradients[name]));
          }
          if (bucket === last) last.more.set(scalars);
          send(bucket);
        }
        await Promise.all(sent);
        const [asked, before, ...rest] = last.more;
        if (rest.splice(0, drawn.length).join() !== drawn.join()) {
          throw new Error(`the ranks draw different numbers in objective ${objective.name}`);
        }
        isStopping ||= asked > 0;
        trial.add(before);
        const [loss, ...values] = rest;
        const gradients = [...early, last].flatMap(({ places }) => Object.entries(places)).map(([name, mean]) => {
          return [name, tf.tensor(mean.slice(), model.variables[name].shape)] as const;
        });
        const found = Object.fromEntries(gradients);
        return {
          loss: tf.scalar(loss),
          metrics: Object.fromEntries(metrics.map((name, i) => [name, tf.scalar(values[i])])),
          gradients: Object.fromEntries(objective.trains.map((name) => [name, found[name]])),
        };
      } finally {
        tf.dispose(pass);
        took.set(objective, performance.now() - began);
      }
    },
    [Symbol.dispose]: () => own[Symbol.dispose](),
  };

  /** A tensor's values: in place where that can be. */
  async function read(tensor: Tensor): Promise<Float32Array> {
    return inMemory ? valuesOf(tensor) : await tensor.data<"float32">();
  }
}

/** The state of a generator as numbers that float32 holds, 0 to 65535. */
function halvesOf(state: PrngState): number[] {
  return state.flatMap((word) => [word >>> 16, word & 0xffff]);
}
