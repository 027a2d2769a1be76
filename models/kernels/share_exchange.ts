/**
 * How threads and processes that share out a batch exchange values in the middle of a pass, for what is of the batch as a
 * whole.
 *
 * Each runs the same operations on its share, so each comes to the same exchanges in the same order; there it waits until
 * all have come as far. The first thread of each process speaks for the others.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { InputError } from "../../pipelines/base/errors.ts";

/** Values of each thread that are exchanged at a time. */
const CHUNK = 4096;

/** What is counted, int32 each: threads in their pass, threads at an exchange, exchanges; 1 + the share that failed. */
const PLACES = { begun: 0, arrived: 1, done: 2, failed: 3, count: 4 };

/** How long a thread waits for another: so many seconds, one after the other, so that a stopped process counts one. */
const PATIENCE = 120;

/** The memory that so many threads exchange values in. */
export function exchangeBuffer(threads: number): SharedArrayBuffer {
  // Twice: who is ahead may write while others still read of the exchange before.
  return new SharedArrayBuffer(4 * (PLACES.count + 2 * threads * CHUNK));
}

/** Which share of what a process has of a batch a pass is of. */
export interface SharePlace {
  /** 0-based; the first is that of the thread that shares out. */
  readonly share: number;
  /** How many there are. */
  readonly shares: number;
  /** Whether processes share out the batch, too. */
  readonly amongProcesses: boolean;
}

/** How the thread that shares out reaches other processes. */
export interface Processes {
  /** Whether what this process has counts; it does the share of another once more where there are too few examples. */
  readonly counts: boolean;
  /** Gives each process the values of all, as many of each, in their order; waits for them. */
  exchange(values: Float32Array): Float32Array[];
}

/** What threads exchange values by. */
export class ShareExchange {
  readonly #state: Int32Array<SharedArrayBuffer>;
  readonly #chunks: readonly (readonly Float32Array[])[];

  /** @param buffer One of {@linkcode exchangeBuffer}, the same for all threads. */
  constructor(buffer: SharedArrayBuffer) {
    this.#state = new Int32Array(buffer, 0, PLACES.count);
    const threads = (buffer.byteLength / 4 - PLACES.count) / CHUNK / 2;
    this.#chunks = [0, threads].map((first) => {
      return Array.from({ length: threads }, (_, i) => {
        return new Float32Array(buffer, 4 * (PLACES.count + (first + i) * CHUNK), CHUNK);
      });
    });
  }

  /** Begins with another batch, before other threads are asked for their passes. */
  begin(): void {
    Atomics.store(this.#state, PLACES.begun, 0);
  }

  /** Waits until so many other threads are in their pass: what goes wrong from then on, they tell here. */
  async begun(others: number): Promise<void> {
    for (let count; (count = Atomics.load(this.#state, PLACES.begun)) < others;) {
      await Atomics.waitAsync(this.#state, PLACES.begun, count).value;
    }
  }

  /** The share whose pass was the first to fail, if any did. */
  get failed(): number | undefined {
    const share = Atomics.load(this.#state, PLACES.failed) - 1;
    return share < 0 ? undefined : share;
  }

  /** Runs a pass in which values are exchanged; if it fails, so do those of the other threads, for good. */
  run<T>(place: SharePlace, pass: () => T, processes?: Processes): T {
    if (place.share > 0) this.#count(PLACES.begun);
    try {
      return inPass({ ...place, threads: this, processes }, pass);
    } catch (error) {
      Atomics.compareExchange(this.#state, PLACES.failed, 0, 1 + place.share);
      Atomics.notify(this.#state, PLACES.done);
      throw error;
    }
  }

  /**
   * Tells the other threads values, as many as they tell, and gives those of all in the order of the shares.
   *
   * @param patience How many seconds another is waited for.
   * @throws {InputError} When another fails, or does not come as far.
   */
  gather({ share, shares }: SharePlace, values: Float32Array, patience = PATIENCE): Float32Array[] {
    const all = Array.from({ length: shares }, () => new Float32Array(values.length));
    for (let first = 0; first < values.length; first += CHUNK) {
      const places = this.#chunks[Atomics.load(this.#state, PLACES.done) & 1];
      const own = values.subarray(first, first + CHUNK);
      places[share].set(own);
      this.#meet(shares, patience);
      for (const [i, values] of all.entries()) values.set(places[i].subarray(0, own.length), first);
    }
    return all;
  }

  /** Waits until all are here. */
  #meet(shares: number, patience: number): void {
    const state = this.#state, done = Atomics.load(state, PLACES.done);
    if (Atomics.add(state, PLACES.arrived, 1) === shares - 1) {
      Atomics.store(state, PLACES.arrived, 0);
      this.#count(PLACES.done);
      return;
    }
    for (let second = 0; Atomics.load(state, PLACES.done) === done; second++) {
      if (this.failed !== undefined) throw new InputError("another thread has failed");
      if (second === patience) throw new InputError(`a thread does not come as far as others within ${patience} s`);
      Atomics.wait(state, PLACES.done, done, 1000);
    }
  }

  #count(place: number): void {
    Atomics.add(this.#state, place, 1);
    Atomics.notify(this.#state, place);
  }
}

/** The pass that a thread is in. */
interface SharedPass extends SharePlace {
  /** Where a process has one thread, nothing. */
  readonly threads?: ShareExchange;
  /** Of the first thread, where there are several processes. */
  readonly processes?: Processes | undefined;
}

let current: SharedPass | undefined;

function inPass<T>(shared: SharedPass, pass: () => T): T {
  current = shared;
  try {
    return pass();
  } finally {
    current = undefined;
  }
}

/** Runs a pass of all that a process has of a batch in this thread. */
export function runAlone<T>(processes: Processes, pass: () => T): T {
  return inPass({ share: 0, shares: 1, amongProcesses: true, processes }, pass);
}

/** Whether the pass that this thread is in is of one share of several. */
export function isShared(): boolean {
  return current !== undefined && (current.shares > 1 || current.amongProcesses);
}

/** Whether values can be exchanged where a batch is shared out: not on webgpu, where a pass is recorded ahead of them. */
export function canExchange(): boolean {
  return !isShared() || tf.getBackend() !== "webgpu";
}

/**
 * Checks the same.
 *
 * @throws {InputError} When they cannot.
 */
export function checkExchange(): void {
  if (canExchange()) return;
  throw new InputError(
    "processes with webgpu cannot exchange what is of a batch as a whole, such as the moments of batch normalization, " +
      "in the middle of a pass; --backend wasm can",
  );
}

/**
 * Overwrites values by their means over the shares of the batch, each weighted by its rows: the same bits in every
 * thread and process. Where the batch is not shared out they stay.
 *
 * Gradients of a share are of the loss of that share, and their mean over the shares, weighted likewise, is that of the
 * whole. So if y is a mean over all rows, and each share's loss has the slope dy by y, the slope by one of n own rows
 * is the mean of dy over the shares, over n.
 */
export function meanOverShares(rows: number, ...values: readonly Float32Array[]): void {
  if (current === undefined || !isShared()) return;
  const own = new Float32Array(1 + values.reduce((sum, { length }) => sum + length, 0));
  own[0] = rows;
  let place = 1;
  for (const some of values) {
    own.set(some, place);
    place += some.length;
  }
  const mean = meanOverAll(current, own);
  place = 1;
  for (const some of values) {
    some.set(mean.subarray(place, place + some.length));
    place += some.length;
  }
}

/** From rows, and values behind them, to the rows of all shares and the means of their values. */
function meanOverAll(pass: SharedPass, own: Float32Array): Float32Array {
  const { threads, processes } = pass;
  const ofProcess = threads === undefined ? own : pooled(threads.gather(pass, own));
  if (!pass.amongProcesses) return ofProcess;
  if (processes !== undefined) {
    if (!processes.counts) ofProcess[0] = 0;
    ofProcess.set(pooled(processes.exchange(ofProcess)));
  }
  return threads === undefined ? ofProcess : threads.gather(pass, ofProcess, Infinity)[0]; // the first waits for others
}

/** The same of several. */
function pooled(all: readonly Float32Array[]): Float32Array {
  const [{ length }] = all;
  const pool = new Float32Array(length);
  pool[0] = all.reduce((sum, [rows]) => sum + rows, 0);
  for (let i = 1; i < length; i++) {
    let mean = 0;
    for (const some of all) mean += some[0] / pool[0] * some[i];
    pool[i] = mean;
  }
  return pool;
}
