/**
 * The page's side of an engine: a Worker that holds a run's model. Browser safe.
 *
 * @module
 */
import type { BackendName } from "../../../models/backends/backend.ts";
import type { Drawing } from "../../../pipelines/strokes/stroke.ts";
import type { SiteRun } from "../site/manifest.ts";
import type { Engine, Naming, RunCard } from "./engine.ts";
import type { AnswerMessage, CallMessage, EngineMethod, OpenMessage } from "./messages.ts";
import { newestOnly } from "./newest_only.ts";

/** Where the parts of a site are. */
export interface EnginePlaces {
  /** What the run's paths are relative to: the page's address. */
  readonly base: URL;
  /** The script of the Worker, `engine_worker.ts` bundled. */
  readonly workerUrl: URL;
  /** The folder of tfjs's `tfjs-backend-wasm-simd.wasm`, with a slash at its end; `base` when left out. */
  readonly wasmFolder?: URL;
  /** The first that works and passes the check when left out: a graphics card, else WebAssembly. */
  readonly backend?: BackendName;
}

/**
 * Starts a run in a Worker of its own. Its card says whether it computes what it did where it was made.
 *
 * @throws {Error} When the Worker does not start, the run's file cannot be fetched or is another one, or no backend starts;
 * the message can be shown.
 */
export async function openEngine(run: SiteRun, places: EnginePlaces): Promise<Engine> {
  const { base, workerUrl, wasmFolder = base, backend } = places;
  const begun = performance.now();
  const { opened, call, close } = startWorker(workerUrl, {
    ...{ kind: "open", run, base: base.href, wasmFolder: wasmFolder.href, backend },
  });
  const card: RunCard = { ...await opened, loadMs: performance.now() - begun };
  const name = newestOnly(async ([drawing, every]: [Drawing, boolean]): Promise<Naming> => {
    return { ...await call("name", drawing, every), drawing };
  });
  return {
    card,
    name: (drawing, every) => name([drawing, every]),
    explain: (drawing, label) => call("explain", drawing, label),
    finish: (begun, wish) => call("finish", begun, wish),
    drawStrokes: (wish, like) => call("drawStrokes", wish, like),
    drawImages: (wish) => call("drawImages", wish),
    [Symbol.dispose]: close,
  };
}

/** A Worker that opens a run, and answers calls by their numbers. */
function startWorker(url: URL, opening: OpenMessage) {
  const worker = new Worker(url, { type: "module" });
  const pending = new Map<number, PromiseWithResolvers<unknown>>();
  const opened = Promise.withResolvers<RunCard>();
  let next = 0;
  let ended: Error | undefined;
  /** What is asked for is not answered any more, nor what will be. */
  const end = (error: Error) => {
    ended ??= error;
    worker.terminate();
    opened.reject(error);
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };
  worker.onmessage = ({ data }: MessageEvent<AnswerMessage>) => {
    switch (data.kind) {
      case "opened":
        return opened.resolve(data.card);
      case "closed":
        return end(new Error(data.message));
      case "answer":
        pending.get(data.id)?.resolve(data.answer);
        return pending.delete(data.id);
      case "fault":
        pending.get(data.id)?.reject(new Error(data.message));
        return pending.delete(data.id);
    }
  };
  worker.onerror = (event) => {
    event.preventDefault();
    end(new Error(`the model's Worker failed: ${event.message || "its script cannot be loaded"}`));
  };
  worker.onmessageerror = () => end(new Error("the model's Worker said what cannot be read"));
  worker.postMessage(opening);
  return {
    opened: opened.promise,
    call<M extends EngineMethod>(method: M, ...args: Parameters<Engine[M]>): ReturnType<Engine[M]> {
      const answer = Promise.withResolvers<unknown>();
      if (ended) answer.reject(ended);
      else {
        const message: CallMessage<M> = { kind: "call", id: next++, method, args };
        pending.set(message.id, answer);
        worker.postMessage(message);
      }
      return answer.promise as ReturnType<Engine[M]>;
    },
    close: () => end(new Error("the run is closed")),
  };
}
