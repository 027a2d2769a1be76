// The browser's door: bundled for the web, run in headless Chromium, with the very numbers that Deno computes.
import { assert, assertEquals } from "@std/assert";
import { Prng } from "../models/browser.ts";
import { CHROMIUM, CHROMIUM_FLAGS, inChromium } from "./chromium.ts";
import { inTemporaryFolder, may } from "./helpers.ts";
import { results, toJson } from "./browser_results.ts";
import { cnnLstm } from "../models/zoo/stroke_classifier/stroke_classifier.ts";
import { encodeCheckpoint } from "../models/checkpoint.ts";
import { startBackend } from "../models/backends/backend.ts";
import { describeDrawings } from "../tasks/bench/random_drawings.ts";

const ROOT = new URL("../", import.meta.url);
const WASM = new URL("node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm", ROOT);

/** Milliseconds; the page takes a few seconds. */
const LIMIT = 120_000;

/** Bundles modules, by paths from the root, for a page; fails at what a page cannot have. */
async function bundle(...paths: string[]): Promise<string> {
  const { build, stop } = await import("esbuild");
  try {
    const { outputFiles: [{ text }], warnings } = await build({
      stdin: {
        contents: paths.map((path) => `export * as _${path.replaceAll(/\W/g, "_")} from "./${path}";`).join("\n"),
        resolveDir: decodeURIComponent(ROOT.pathname),
      },
      bundle: true,
      format: "esm",
      logLevel: "silent",
      minify: true,
      platform: "browser",
      write: false,
    });
    assertEquals(warnings, []);
    return text;
  } finally {
    await stop();
  }
}

/** The bytes of a checkpoint as a run has them, of an untrained model. */
async function checkpointBytes(): Promise<Uint8Array<ArrayBuffer>> {
  await startBackend("wasm");
  const settings = { model: { name: "cnn-lstm" }, modelOptions: cnnLstm.tiny, seed: 1 };
  const data = { ...describeDrawings({ side: 32, frames: 4, classes: 2 }), options: { overflow: "truncate" } };
  const model = cnnLstm.build(settings.modelOptions, data, new Prng(2)); // not the weights that the seed gives
  const tensors = Object.fromEntries(
    Object.entries(model.variables).map(([name, variable]) => [
      `model/${name}`,
      { shape: variable.shape, data: Float32Array.from(variable.dataSync()) },
    ]),
  );
  model.dispose();
  return await encodeCheckpoint({ tensors, state: { settings, data } });
}

/** What the page posts. */
async function resultsOfPage(script: string, checkpoint: Uint8Array<ArrayBuffer>): Promise<Record<string, unknown>> {
  const answer = Promise.withResolvers<Record<string, unknown>>();
  const files: Record<string, [type: string, content: BodyInit]> = {
    "/": ["text/html", '<!doctype html><meta charset="utf-8"><script type="module" src="/page.js"></script>'],
    "/page.js": ["text/javascript", script],
    "/checkpoint": ["application/octet-stream", checkpoint],
    "/tfjs-backend-wasm-simd.wasm": ["application/wasm", await Deno.readFile(WASM)],
  };
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/results") answer.resolve(await request.json());
    else if (pathname === "/fault") answer.reject(new Error(`in the page: ${await request.text()}`));
    if (request.method === "POST") return new Response();
    if (!(pathname in files)) return new Response(undefined, { status: 404 });
    const [type, content] = files[pathname];
    // With shared memory in reach, tfjs would take its threads, whose memory the kernels here cannot import.
    const isolated = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };
    return new Response(content, { headers: { "content-type": type, ...isolated } });
  });
  const timer = setTimeout(() => answer.reject(new Error(`no answer after ${LIMIT / 1000} s`)), LIMIT);
  try {
    let found: Record<string, unknown> = {};
    await inTemporaryFolder(async (profile) => {
      const args = [
        "--headless",
        ...CHROMIUM_FLAGS,
        `--user-data-dir=${profile}`,
        `http://127.0.0.1:${server.addr.port}/`,
      ];
      const chromium = new Deno.Command(CHROMIUM!, { args, stdout: "null", stderr: "null" }).spawn();
      try {
        found = await answer.promise;
      } finally {
        chromium.kill();
        await chromium.status;
      }
    });
    return found;
  } finally {
    clearTimeout(timer);
  }
}

Deno.test({
  name: inChromium("the browser's door computes what it does here, bit for bit"),
  ignore: CHROMIUM === undefined,
  fn: async () => {
    const checkpoint = await checkpointBytes();
    const script = await bundle("tests/browser_page.ts");
    const expected = JSON.parse(toJson(await results(checkpoint, {})));
    assertEquals(expected["tensors left behind"], [0]);
    const found = await resultsOfPage(script, checkpoint);
    assertEquals(Object.keys(found), Object.keys(expected));
    const differing = Object.keys(expected).filter((name) => `${found[name]}` !== `${expected[name]}`);
    assertEquals(differing, []);
    const drawn = Object.keys(expected).filter((name) => name.endsWith(", drawn"));
    assertEquals(drawn.sort(), ["cae, drawn", "draw, drawn", "gan, drawn", "vae, drawn"]);
    for (const name of drawn) assert(new Set(expected[name]).size > 700, `${name}: more than a few numbers`);
  },
});

Deno.test({
  name: "models, and all that calls itself browser safe, is bundled for the web, and names no Deno",
  ignore: !may("read", "run", "env"), // esbuild is a program of its own
  fn: async () => {
    const paths: string[] = [];
    const find = async (folder: string): Promise<void> => {
      for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
        const path = folder + name;
        if (isDirectory && name !== "assembly") await find(`${path}/`);
        else if (!name.endsWith(".ts") || name === "build.ts") continue;
        else if (/^\/\*\*[^/]*browser safe/i.test(await Deno.readTextFile(new URL(path, ROOT)))) paths.push(path);
        else if (folder.startsWith("models/")) paths.push(path);
      }
    };
    await find("models/");
    await find("pipelines/");
    assert(paths.length > 120, `${paths.length} files`);
    assert(!/\bDeno\./.test(await bundle(...paths)));
  },
});
