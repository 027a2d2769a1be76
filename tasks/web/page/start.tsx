/// <reference lib="dom" />
/**
 * Shows the page, whatever it is served by.
 *
 * @module
 */
import { render } from "preact";
import type { SiteManifest } from "../site/manifest.ts";
import { followAddress } from "./address.ts";
import { App } from "./app.tsx";
import { createStore, type Surroundings } from "./state/create_store.ts";
import { followWidth } from "./narrow.ts";
import { startTheme } from "./theme.ts";

/** Shows the page in an element, and loads its runs, one after another: they share the processor. */
export async function start(root: HTMLElement, manifest: SiteManifest, surroundings: Surroundings): Promise<void> {
  startTheme();
  followAddress();
  followWidth();
  const store = createStore(manifest, surroundings);
  root.textContent = "";
  render(<App store={store} />, root);
  for (const page of store.runs) await page.load();
}
