/**
 * Where the time of training steps goes: to which phase of a step, and to which kernels.
 *
 * @module
 */
import { hasDeviceClock, type KernelWatcher, timeKernels } from "../../models/backends/kernel_timer.ts";
import type { Model } from "../../models/model.ts";

/** What a step consists of, and `other`, what is not part of every step: logging, evaluation and checkpoints. */
export const PHASES: readonly Phase[] = ["data wait", "forward", "backward", "optimizer", "other"];

/** A phase of a step. */
export type Phase = "data wait" | "forward" | "backward" | "optimizer" | "other";

/** Follows the training loop, such as to find out where its time goes. */
export interface StepWatcher {
  /** Is given the model to be trained; returns the one that is. */
  watchModel(model: Model): Model;
  /** Is given the batches; each that it passes on begins a step. */
  watchBatches<T>(batches: AsyncIterable<T>): AsyncIterable<T>;
  /** Is told of each phase that the loop itself begins. */
  enter(phase: Phase): void;
}

/** What one kernel did in one phase, a step. */
export interface KernelProfile {
  /** The kernel's name in tfjs; empty for what the webgpu backend dispatched by itself. */
  readonly kernel: string;
  /** The phase of the step. */
  readonly phase: Phase;
  /** How often it ran. */
  readonly calls: number;
  /** On this thread, without the kernels that it calls itself. */
  readonly milliseconds: number;
  /** Written to new tensors. */
  readonly bytes: number;
  /** float32 values that it read and wrote; 0 where subnormal ones were not asked for. */
  readonly values: number;
  /** How many of them were subnormal, which many processors compute with a hundred times as slowly. */
  readonly subnormals: number;
  /** Programs run on the graphics device; 0 but on webgpu. */
  readonly dispatches: number;
  /** On the graphics device, by its clock; 0 where it has none. */
  readonly deviceMilliseconds: number;
}

/** Where the time went; every number but `steps` and `warmUp` is the mean of a step. */
export interface ProfileResult {
  /** The steps that count. */
  readonly steps: number;
  /** The steps before them, which were left out. */
  readonly warmUp: number;
  /** The sum over the phases but `other`. */
  readonly milliseconds: number;
  /** `kernels` is the part of `milliseconds` that kernels took; the rest is JavaScript around them, or waiting. */
  readonly phases: readonly { readonly phase: Phase; readonly milliseconds: number; readonly kernels: number }[];
  /** The most expensive first. */
  readonly kernels: readonly KernelProfile[];
  /** Whether the graphics device's times are known; false but on webgpu. */
  readonly deviceClock: boolean;
}

type Tally = { -readonly [K in keyof KernelProfile]: KernelProfile[K] };

/** Steps that say little: kernels are compiled, memory is taken for the first time. */
const WARM_UP = 3;

/**
 * Watches a training loop. Each moment belongs to one phase, so that the phases add up; while {@linkcode watchBatches}
 * runs, tfjs's kernels are timed.
 */
export class Profile implements KernelWatcher, StepWatcher {
  #phase: Phase = "data wait";
  #since = 0;
  #steps = 0;
  #deviceClock = false;
  #phases = new Map<Phase, number>();
  #kernels = new Map<string, Tally>();
  readonly #warmUp: number;
  readonly countsSubnormals: boolean;

  /**
   * Begins to watch.
   *
   * @param options `warmUp`, steps to leave out at the beginning; `countsSubnormals`, whether subnormal values are counted
   * too, on wasm and cpu: the times then say little.
   */
  constructor({ warmUp = WARM_UP, countsSubnormals = false }: { warmUp?: number; countsSubnormals?: boolean } = {}) {
    this.#warmUp = warmUp;
    this.countsSubnormals = countsSubnormals;
  }

  /** From now on time belongs to this phase. */
  enter(phase: Phase): void {
    const now = performance.now();
    this.#phases.set(this.#phase, (this.#phases.get(this.#phase) ?? 0) + now - this.#since);
    [this.#phase, this.#since] = [phase, now];
  }

  /** Passes batches on; what the loop waits for them is `data wait`, and with each a step begins. */
  async *watchBatches<T>(batches: AsyncIterable<T>): AsyncGenerator<T, void> {
    const stop = timeKernels(this);
    this.#deviceClock = hasDeviceClock();
    try {
      this.#forget();
      for await (const batch of batches) {
        this.#steps++;
        this.enter("forward");
        yield batch;
        if (this.#steps === this.#warmUp) this.#forget();
        this.enter("data wait");
      }
    } finally {
      this.enter("other");
      await stop();
    }
  }

  /** The same model; its losses say when they begin and end, so that what follows them in training is `backward`. */
  watchModel(model: Model): Model {
    const objectives = model.objectives.map((objective) => ({
      ...objective,
      loss: (...[batch, pass]: Parameters<typeof objective.loss>) => {
        if (pass.training) this.enter("forward");
        const judged = objective.loss(batch, pass);
        if (pass.training) this.enter("backward");
        return judged;
      },
    }));
    return { ...model, objectives };
  }

  onCall({ kernel, ...one }: Parameters<KernelWatcher["onCall"]>[0]): void {
    const tally = this.#tally(kernel);
    tally.calls++;
    for (const key of ["milliseconds", "bytes", "values", "subnormals"] as const) tally[key] += one[key];
  }

  onDispatch(kernel: string): (milliseconds: number) => void {
    const tally = this.#tally(kernel);
    tally.dispatches++;
    return (milliseconds) => void (tally.deviceMilliseconds += milliseconds);
  }

  /** What was found, once the loop has ended; undefined when it had no more steps than are left out. */
  result(): ProfileResult | undefined {
    const steps = this.#steps - this.#warmUp;
    if (steps <= 0) return undefined;
    const kernels = [...this.#kernels.values()].map(({ kernel, phase, ...sums }) => {
      const means = Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / steps]));
      return { kernel, phase, ...means } as KernelProfile;
    });
    const phases = PHASES.map((phase) => ({
      phase,
      milliseconds: (this.#phases.get(phase) ?? 0) / steps,
      kernels: kernels.reduce((sum, kernel) => sum + (kernel.phase === phase ? kernel.milliseconds : 0), 0),
    }));
    const milliseconds = phases.reduce(
      (sum, { phase, milliseconds }) => phase === "other" ? sum : sum + milliseconds,
      0,
    );
    const cost = (kernel: KernelProfile) => this.#deviceClock ? kernel.deviceMilliseconds : kernel.milliseconds;
    return {
      ...{ steps, warmUp: this.#warmUp, milliseconds },
      ...{ phases, kernels: kernels.sort((a, b) => cost(b) - cost(a)), deviceClock: this.#deviceClock },
    };
  }

  #forget(): void {
    this.#phases.clear();
    this.#kernels.clear();
    this.#since = performance.now();
  }

  #tally(kernel: string): Tally {
    const key = `${this.#phase} ${kernel}`;
    const zeros = {
      calls: 0,
      milliseconds: 0,
      bytes: 0,
      values: 0,
      subnormals: 0,
      dispatches: 0,
      deviceMilliseconds: 0,
    };
    const tally = this.#kernels.get(key) ?? { kernel, phase: this.#phase, ...zeros };
    this.#kernels.set(key, tally);
    return tally;
  }
}
