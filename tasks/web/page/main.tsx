/// <reference lib="dom" />
/**
 * The page's script: reads what the site says of its runs, and shows the page.
 *
 * @module
 */
import { openEngine } from "../engine/engine_client.ts";
import { fetchSiteFile } from "../engine/fetch_file.ts";
import { MANIFEST_FILE, type SiteManifest, type SitePrototype } from "../site/manifest.ts";
import { start } from "./start.tsx";

const base = new URL(".", document.baseURI);
const root = document.getElementById("page")!;

try {
  const response = await fetch(new URL(MANIFEST_FILE, base));
  if (!response.ok) throw new Error(`the server says ${response.status}`);
  const manifest: SiteManifest = await response.json();
  const places = {
    base,
    workerUrl: new URL(manifest.worker, base),
    wasmFolder: new URL(manifest.wasmFolder, base),
  };
  await start(root, manifest, {
    open: (run) => openEngine(run, places),
    async openPrototypes({ prototypes }) {
      if (prototypes === undefined) return [];
      return JSON.parse(new TextDecoder().decode(await fetchSiteFile(prototypes, base))) as SitePrototype[];
    },
    requestFrame: (callback) => void requestAnimationFrame(callback),
  });
} catch (error) {
  root.textContent = `The page cannot be shown: ${MANIFEST_FILE} cannot be read, ${(error as Error).message}. ` +
    "Reload it once its server runs again.";
}
