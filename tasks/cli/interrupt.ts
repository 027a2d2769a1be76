/**
 * Ctrl-C and SIGTERM as an AbortSignal, for work that is to end in good order.
 *
 * @module
 */

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/**
 * Listens to Ctrl-C and SIGTERM until it is disposed of. The first aborts {@linkcode Interrupt.signal}; the next one is the
 * system's again and ends the process at once, whatever it is doing.
 */
export class Interrupt implements Disposable {
  readonly #stop = new AbortController();
  readonly #onSignal = (): void => {
    this[Symbol.dispose]();
    this.#stop.abort();
  };

  constructor() {
    for (const name of SIGNALS) Deno.addSignalListener(name, this.#onSignal);
  }

  /** Aborted when the process is asked to end. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Leaves the signals to the system; more than once does nothing. */
  [Symbol.dispose](): void {
    for (const name of SIGNALS) Deno.removeSignalListener(name, this.#onSignal);
  }
}
