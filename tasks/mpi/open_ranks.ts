/**
 * The ranks that Open MPI connects.
 *
 * @module
 */
import type { Ranks } from "../../models/gradients/ranks.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { type Answer, toDefect, type WorkerFault } from "../../pipelines/base/worker_pool.ts";
import { EXIT_CODES } from "../cli/signals.ts";
import { launchedAs, yieldWhenIdle } from "./launcher.ts";
import { libraryPath } from "./library.ts";
import { EXCHANGES, FAULT_BYTES, type MpiReply, type MpiRequest, type Place, PLACES } from "./messages.ts";

/** Ranks that leave together. */
export interface MpiRanks extends Ranks {
  /**
   * Leaves, when all ranks have come so far.
   *
   * @throws {InputError} When one does not.
   */
  end(): Promise<void>;
}

/** What is known of Open MPI: see `MPI_OPTIONS`. */
export interface MpiSettings {
  readonly library: string;
  readonly limit: number;
}

/** Exit codes of a process that was asked to end. */
const SIGNALLED: readonly number[] = Object.values(EXIT_CODES);

/** How long the end of the job is waited for, which ends this process, in milliseconds. */
const ABORTING = 3000;

/**
 * Connects this process to those that were started with it; alone where it was not started by mpirun or srun. Until
 * {@linkcode MpiRanks.end} whatever ends this process ends the whole job.
 *
 * @throws {InputError} When Open MPI is not there or may not be used, or processes that were started together are not
 * connected.
 */
export async function openRanks({ library, limit }: MpiSettings): Promise<MpiRanks> {
  const path = libraryPath(library);
  const launched = launchedAs();
  const refuse = () =>
    new InputError(
      `--mpi: ${launched.size} processes were started and each is alone: mpirun must be the one that belongs to ${path}, ` +
        "and srun needs --mpi=pmix",
    );
  if (launched.rank === undefined && (launched.size ?? 1) > 1) throw refuse(); // Open MPI would say it at length
  yieldWhenIdle();
  const state = new Int32Array(new SharedArrayBuffer(4 * Object.keys(PLACES).length));
  const worker = new Worker(new URL("./mpi_worker.ts", import.meta.url), { type: "module" });
  const waiting: PromiseWithResolvers<MpiReply>[] = [];
  worker.onmessage = ({ data }: MessageEvent<Answer<MpiReply>>) => {
    const { resolve, reject } = waiting.shift()!;
    if ("reply" in data) resolve(data.reply);
    else reject(toError(data.error));
  };
  worker.onerror = (event) => {
    event.preventDefault();
    for (const { reject } of waiting.splice(0)) reject(new Error(`the Worker that speaks MPI died: ${event.message}`));
  };
  const ask = (request: MpiRequest): Promise<MpiReply> => {
    const answer = Promise.withResolvers<MpiReply>();
    waiting.push(answer);
    worker.postMessage(request);
    return answer.promise;
  };
  let buffer = new SharedArrayBuffer(FAULT_BYTES);
  const exchange = ({ rank, size }: Place, values: Float32Array): Float32Array[] => {
    const bytes = FAULT_BYTES + size * values.byteLength;
    if (buffer.byteLength < bytes) buffer = new SharedArrayBuffer(bytes); // a step exchanges often: one for all
    const all = Array.from({ length: size }, (_, i) => {
      return new Float32Array(buffer, FAULT_BYTES + i * values.byteLength, values.length);
    });
    all[rank].set(values);
    Atomics.store(state, PLACES.exchange, EXCHANGES.waiting);
    worker.postMessage({ exchange: buffer, count: values.length, state } satisfies MpiRequest);
    Atomics.wait(state, PLACES.exchange, EXCHANGES.waiting);
    if (Atomics.load(state, PLACES.exchange) === EXCHANGES.done) return all;
    throw new InputError(
      new TextDecoder().decode(new Uint8Array(buffer, 0, FAULT_BYTES).slice()).replace(/\0.*$/s, ""),
    );
  };
  /** Ends the others, who would wait for this process; whoever sends a signal sends it to all. */
  const abort = () => {
    if (SIGNALLED.includes(Deno.exitCode)) return;
    Atomics.store(state, PLACES.code, Deno.exitCode || 1);
    Atomics.store(state, PLACES.aborts, 1);
    Atomics.notify(state, PLACES.aborts); // it waits for others
    worker.postMessage("abort" satisfies MpiRequest); // it waits for this thread
    Atomics.wait(state, PLACES.aborts, 1, ABORTING);
  };

  try {
    const { rank, size } = await ask({ open: { library: path, limit, state } }) as Place;
    if (size < (launched.size ?? 1)) throw refuse();
    if (size > 1) addEventListener("unload", abort);
    return {
      ...{ rank, size },
      average: async (values, counts) => void await ask({ average: values, counts }),
      exchange: (values) => exchange({ rank, size }, values),
      gather: async (bytes) => await ask({ gather: bytes }) as Uint8Array<ArrayBuffer>[],
      async end() {
        await within(limit, ask("finalize"));
        removeEventListener("unload", abort);
        worker.terminate();
      },
    };
  } catch (error) {
    worker.terminate();
    throw error;
  }
}

/** Waits so many seconds. */
async function within<T>(limit: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new InputError(`another rank did not come to its end for ${limit} s; --mpi.limit allows it more`));
  }, 1000 * limit);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

const toError = (fault: WorkerFault): Error =>
  fault.name === "InputError" ? new InputError(fault.message) : toDefect(fault);
