/// <reference lib="dom" />
/** Exported models in a page: tf.loadLayersModel and onnxruntime-web, from files as any host serves them. */
import { assert, assertEquals } from "@std/assert";
import { Prng } from "../../../pipelines/base/prng.ts";
import { encodeOnnx } from "../../../tasks/export/onnx/write_onnx.ts";
import { encodeTfjs } from "../../../tasks/export/tfjs/write_tfjs.ts";
import { CHROMIUM, inChromium, launchChromium } from "../../chromium.ts";
import { FAST } from "../../helpers.ts";
import { builtModel, inputsFor, ownAnswers, worstOf } from "./built_models.ts";

const MODULES = new URL("../../../node_modules/", import.meta.url);
/** Of each package the folder that is served under its name. */
const PACKAGES: Readonly<Record<string, string>> = {
  "/tf-core/": "@tensorflow/tfjs-core/dist/",
  "/tf-layers/": "@tensorflow/tfjs-layers/dist/",
  "/tf-cpu/": "@tensorflow/tfjs-backend-cpu/dist/",
  "/ort/": "onnxruntime-web/dist/",
};
const TYPES: Readonly<Record<string, string>> = {
  html: "text/html",
  js: "text/javascript",
  json: "application/json",
  mjs: "text/javascript",
  wasm: "application/wasm",
};

const PAGE = `<!doctype html><link rel="icon" href="data:,"><script src="/tf-core/tf-core.min.js"></script>
<script src="/tf-layers/tf-layers.min.js"></script><script src="/tf-cpu/tf-backend-cpu.min.js"></script><script type="module">
const maps = (given) => ({ map: given.stroke_index, count: given.stroke_count, size: given.stroke_count.length });

globalThis.byTfjs = async (given) => {
  const { map, count, size } = maps(given);
  const model = await tf.loadLayersModel("/layers/model.json");
  const probabilities = model.predict([tf.tensor(map, [size, 16, 16]), tf.tensor(count, [size, 1])]);
  return { backend: tf.getBackend(), values: Array.from(await probabilities.data()) };
};

globalThis.byOnnx = async (given) => {
  const { map, count, size } = maps(given);
  const ort = await import("/ort/ort.wasm.min.mjs");
  const session = await ort.InferenceSession.create("/model.onnx");
  const { probabilities } = await session.run({
    stroke_index: new ort.Tensor("uint8", Uint8Array.from(map), [size, 16, 16]),
    stroke_count: new ort.Tensor("uint8", Uint8Array.from(count), [size]),
  });
  return { backend: "wasm", values: Array.from(probabilities.data) };
};
</script>`;

type Ask = (given: Record<string, number[]>) => Promise<{ readonly backend: string; readonly values: number[] }>;

/** Serves the page, the packages and some files. */
function serve(files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async ({ url }) => {
    const { pathname } = new URL(url);
    const headers = { "content-type": TYPES[pathname.split(".").pop()!] ?? "application/octet-stream" };
    if (pathname === "/") return new Response(PAGE, { headers: { "content-type": TYPES.html } });
    if (pathname in files) return new Response(files[pathname], { headers });
    const place = Object.keys(PACKAGES).find((prefix) => pathname.startsWith(prefix));
    if (place === undefined) return new Response("Not found", { status: 404 });
    const file = new URL(PACKAGES[place] + pathname.slice(place.length), MODULES);
    return new Response(await Deno.readFile(file), { headers });
  });
}

Deno.test({
  name: inChromium("an exported classifier says what it says here, by stock tfjs and by onnxruntime-web"),
  ignore: FAST || CHROMIUM === undefined,
  sanitizeOps: false, // the browser's pipes
  sanitizeResources: false,
  async fn() {
    const modelCase = { model: "cnn-lstm", options: { channels: [3, 4] } };
    const model = await builtModel(modelCase);
    const network = model.networks!.classifier();
    const layers = encodeTfjs(network, { name: "classifier", about: {} });
    await using server = serve({
      "/model.onnx": encodeOnnx(network, { name: "classifier", about: {} }),
      ...Object.fromEntries(Object.entries(layers).map(([name, bytes]) => [`/layers/${name}`, bytes])),
    });
    const size = 9;
    const given = inputsFor(network, size, new Prng(4));
    const { probabilities } = await ownAnswers(modelCase, { model, part: "classifier", given, size });
    model.dispose();
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      const faults: string[] = [];
      page.on("pageerror", ({ message }) => faults.push(message));
      page.on("response", (response) => response.status() >= 400 && faults.push(response.url()));
      await page.goto(`http://127.0.0.1:${server.addr.port}/`);
      const plain = Object.fromEntries(Object.entries(given).map(([name, values]) => [name, Array.from(values)]));
      for (const ask of ["byTfjs", "byOnnx"]) {
        const { backend, values } = await page.evaluate(
          ([ask, given]) => (globalThis as unknown as Record<string, Ask>)[ask](given),
          [ask, plain] as const,
        );
        const worst = worstOf(values, probabilities);
        assert(worst < 1e-5, `${ask} on ${backend}: off by ${worst}`);
      }
      assertEquals(faults, []);
    } finally {
      await browser.close();
    }
  },
});
