/**
 * A run that is watched by the process that trains it, in a Worker: the thread that trains has nothing to do with it.
 *
 * @module
 */
import { InputError } from "../../../pipelines/base/errors.ts";
import type { WatchSettings } from "./watch_run.ts";
import type { WatcherReply, WatcherRequest } from "./watch_worker.ts";

/** Milliseconds that the last look has. */
const LAST_LOOK = 20_000;

/** Watches a run. */
export interface Watcher {
  /** Where the page is. */
  readonly url: string;
  /** Shows a run from now on. */
  show(folder: string): void;
  /** Shows how it ended, and ends. */
  end(): Promise<void>;
}

/**
 * Starts watching. What goes wrong later is told, and does not end the training.
 *
 * @throws {InputError} When it cannot listen there.
 */
export async function openWatcher({ complain, ...where }: Omit<WatchSettings, "onEnd" | "patience">): Promise<Watcher> {
  const worker = new Worker(new URL("./watch_worker.ts", import.meta.url), { type: "module" });
  const [started, ended] = [Promise.withResolvers<string>(), Promise.withResolvers<void>()];
  const ask = (request: WatcherRequest) => worker.postMessage(request);
  const fail = (message: string) => {
    started.reject(new InputError(message));
    complain(message);
    ended.resolve();
  };
  worker.addEventListener("message", ({ data }: MessageEvent<WatcherReply>) => {
    if ("url" in data) started.resolve(data.url);
    else if ("refused" in data) started.reject(new InputError(data.refused));
    else if ("complaint" in data) complain(data.complaint);
    else ended.resolve();
  });
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    fail(`the page is no longer served: ${event.message}`);
  });
  ask({ start: where });
  let url: string;
  try {
    url = await started.promise;
  } catch (error) {
    worker.terminate();
    throw error;
  }
  return {
    url,
    show: (folder) => ask({ show: folder }),
    async end() {
      ask({ end: true });
      const timer = setTimeout(ended.resolve, LAST_LOOK);
      await ended.promise;
      clearTimeout(timer);
      worker.terminate();
    },
  };
}
