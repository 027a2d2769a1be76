/**
 * A few Workers that do jobs, with the results in the order of the jobs, whoever finishes first. Browser safe.
 *
 * @module
 */

/** A job: a message, and the buffers in it that move instead of being copied. */
export interface Job<Request> {
  /** What the Worker is sent. */
  readonly request: Request;
  /** Buffers in the request that move to the Worker. */
  readonly transfer?: Transferable[];
}

/** What a Worker answers: its result, or why there is none. */
export type Answer<Reply> = { readonly reply: Reply } | {
  readonly error: WorkerFault;
};

/** An error on its way from a Worker. */
export interface WorkerFault {
  readonly name: string;
  readonly message: string;
  /** Where in the Worker it was thrown. */
  readonly stack?: string | undefined;
}

/** An error as a Worker posts it. */
export function faultOf(error: unknown): WorkerFault {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return { name, message, stack };
}

/** A Worker's error that nobody expected: its stack is the Worker's. */
export function toDefect({ name, message, stack }: WorkerFault): Error {
  const error = new Error(`${name}: ${message}`);
  if (stack !== undefined) error.stack = stack;
  return error;
}

interface Waiting<Request, Reply> {
  readonly job: Job<Request>;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

/** Workers with one entry file; each does one job at a time. */
export class WorkerPool<Request, Reply> implements Disposable {
  readonly #idle: Worker[] = [];
  readonly #all: Worker[] = [];
  readonly #busy = new Map<Worker, Waiting<Request, Reply>>();
  readonly #queue: Waiting<Request, Reply>[] = [];
  readonly #toError: (fault: WorkerFault) => Error;
  #failure: Error | undefined;

  /**
   * @param url The entry file: it gets requests by `onmessage` and posts one {@linkcode Answer} for each.
   * @param size Workers, 1 or more.
   * @param toError Makes an error of one that a Worker reports.
   */
  constructor(url: URL, readonly size: number, toError: (fault: WorkerFault) => Error) {
    this.#toError = toError;
    for (let i = 0; i < size; i++) {
      const worker = new Worker(url, { type: "module" });
      worker.onmessage = ({ data }: MessageEvent<Answer<Reply>>) => {
        const waiting = this.#busy.get(worker);
        if (waiting === undefined) return; // another Worker died meanwhile
        this.#busy.delete(worker);
        this.#idle.push(worker);
        if ("reply" in data) waiting.resolve(data.reply);
        else waiting.reject(toError(data.error));
        this.#next();
      };
      worker.onerror = (event) => {
        event.preventDefault();
        this.#fail(toError({ name: "WorkerError", message: `a Worker died: ${event.message}` }));
      };
      this.#all.push(worker);
      this.#idle.push(worker);
    }
  }

  /** Posts each Worker a message ahead of its first job; there is no answer to it. */
  tellEach(messageFor: (worker: number) => unknown): void {
    for (const [i, worker] of this.#all.entries()) worker.postMessage(messageFor(i));
  }

  /** Has a job done. */
  run(job: Job<Request>): Promise<Reply> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#queue.push({ job, resolve, reject });
      this.#next();
    });
  }

  /** Has jobs done and gives their results in the order of the jobs; no more than two a Worker wait or run at once. */
  async *map(jobs: AsyncIterable<Job<Request>>): AsyncGenerator<Reply> {
    const running: Promise<Reply>[] = [];
    for await (const job of jobs) {
      const reply = this.run(job);
      reply.catch(() => {}); // it is awaited in its turn
      running.push(reply);
      if (running.length >= 2 * this.size) yield await running.shift()!;
    }
    for (const reply of running) yield await reply;
  }

  /** Ends the Workers, whatever they do; what is not done by then fails. */
  [Symbol.dispose](): void {
    for (const worker of this.#all) worker.terminate();
    this.#fail(new Error("the Workers were ended"));
  }

  #next(): void {
    while (this.#queue.length > 0 && this.#idle.length > 0) {
      const worker = this.#idle.pop()!;
      const waiting = this.#queue.shift()!;
      try {
        worker.postMessage(waiting.job.request, waiting.job.transfer ?? []);
        this.#busy.set(worker, waiting);
      } catch (error) {
        this.#idle.push(worker);
        const { message } = error as Error;
        waiting.reject(this.#toError({ name: "WorkerError", message: `a Worker cannot be sent its work: ${message}` }));
      }
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of [...this.#busy.values(), ...this.#queue]) reject(error);
    this.#busy.clear();
    this.#queue.length = 0;
  }
}
