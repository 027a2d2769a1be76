/**
 * How work ends in good order at a signal, and how it waits for what another process is at.
 *
 * @module
 */
import { RunTaken } from "../runs/run_claim.ts";

/** Leads out of whatever was going on when the signal came. */
export class Interruption extends Error {}

/** Milliseconds between two looks at what another process is at. */
const PERIOD = 500;

/**
 * Waits for a moment.
 *
 * @throws {Interruption} When the signal was or is given.
 */
export async function pause(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, PERIOD);
  const wake = () => resolve();
  signal.addEventListener("abort", wake);
  try {
    if (!signal.aborted) await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", wake);
  }
  if (signal.aborted) throw new Interruption();
}

/**
 * Does what one process may do at a time: again and again, until no other is at it. A process that is killed is at nothing
 * any more.
 *
 * @param attempt Throws {@linkcode RunTaken} where another is at it.
 * @param waiting `onWait` is told once, when there is something to wait for.
 * @throws {Interruption} When the signal is given meanwhile.
 */
export async function inTurn<T>(
  attempt: () => Promise<T>,
  { signal, onWait }: { readonly signal: AbortSignal; readonly onWait: (why: string) => void },
): Promise<T> {
  for (let told = false;; told = true) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof RunTaken)) throw error;
      if (!told) onWait(error.message);
    }
    await pause(signal);
  }
}
