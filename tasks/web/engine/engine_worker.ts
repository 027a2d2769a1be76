/**
 * The Worker that holds a run's model. Browser safe.
 *
 * @module
 */
import type { Engine } from "./engine.ts";
import { fetchSiteFile } from "./fetch_file.ts";
import { type AnswerMessage, type CallMessage, messageOf, type OpenMessage } from "./messages.ts";
import { openRunEngine } from "./run_engine.ts";

/** This Worker, as far as it is used. */
const worker = globalThis as unknown as {
  onmessage: ((event: MessageEvent<OpenMessage | CallMessage>) => void) | null;
  postMessage(message: AnswerMessage, transfer?: Transferable[]): void;
};

let engine: Engine | undefined;
/** One call after another. */
let queue = Promise.resolve();

worker.onmessage = ({ data }) => {
  queue = queue.then(() => data.kind === "open" ? open(data) : call(data));
};

async function open({ run, base, wasmFolder, backend }: OpenMessage): Promise<void> {
  try {
    const bytes = await fetchSiteFile(run.weights, new URL(base));
    const { name, check, notes, light = false } = run;
    engine = await openRunEngine({ name, bytes, check, notes, light }, { wasmFolder, backend });
    worker.postMessage({ kind: "opened", card: engine.card });
  } catch (error) {
    worker.postMessage({ kind: "closed", message: messageOf(error) });
  }
}

async function call({ id, method, args }: CallMessage): Promise<void> {
  try {
    const answer: unknown = await (engine![method] as (...args: unknown[]) => Promise<unknown>)(...args);
    worker.postMessage({ kind: "answer", id, answer }, buffersIn(answer));
  } catch (error) {
    worker.postMessage({ kind: "fault", id, message: messageOf(error) });
  }
}

/** The buffers of all typed arrays in an answer, which are handed over and not copied. */
function buffersIn(value: unknown): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) return value.buffer instanceof ArrayBuffer ? [value.buffer] : [];
  if (typeof value !== "object" || value === null) return [];
  return [...new Set(Object.values(value).flatMap(buffersIn))];
}
