/**
 * The thread that hears signals: the main one hears nothing while it computes, or is inside a graphics driver. Soon after
 * one was heard the next is the system's, and ends the process at once, whatever its threads are doing.
 *
 * @module
 */
import { ANSWERS, type Heard, PLACES, SIGNALS, type Watched } from "./signals.ts";

/** Milliseconds that the main thread has for an answer. */
const PATIENCE = 1000;

/**
 * For how many of them a signal is the first one over again: mpirun, timeout and others send one to a whole group of
 * processes, in which deno task passes it on once more.
 */
const ECHO = 200;

/** What is used of a Worker's global scope. */
interface WorkerScope {
  onmessage: (event: MessageEvent<Watched>) => void;
  postMessage(heard: Heard): void;
}

const scope = self as unknown as WorkerScope;
const first = Promise.withResolvers<void>();
let watched: Watched;
scope.onmessage = ({ data }) => {
  watched = data;
  first.resolve();
};

const listeners = SIGNALS.map((name) => [name, () => void onSignal(name)] as const);
for (const [name, listener] of listeners) Deno.addSignalListener(name, listener);

let isHeard = false;

async function onSignal(heard: Heard): Promise<void> {
  if (isHeard) return;
  isHeard = true;
  await first.promise;
  const { state, says } = watched;
  scope.postMessage(heard);
  await new Promise((resolve) => setTimeout(resolve, ECHO));
  for (const [name, listener] of listeners) Deno.removeSignalListener(name, listener);
  if (Atomics.wait(state, PLACES.answer, ANSWERS.none, PATIENCE - ECHO) !== "timed-out") return;
  if (Atomics.compareExchange(state, PLACES.answer, ANSWERS.none, ANSWERS.late) !== ANSWERS.none) return;
  const isLeft = Atomics.load(state, PLACES.endsItself) === 1;
  Deno.stderr.writeSync(new TextEncoder().encode(isLeft ? says.finishing : says.ending));
  if (!isLeft) Deno.kill(Deno.pid, heard);
}
