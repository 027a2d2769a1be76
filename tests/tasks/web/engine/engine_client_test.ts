/** A run in a Worker, of Deno's and of Chromium's: what it answers is what it answers in this thread. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Drawing } from "../../../../pipelines/strokes/stroke.ts";
import type { Engine } from "../../../../tasks/web/engine/engine.ts";
import { openEngine } from "../../../../tasks/web/engine/engine_client.ts";
import { openRunEngine } from "../../../../tasks/web/engine/run_engine.ts";
import type { SiteRun } from "../../../../tasks/web/site/manifest.ts";
import { assertNear } from "../../../models/backends.ts";
import { CHROMIUM, inChromium, launchChromium } from "../../../chromium.ts";
import { FAST, may } from "../../../helpers.ts";
import { MAY_SERVE } from "../../../pipelines/sources/hostile_server.ts";
import { HOUSE, type Made, makeSiteRun, PICTURES } from "./site_runs.ts";

const ROOT = new URL("../../../../", import.meta.url);
const WORKER = new URL("tasks/web/engine/engine_worker.ts", ROOT);
const WASM = new URL("node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm", ROOT);
const MADE: readonly Made[] = [{ model: "cnn-lstm" }, { model: "sketch-rnn", options: { maxLength: 30 } }, {
  model: "draw",
  data: PICTURES,
}];
const WISH = { count: 2, temperature: 0.5, seed: 4 };

type Files = Record<string, { readonly type: string; readonly content: BodyInit }>;

/** Serves a page's files; the manifest's runs are at its root. */
async function withSite(files: Files, test: (base: URL, port: number) => Promise<void>): Promise<void> {
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, ({ url }) => {
    const { pathname, hostname } = new URL(url);
    const file = files[pathname];
    if (file === undefined) return new Response("no", { status: 404 });
    // With shared memory in reach, tfjs would take its threads, whose memory the kernels here cannot import. Over plain
    // HTTP there is none to be had.
    const isolated: [string, string][] = hostname === "127.0.0.1"
      ? [["cross-origin-opener-policy", "same-origin"], ["cross-origin-embedder-policy", "require-corp"]]
      : [];
    return new Response(file.content, { headers: [["content-type", file.type], ...isolated] });
  });
  const { port } = server.addr;
  await test(new URL(`http://127.0.0.1:${port}/`), port);
}

/** Runs, and their files as a site has them. */
async function madeRuns(): Promise<{ readonly runs: readonly SiteRun[]; readonly files: Files }> {
  const made = [];
  for (const each of MADE) made.push(await makeSiteRun(each));
  const files = made.map(({ run, bytes }) => [
    `/${run.weights.path}`,
    { type: "application/octet-stream", content: bytes },
  ]);
  return { runs: made.map(({ run }) => run), files: Object.fromEntries(files) };
}

/** All that an engine is asked here, as numbers. */
async function answersOf(engine: Engine, drawing: Drawing): Promise<Record<string, number[]>> {
  const { card } = engine;
  const found: Record<string, number[]> = {};
  if (card.naming) {
    const { rows, raster, seen } = await engine.name(drawing, true);
    const { cells } = await engine.explain(drawing, 1);
    Object.assign(found, { rows: rows.flat(), raster: [...raster], seen: [seen], cells: [...cells] });
  }
  if (card.strokes) {
    const drawn = [
      ...await engine.finish(drawing, { ...WISH, share: 0.5 }),
      ...await engine.drawStrokes(WISH),
      ...await engine.drawStrokes(WISH, drawing),
    ];
    found.drawn = drawn.flatMap(({ drawing }) => drawing.flatMap(([xs, ys]) => [...Array.from(xs), ...Array.from(ys)]));
    found.latents = drawn.flatMap(({ latent }) => [...latent!]);
  }
  if (card.images) {
    const [image] = await engine.drawImages({ count: 1, seed: 2 });
    Object.assign(found, { canvases: [...image.canvases], writes: [...image.writes!], latent: [...image.latent] });
  }
  return found;
}

Deno.test({
  name: "a run in a Worker answers as it does in this thread, one call after another, until it is closed",
  ignore: FAST || !MAY_SERVE || !may("read"),
  fn: async () => {
    const { runs, files } = await madeRuns();
    await withSite(files, async (base) => {
      for (const run of runs) {
        const places = { base, workerUrl: WORKER, backend: "cpu" } as const;
        using engine = await openEngine(run, places);
        const bytes = new Uint8Array(await new Response(files[`/${run.weights.path}`].content).arrayBuffer());
        using here = await openRunEngine({ name: run.name, bytes, check: run.check, notes: run.notes }, places);
        const { loadMs } = engine.card;
        assertEquals(engine.card, { ...here.card, loadMs });
        assert(engine.card.check.passed && loadMs > 0);
        assertEquals(await answersOf(engine, HOUSE), await answersOf(here, HOUSE));
      }
      const [classifier, , drawer] = runs;
      const places = { base, workerUrl: WORKER, backend: "cpu" } as const;
      using engine = await openEngine(classifier, places);
      // Three at once: the second is overtaken, and gets what the third gets.
      const drawings = [HOUSE, HOUSE.slice(0, 1), HOUSE.slice(0, 2)];
      const [first, second, third] = await Promise.all(drawings.map((drawing) => engine.name(drawing, false)));
      assert(first.drawing === drawings[0] && second.drawing === drawings[2] && third.drawing === drawings[2]);
      assertEquals([first.seen, second.seen, second.rows], [3, 2, third.rows]);
      await assertRejects(() => engine.name([], false), Error, "cannot name the drawing: it is blank");
      await assertRejects(() => engine.drawStrokes(WISH), Error, "cnn-lstm-1, cnn-lstm, draws no strokes");
      const other = await openEngine(drawer, places);
      const asked = other.drawImages({ count: 1, seed: 1 });
      other[Symbol.dispose]();
      await assertRejects(() => asked, Error, "the run is closed");
      await assertRejects(() => other.drawImages({ count: 1, seed: 1 }), Error, "the run is closed");
    });
  },
});

Deno.test({
  name: "a run that cannot be opened says why",
  ignore: FAST || !MAY_SERVE || !may("read"),
  fn: async () => {
    const { runs: [run], files } = await madeRuns();
    await withSite(files, async (base) => {
      const places = { base, workerUrl: WORKER, backend: "cpu" } as const;
      const weights = { ...run.weights, sha256: "0".repeat(64) };
      await assertRejects(
        () => openEngine({ ...run, weights }, places),
        Error,
        "is not the file that this page was made",
      );
      const gone = { ...run.weights, path: "models/none" };
      await assertRejects(
        () => openEngine({ ...run, weights: gone }, places),
        Error,
        "models/none cannot be fetched: the server says 404",
      );
      const check = { ...run.check, numbers: run.check.numbers.map((number) => number + 0.001) };
      using engine = await openEngine({ ...run, check }, places);
      assertEquals(engine.card.check.passed, false);
      assertNear([[engine.card.check.worst]], [[0.001]], 1e-3);
    });
  },
});

/** The page of the tests and its Worker, bundled as the site's are. */
async function bundles(): Promise<{ readonly page: string; readonly worker: string }> {
  const { build, stop } = await import("esbuild");
  try {
    const bundled = async (contents: string) => {
      const { outputFiles: [{ text }], warnings } = await build({
        stdin: { contents, resolveDir: decodeURIComponent(ROOT.pathname) },
        ...{ bundle: true, format: "esm", logLevel: "silent", minify: true, platform: "browser", write: false },
      });
      assertEquals(warnings, []);
      assert(!/\bDeno\./.test(text));
      return text;
    };
    return {
      page: await bundled(
        'import { openEngine } from "./tasks/web/engine/engine_client.ts"; Object.assign(globalThis, { openEngine });',
      ),
      worker: await bundled('import "./tasks/web/engine/engine_worker.ts";'),
    };
  } finally {
    await stop();
  }
}

/** In the page: opens a run, and asks it. */
async function ask({ run, drawing, wish }: { run: SiteRun; drawing: Drawing; wish: typeof WISH }) {
  const { openEngine: open } = globalThis as unknown as { openEngine: typeof openEngine };
  const base = new URL("/", location.href);
  const workerUrl = new URL("worker.js", base);
  const engine = await open(run, { base, workerUrl });
  const { card } = engine;
  const numbers: Record<string, number[]> = {};
  if (card.naming) {
    const naming = await engine.name(drawing, true);
    numbers.rows = naming.rows.flat();
    numbers.raster = [...naming.raster];
    numbers.cells = [...(await engine.explain(drawing, 1)).cells];
  }
  if (card.strokes) {
    const [drawn] = await engine.finish(drawing, { ...wish, share: 0.5 });
    numbers.drawn = drawn.drawing.flatMap(([xs, ys]) => [...Array.from(xs), ...Array.from(ys)]);
  }
  if (card.images) numbers.canvases = [...(await engine.drawImages({ count: 1, seed: 2 }))[0].canvases];
  engine[Symbol.dispose]();
  const { isSecureContext: isSecure } = globalThis as unknown as { isSecureContext: boolean };
  return { card, numbers, isSecure, kept: await globalThis.caches?.has("strokewise") ?? false };
}

Deno.test({
  name: inChromium("a run's Worker answers as Deno does, at home and over plain HTTP"),
  ignore: CHROMIUM === undefined,
  fn: async () => {
    const { runs, files } = await madeRuns();
    const { page: script, worker } = await bundles();
    Object.assign(files, {
      "/": {
        type: "text/html",
        content: '<!doctype html><meta charset="utf-8"><script type="module" src="page.js"></script>',
      },
      "/page.js": { type: "text/javascript", content: script },
      "/worker.js": { type: "text/javascript", content: worker },
      "/tfjs-backend-wasm-simd.wasm": { type: "application/wasm", content: await Deno.readFile(WASM) },
      "/favicon.ico": { type: "image/x-icon", content: "" },
    });
    await withSite(files, async (base, port) => {
      const browser = await launchChromium("--host-resolver-rules=MAP strokewise.test 127.0.0.1");
      try {
        for (const [address, isSecure] of [[base.href, true], [`http://strokewise.test:${port}/`, false]] as const) {
          const page = await browser.newPage();
          const complaints: string[] = [];
          page.on("console", (message) => void complaints.push(message.text()));
          page.on("pageerror", (error) => void complaints.push(error.message));
          await page.goto(address);
          await page.waitForFunction(() => "openEngine" in globalThis);
          for (const run of runs) {
            const found = await page.evaluate(ask, { run, drawing: HOUSE, wish: WISH });
            assertEquals([found.isSecure, found.kept], [isSecure, isSecure]);
            assertEquals([found.card.backend, found.card.check.passed], ["wasm", true], JSON.stringify(found.card));
            const bytes = new Uint8Array(await new Response(files[`/${run.weights.path}`].content).arrayBuffer());
            using here = await openRunEngine({ name: run.name, bytes, check: run.check }, { backend: "wasm" });
            const expected = await answersOf(here, HOUSE);
            for (const [name, numbers] of Object.entries(found.numbers)) {
              assertNear([numbers], [expected[name].slice(0, numbers.length)], 1e-5);
            }
          }
          assertEquals(complaints, []);
          await page.close();
        }
      } finally {
        await browser.close();
      }
    });
  },
});
