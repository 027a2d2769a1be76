/**
 * The Worker that speaks MPI: it waits for other ranks while the main thread computes, or goes on with its events.
 *
 * All calls are nonblocking and are tested for again and again, with naps between: a rank that waits leaves its core to
 * those that compute, a limit ends the waiting, and so does the main thread.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import { type Answer, faultOf, type WorkerFault } from "../../pipelines/base/worker_pool.ts";
import { loadLibrary, type MpiSymbols } from "./library.ts";
import { averageOf } from "./average.ts";
import {
  type ExchangeRequest,
  EXCHANGES,
  FAULT_BYTES,
  type MpiReply,
  type MpiRequest,
  type Opening,
  type Place,
  PLACES,
} from "./messages.ts";

/** What is used of a Worker's global scope. */
interface WorkerScope {
  onmessage: (event: MessageEvent<MpiRequest>) => void;
  postMessage(answer: Answer<MpiReply>): void;
}

/**
 * How often is tested without a nap; from then on each nap is this share of the time waited so far, in milliseconds no
 * more than that. What is waited for is late by no more than that, and a core that others need is left to them.
 */
const TESTS = 50;
const NAP = { share: 0.1, least: 0.02, most: 2 };

/** Only one thread of the process calls MPI. */
const MPI_THREAD_FUNNELED = 1;
const MPI_IN_PLACE = 1n;

/** A rank's side of MPI. */
class Mpi {
  readonly #mpi: MpiSymbols;
  readonly #limit: number;
  readonly #state: Int32Array<SharedArrayBuffer>;
  readonly #request = new BigUint64Array(1);
  readonly #number = new Int32Array(1);
  #received = new Float32Array(0);
  #sent = new Uint8Array(0); // held here while Open MPI reads it, which the garbage collector does not know of
  readonly place: Place;

  constructor({ library, limit, state }: Opening) {
    this.#mpi = loadLibrary(library);
    [this.#limit, this.#state] = [limit, state];
    this.#check("MPI_Init_thread", this.#mpi.MPI_Init_thread(null, null, MPI_THREAD_FUNNELED, this.#number));
    const { ompi_mpi_comm_world: world, ompi_mpi_errors_return: returned } = this.#mpi;
    this.#check("MPI_Comm_set_errhandler", this.#mpi.MPI_Comm_set_errhandler(world, returned));
    this.#check("MPI_Comm_rank", this.#mpi.MPI_Comm_rank(world, this.#number));
    const [rank] = this.#number;
    this.#check("MPI_Comm_size", this.#mpi.MPI_Comm_size(world, this.#number));
    this.place = { rank, size: this.#number[0] };
  }

  /**
   * Each rank gets its part of the values from all, averages it in the order of the ranks, and gives it to all: as few bytes
   * travel as in any way, and no library decides about the order.
   */
  average(values: Float32Array<SharedArrayBuffer>, counts: readonly number[]): void {
    const { ompi_mpi_comm_world: world, ompi_mpi_float: float } = this.#mpi;
    const { rank, size } = this.place;
    const part = values.length / size;
    if (this.#received.length < values.length) this.#received = new Float32Array(values.length);
    const received = this.#received.subarray(0, values.length);
    this.#wait(
      "MPI_Ialltoall",
      this.#mpi.MPI_Ialltoall(bytesOf(values), part, float, bytesOf(received), part, float, world, this.#request),
    );
    averageOf(received, counts, values.subarray(rank * part, (rank + 1) * part));
    this.#wait(
      "MPI_Iallgather",
      this.#mpi.iallgatherInPlace(MPI_IN_PLACE, 0, float, bytesOf(values), part, float, world, this.#request),
    );
  }

  /** Each rank gets the values of all. */
  exchange({ exchange: buffer, count }: ExchangeRequest): void {
    const { ompi_mpi_comm_world: world, ompi_mpi_float: float } = this.#mpi;
    const values = new Float32Array(buffer, FAULT_BYTES, this.place.size * count);
    this.#wait(
      "MPI_Iallgather",
      this.#mpi.iallgatherInPlace(MPI_IN_PLACE, 0, float, bytesOf(values), count, float, world, this.#request),
    );
  }

  gather(bytes: Uint8Array): Uint8Array<ArrayBuffer>[] {
    const { ompi_mpi_comm_world: world, ompi_mpi_byte: byte, ompi_mpi_int: int } = this.#mpi;
    const { rank, size } = this.place;
    const lengths = new Int32Array(size);
    lengths[rank] = bytes.length;
    this.#wait(
      "MPI_Iallgather",
      this.#mpi.iallgatherInPlace(MPI_IN_PLACE, 0, int, lengths, 1, int, world, this.#request),
    );
    const starts = new Int32Array(size);
    for (let i = 1; i < size; i++) starts[i] = starts[i - 1] + lengths[i - 1];
    const all = new Uint8Array(starts[size - 1] + lengths[size - 1]);
    this.#sent = bytes.slice();
    this.#wait(
      "MPI_Iallgatherv",
      this.#mpi.MPI_Iallgatherv(this.#sent, bytes.length, byte, all, lengths, starts, byte, world, this.#request),
    );
    return [...lengths].map((length, i) => all.slice(starts[i], starts[i] + length));
  }

  finalize(): void {
    this.#check("MPI_Finalize", this.#mpi.MPI_Finalize());
  }

  /** Ends all ranks; this process, too. */
  abort(): void {
    this.#mpi.MPI_Abort(this.#mpi.ompi_mpi_comm_world, this.#state[PLACES.code]);
  }

  /** Waits until a call that was begun is done. */
  #wait(name: string, error: number): void {
    this.#check(name, error);
    const began = performance.now();
    for (let tests = 0;; tests++) {
      this.#check(name, this.#mpi.MPI_Test(this.#request, this.#number, null));
      if (this.#number[0] !== 0) return;
      if (tests < TESTS) continue;
      const waited = performance.now() - began;
      const nap = Math.min(NAP.most, Math.max(NAP.least, NAP.share * waited));
      if (Atomics.wait(this.#state, PLACES.aborts, 0, nap) !== "timed-out") this.abort();
      if (waited > 1000 * this.#limit) {
        throw new InputError(`another rank did not answer for ${this.#limit} s; --mpi.limit allows it more`);
      }
    }
  }

  #check(name: string, error: number): void {
    if (error === 0) return;
    const text = new Uint8Array(1024);
    this.#mpi.MPI_Error_string(error, text, this.#number);
    throw new InputError(`${name}: ${new TextDecoder().decode(text.subarray(0, this.#number[0]))}`);
  }
}

/** Values as FFI takes them, in place; its types do not know that they may be shared. */
function bytesOf(values: Float32Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength) as Uint8Array<ArrayBuffer>;
}

const scope = self as unknown as WorkerScope;
let mpi: Mpi | undefined;
let fault: unknown;

function answer(request: MpiRequest): MpiReply {
  if (request === "abort") return void mpi?.abort();
  if (fault !== undefined) throw fault; // the ranks do not ask for the same any more
  if (typeof request === "object" && "open" in request) return (mpi = new Mpi(request.open)).place;
  if (mpi === undefined) throw new Error("MPI is not open");
  if (request === "finalize") return void mpi.finalize();
  if ("gather" in request) return mpi.gather(request.gather);
  if ("exchange" in request) return void mpi.exchange(request);
  return void mpi.average(request.average, request.counts);
}

scope.onmessage = ({ data }) => {
  let error: WorkerFault | undefined;
  let reply: MpiReply;
  try {
    reply = answer(data);
  } catch (thrown) {
    fault ??= thrown;
    error = faultOf(thrown);
  }
  if (typeof data === "object" && "exchange" in data) wakeMain(data, error);
  else scope.postMessage(error ? { error } : { reply });
};

/** Tells the main thread, which waits for an exchange and reads no message, what has become of it. */
function wakeMain({ exchange, state }: ExchangeRequest, error: WorkerFault | undefined): void {
  if (error) {
    new Uint8Array(exchange, 0, FAULT_BYTES).set(new TextEncoder().encode(error.message).subarray(0, FAULT_BYTES));
  }
  Atomics.store(state, PLACES.exchange, error ? EXCHANGES.failed : EXCHANGES.done);
  Atomics.notify(state, PLACES.exchange);
}
