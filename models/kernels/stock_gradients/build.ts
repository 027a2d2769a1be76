/**
 * Bundles tfjs's gradients into `stock_gradients.js`: `deno run -A models/kernels/stock_gradients/build.ts`.
 *
 * The package tfjs-core holds them as modules that only bundlers can resolve; in Deno they come with the union package
 * alone, with 240 MB of layers, converters and backends that nothing here uses. What tfjs-core exports is imported from
 * there, so that gradients compute with the same ops, engine and registries.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { build, type Plugin, stop } from "esbuild";

const BUNDLE = new URL("./stock_gradients.js", import.meta.url);
const CORE = "@tensorflow/tfjs-core";

const BANNER = `/*
 * The gradients of ${CORE} ${tf.version_core}, bundled by build.ts; do not edit.
 * Copyright 2017 to 2020 Google LLC, Apache License 2.0, as in ../../../LICENSE.
 */`;

/** Bundles the gradients of the tfjs-core in node_modules; the same packages give the same text. */
export async function bundleGradients(): Promise<string> {
  try {
    const { outputFiles: [{ text }] } = await build({
      stdin: {
        contents: `import "${CORE}/dist/register_all_gradients";`,
        resolveDir: decodeURIComponent(new URL(".", import.meta.url).pathname),
      },
      plugins: [coreFromOutside],
      banner: { js: BANNER },
      bundle: true,
      format: "esm",
      legalComments: "none", // the banner says it once
      minify: true,
      target: "es2022",
      write: false,
    });
    return text;
  } finally {
    await stop();
  }
}

/** The modules of tfjs-core whose functions it exports under a name. */
const NAMED = {
  "base": "backend_util",
  "ops/axis_util": "backend_util",
  "ops/broadcast_util": "broadcast_util",
  "ops/conv_util": "backend_util",
  "ops/slice_util": "slice_util",
  "util": "util",
} as const;

/** Replaces each module of tfjs-core by what the package exports of it; what it does not export is bundled. */
const coreFromOutside: Plugin = {
  name: "tfjs-core from outside",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: new RegExp(`^${CORE}$`) }, ({ path }) => ({ path, external: true }));
    onLoad({ filter: /tfjs-core\/dist\/.*\.js$/ }, async ({ path }) => {
      const module = path.replace(/.*\/dist\/(.*)\.js$/, "$1");
      if (module === "engine") return { contents: `import { engine } from "${CORE}"; export const ENGINE = engine();` };
      if (module in NAMED) {
        const name = NAMED[module as keyof typeof NAMED];
        const functions = Object.keys(tf[name]);
        return {
          contents: `import { ${name} } from "${CORE}"; export const { ${functions} } = ${name}; export { ${name} };`,
        };
      }
      const names = [...(await Deno.readTextFile(path)).matchAll(/^export (?:const|function) (\w+)/gm)].map((
        [, name],
      ) => name);
      const isOutside = names.length > 0 && names.every((name) => name in tf);
      return isOutside ? { contents: `export { ${names} } from "${CORE}";` } : undefined;
    });
  },
};

if (import.meta.main) await Deno.writeTextFile(BUNDLE, await bundleGradients());
