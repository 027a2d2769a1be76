/**
 * Ctrl-C and SIGTERM, heard at any time.
 *
 * @module
 */
import { ANSWERS, EXIT_CODES, type Heard, PLACES, type Watched } from "./signals.ts";

const state = new Int32Array(new SharedArrayBuffer(4 * Object.keys(PLACES).length));
const stops = new Set<AbortController>();
let heard: Heard | undefined;
let whenAsked: (() => void) | undefined;

/** What is done at the first signal. */
export interface SignalHandlers {
  end(signal: Heard): void;
  finish(): void;
}

/** The listening thread. */
export interface SignalWatch extends Disposable {
  /** Changes what is said when this thread is too busy to say something itself. */
  tell(says: Watched["says"]): void;
}

/**
 * Listens until it is disposed of. The first signal asks every {@linkcode Interrupt} that hears to end its work, or calls
 * `end` where none does; the next one ends the process at once.
 *
 * @param onSignal `end` ends the process, `finish` says that the work at hand ends it.
 * @param says What is said instead when this thread is too busy to do so.
 */
export function watchSignals(onSignal: SignalHandlers, says: Watched["says"]): SignalWatch {
  const worker = new Worker(new URL("./interrupt_worker.ts", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }: MessageEvent<Heard>) => {
    const isLate = Atomics.exchange(state, PLACES.answer, ANSWERS.given) === ANSWERS.late; // the other thread has said it
    Atomics.notify(state, PLACES.answer);
    heard = data;
    if (stops.size === 0) return onSignal.end(data);
    if (!isLate) onSignal.finish();
    for (const stop of stops) stop.abort();
  };
  whenAsked = () => {
    heard ??= "SIGTERM";
    if (stops.size === 0) return onSignal.end(heard);
    for (const stop of stops) stop.abort();
  };
  const tell = (says: Watched["says"]) => worker.postMessage({ state, says } satisfies Watched);
  tell(says);
  return { tell, [Symbol.dispose]: () => worker.terminate() };
}

/** Asks the work of this process to end as SIGTERM does, without a word to whoever asked. */
export function askToEnd(): void {
  whenAsked?.();
}

/** The exit code of a command that ended, in good order, because a signal asked for it. */
export function interruptedCode(): number {
  return EXIT_CODES[heard ?? "SIGINT"];
}

/**
 * Work that can end in good order, and does so at a signal while {@linkcode Interrupt.isHeard}; at other times, as while
 * its programs are compiled, a signal ends the process.
 */
export class Interrupt implements Disposable {
  readonly #stop = new AbortController();

  /** Aborted when the work is asked to end. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Fulfilled when the work is asked to end. */
  get asked(): Promise<void> {
    const { signal } = this.#stop;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
  }

  /** Whether a signal is left to the work. */
  set isHeard(heard: boolean) {
    if (heard) stops.add(this.#stop);
    else stops.delete(this.#stop);
    Atomics.store(state, PLACES.endsItself, stops.size > 0 ? 1 : 0);
  }

  /** Leaves signals to the process; more than once does nothing. */
  [Symbol.dispose](): void {
    this.isHeard = false;
  }
}
