/**
 * The Worker of `openWatcher`: watches a run beside the thread that trains it.
 *
 * @module
 */
import { InputError } from "../../../pipelines/base/errors.ts";
import { RunWatch, type WatchSettings } from "./watch_run.ts";

/** What the Worker is asked to do. */
export type WatcherRequest =
  | { readonly start: Pick<WatchSettings, "host" | "port" | "allowHost"> }
  | { readonly show: string }
  | { readonly end: true };

/** What it has to say. */
export type WatcherReply =
  | { readonly url: string }
  /** It cannot listen, for a reason that is not ours. */
  | { readonly refused: string }
  | { readonly complaint: string }
  | { readonly ended: true };

let watch: RunWatch | undefined;

/** What is used of a Worker's global scope. */
interface WorkerScope {
  onmessage: (event: MessageEvent<WatcherRequest>) => void;
  postMessage(message: WatcherReply): void;
}

const scope = self as unknown as WorkerScope;
const reply = (message: WatcherReply) => scope.postMessage(message);
const complain = (complaint: string) => reply({ complaint });

scope.onmessage = ({ data }) => void follow(data);

async function follow(request: WatcherRequest): Promise<void> {
  try {
    if ("start" in request) {
      watch = await RunWatch.start({ ...request.start, complain });
      reply({ url: watch.url });
    } else if ("show" in request) {
      await watch?.show(request.show);
    } else {
      await watch?.end();
      reply({ ended: true });
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if ("start" in request && error instanceof InputError) reply({ refused: message });
    else complain(message);
  }
}
