/// <reference lib="dom" />
/**
 * What the page says where there is no run.
 *
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { Store } from "./store.ts";

/** The one command that makes a run. */
export function NoRun({ store }: { readonly store: Store }): JSX.Element {
  const copied = useSignal(false);
  const { command } = store.manifest;
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(command);
      copied.value = true;
      store.say("Copied.");
    } catch {
      store.say("The browser does not let the page copy; select the command instead.");
    }
  };
  return (
    <section class="no-run" aria-label="No run yet">
      <h2>Nobody is looking yet</h2>
      <p>There is no trained model to guess what you draw. This makes one, in about two minutes:</p>
      <p class="command">
        <code>{command}</code>
        <button type="button" onClick={() => void copy()}>{copied.value ? "Copied" : "Copy"}</button>
      </p>
      <p class="quiet">Then start the page again. You can draw meanwhile.</p>
    </section>
  );
}
