/**
 * Builds the site: every file of the paint page, for `serve` and `export` alike.
 *
 * @module
 */
import { sha256Of } from "../../../pipelines/base/hash.ts";
import { CACHE } from "../../../pipelines/datasets/download.ts";
import { baseName } from "../../../pipelines/sources/source.ts";
import { bundlePage } from "./bundle.ts";
import { ROOT } from "./esbuild.ts";
import { ICON, webManifest } from "./icons.ts";
import { MANIFEST_FILE, type SiteManifest } from "./manifest.ts";
import { PAGE_POLICY } from "./policy.ts";
import { entryOf, hashedPath, INDEX_FILE, type ListedSite, type Site, SITE_FORMAT, type SiteEntry } from "./site.ts";
import type { PageRun } from "./site_run.ts";

/** Where what is bundled lies, below the repository's folder. */
const ENTRIES = {
  page: "tasks/web/page/main.tsx",
  worker: "tasks/web/engine/engine_worker.ts",
  styles: ["tasks/web/page/style.css"],
};
/** Folders of the site. */
const ASSETS = "assets/";
const SCRIPTS = "scripts/";
const APP_FILE = "app.webmanifest";
const PAGE = "tasks/web/page/index.html";
const WASM = "node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm";
/** What makes a run, shown where there is none. */
const COMMAND = "deno task quickstart";

/** What a site is made of. */
export interface SiteSettings {
  readonly runs: readonly PageRun[];
  /** Whether its server takes drawings. */
  readonly collects: boolean;
  /** The folder in which the bundled page is kept. */
  readonly cache?: string;
  readonly onNote?: (note: string) => void;
}

/**
 * Builds a site.
 *
 * @throws {InputError} When the page cannot be bundled.
 */
export async function buildSite({ runs, collects, cache = `${CACHE}/web`, onNote }: SiteSettings): Promise<Site> {
  const bundle = await bundlePage(ENTRIES, { cache, ...(onNote ? { onNote } : {}) });
  const wasm = await Deno.readFile(ROOT + WASM);
  const wasmFolder = `${SCRIPTS}wasm-${sha256Of(wasm).slice(0, 8)}/`;
  const [style, icon] = [hashedPath(`${ASSETS}style.css`, bundle.style), hashedPath(`${ASSETS}icon.svg`, ICON)];
  const html = pageHtml(await Deno.readTextFile(ROOT + PAGE), {
    ...{ style, icon, script: SCRIPTS + bundle.page, app: APP_FILE },
  });
  const page = (path: string, text: string, isImmutable = false): [string, SiteEntry] => [
    path,
    entryOf(path, text, { part: "page", isImmutable }),
  ];
  const files: [path: string, entry: SiteEntry][] = [
    page(INDEX_FILE, html),
    page(APP_FILE, webManifest(icon)),
    page(icon, ICON, true),
    page(style, bundle.style, true),
    ...Object.entries(bundle.scripts).map(([name, text]): [string, SiteEntry] => {
      return [SCRIPTS + name, entryOf(name, text, { part: "scripts", isImmutable: true })];
    }),
    [wasmFolder + baseName(WASM), entryOf(WASM, wasm, { part: "wasm", isImmutable: true })],
    ...runs.flatMap(({ files }) => Object.entries(files)),
  ];
  const manifest: SiteManifest & ListedSite = {
    ...{ format: SITE_FORMAT, version: 1, collects, wasmFolder, worker: SCRIPTS + bundle.worker, command: COMMAND },
    runs: runs.map(({ run }) => run),
    files: files.map(([path]) => path),
  };
  return new Map([...files, page(MANIFEST_FILE, JSON.stringify(manifest))]);
}

/** The page with the names that its files have, and what a host without headers of ours has to be told. */
function pageHtml(
  text: string,
  { style, icon, script, app }: Readonly<Record<"style" | "icon" | "script" | "app", string>>,
): string {
  const replacements = [
    ['<meta charset="utf-8">', `$&\n    <meta http-equiv="content-security-policy" content="${PAGE_POLICY}">`],
    ['href="style.css"', `href="${style}"`],
    ['src="main.js"', `src="${script}"`],
    ["</head>", `  <link rel="icon" href="${icon}">\n    <link rel="manifest" href="${app}">\n  $&`],
  ];
  return replacements.reduce((html, [what, by]) => {
    if (html.split(what).length !== 2) throw new Error(`${PAGE}: expected ${what} once`);
    return html.replace(what, by);
  }, text);
}
