/**
 * What may import what: mod -> tasks -> models -> pipelines, models only types and browser-safe files of pipelines; a
 * file whose module doc says "Browser safe" needs no Deno, no node: and no file that does.
 */
import { assert, assertEquals } from "@std/assert";
import { may } from "./helpers.ts";

/** The layers, from the one that everything may use to the one that nothing uses. */
const LAYERS = ["pipelines", "models", "tasks", "mod.ts"];

/** The only files below tasks that touch the system, beside the entry files of Workers. */
const TOUCH_THE_SYSTEM = [
  ...[
    "source",
    "shard_reader",
    "shard_writer",
    "row_buckets",
    "output_folder",
    "write_journal",
    "prepare_jobs",
    "cached_file",
  ].map((
    name,
  ) => `pipelines/${name}.ts`),
  "models/kernels/wasm/build.ts", // run by hand, when a kernel changed
];

interface Import {
  readonly specifier: string;
  readonly typesOnly: boolean;
}

/** A text without its comments; those of code, not what looks like one inside a string. */
function withoutComments(text: string): string {
  return text.replace(/(?<=^|\n)\s*\/\*[\s\S]*?\*\//g, "").replace(/(?<=^|\s)\/\/.*$/gm, "");
}

/** What a file imports or passes on. */
function importsOf(text: string): Import[] {
  const code = withoutComments(text);
  const named = code.matchAll(/^(?:import|export)\s+(type\s)?([^;"'()]*?\sfrom\s+)?"([^"]+)"/gm);
  const dynamic = code.matchAll(/\bimport\(\s*"([^"]+)"/g);
  const workers = code.matchAll(/new Worker\(\s*new URL\("([^"]+)"/g);
  return [
    ...[...named].map(([, type, names = "", specifier]) => {
      const list = /\{([^}]*)\}/.exec(names)?.[1].split(",").map((name) => name.trim()).filter((name) => name !== "");
      const each = list !== undefined && list.length > 0 && list.every((name) => name.startsWith("type "));
      return { specifier, typesOnly: type !== undefined || each && /^\s*\{/.test(names) };
    }),
    ...[...dynamic, ...workers].map(([, specifier]) => ({ specifier, typesOnly: false })),
  ];
}

/** The path that a relative specifier leads to, from the repository's root. */
function resolve(from: string, specifier: string): string {
  return new URL(specifier, `file:///repository/${from}`).pathname.replace(/^\/repository\//, "");
}

const isBrowserSafe = (text: string) => /browser safe/i.test(/^\/\*\*[\s\S]*?\*\//.exec(text)?.[0] ?? "");

/** What is wrong, one line each, with files by path from the root. */
function violations(files: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  const workers = [...files].flatMap(([path, text]) =>
    [...text.matchAll(/new Worker\(\s*new URL\("([^"]+)"/g)].map(([, specifier]) => resolve(path, specifier))
  );
  for (const [path, text] of files) {
    const layer = LAYERS.indexOf(path.split("/")[0]);
    const safe = isBrowserSafe(text);
    const usesDeno = /\bDeno\./.test(withoutComments(text));
    const maySystem = layer >= LAYERS.indexOf("tasks") || [...TOUCH_THE_SYSTEM, ...workers].includes(path);
    if (usesDeno && !maySystem) found.push(`${path}: uses Deno`);
    if (usesDeno && safe) found.push(`${path}: uses Deno and says that it is browser safe`);
    for (const { specifier, typesOnly } of importsOf(text)) {
      const says = `${path}: imports ${specifier}`;
      if (!specifier.startsWith(".")) {
        if (safe && specifier.startsWith("node:") && !typesOnly) found.push(`${says}, not browser safe`);
        if (layer === 0 && specifier.startsWith("@tensorflow/")) found.push(`${says} into pipelines`);
        continue;
      }
      const target = resolve(path, specifier);
      const content = files.get(target);
      const targetLayer = LAYERS.indexOf(target.split("/")[0]);
      if (targetLayer < 0) found.push(`${says}, outside the layers`);
      else if (targetLayer > layer) found.push(`${says}, against the direction`);
      else if (content === undefined) found.push(`${says}, which is not there`);
      else if (typesOnly) continue;
      else if (safe && !isBrowserSafe(content)) found.push(`${says}, not browser safe`);
      else if (layer === 1 && targetLayer === 0 && !isBrowserSafe(content)) {
        found.push(`${says} into models, not browser safe`);
      }
    }
  }
  return found;
}

async function readSources(): Promise<Map<string, string>> {
  const root = new URL("../", import.meta.url);
  const files = new Map([["mod.ts", await Deno.readTextFile(new URL("mod.ts", root))]]);
  const read = async (folder: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
      if (isDirectory) await read(`${folder}${name}/`);
      else if (name.endsWith(".ts")) files.set(folder + name, await Deno.readTextFile(new URL(folder + name, root)));
    }
  };
  for (const folder of ["pipelines/", "models/", "tasks/"]) await read(folder);
  for (const path of files.keys()) if (path.includes("/assembly/")) files.delete(path); // compiled by AssemblyScript
  return files;
}

Deno.test({
  name: "imports go from mod to tasks to models to pipelines; browser-safe files need no Deno",
  ignore: !may("read"),
  fn: async () => {
    const files = await readSources();
    assertEquals(violations(files), []);
    // The reading of the files works: the web page's files are there and say so, and most imports were understood.
    for (const name of ["rasterize", "stroke", "simplify"]) assert(isBrowserSafe(files.get(`pipelines/${name}.ts`)!));
    const imports = [...files.values()].flatMap(importsOf);
    assert(imports.length > 200, `${imports.length} imports found`);
    assert(imports.some(({ specifier }) => specifier === "./batch_worker.ts"));
  },
});

Deno.test("each rule finds what breaks it", () => {
  const safe = "/** Sums. Browser safe. */\n";
  const files = (extra: Record<string, string>) =>
    new Map(Object.entries({
      "mod.ts": 'export * from "./tasks/a.ts";',
      "tasks/a.ts": 'import { b } from "../models/b.ts";\nDeno.exit(b);',
      "models/b.ts": 'import { c } from "../pipelines/c.ts";\nimport type { d } from "../pipelines/d.ts";',
      "pipelines/c.ts": `${safe}import { type d } from "./d.ts";\n// Deno.cwd()\nimport { zip } from "fflate";`,
      "pipelines/d.ts": 'import { zip } from "node:zlib";\nnew Worker(new URL("./d_worker.ts", import.meta.url));',
      "pipelines/d_worker.ts": 'import { d } from "./d.ts";\nDeno.cwd();',
      ...extra,
    }));
  assertEquals(violations(files({})), []);
  const cases: [path: string, text: string, says: string][] = [
    ["pipelines/x.ts", "Deno.cwd();", "pipelines/x.ts: uses Deno"],
    ["pipelines/source.ts", `${safe}Deno.cwd();`, "pipelines/source.ts: uses Deno and says that it is browser safe"],
    ["pipelines/x.ts", `${safe}import { d } from "./d.ts";`, "pipelines/x.ts: imports ./d.ts, not browser safe"],
    [
      "pipelines/x.ts",
      `${safe}import { c, type d } from "./d.ts";`,
      "pipelines/x.ts: imports ./d.ts, not browser safe",
    ],
    ["pipelines/x.ts", `${safe}import "node:fs";`, "pipelines/x.ts: imports node:fs, not browser safe"],
    ["pipelines/x.ts", `${safe}await import("./d.ts");`, "pipelines/x.ts: imports ./d.ts, not browser safe"],
    ["pipelines/x.ts", `${safe}export * from "./d.ts";`, "pipelines/x.ts: imports ./d.ts, not browser safe"],
    [
      "pipelines/x.ts",
      'import type * as tf from "@tensorflow/tfjs";',
      "pipelines/x.ts: imports @tensorflow/tfjs into pipelines",
    ],
    [
      "pipelines/x.ts",
      'import type { b } from "../models/b.ts";',
      "pipelines/x.ts: imports ../models/b.ts, against the direction",
    ],
    [
      "models/x.ts",
      'import {\n  d,\n} from "../pipelines/d.ts";',
      "models/x.ts: imports ../pipelines/d.ts into models, not browser safe",
    ],
    ["models/x.ts", 'import { a } from "../tasks/a.ts";', "models/x.ts: imports ../tasks/a.ts, against the direction"],
    ["tasks/x.ts", 'import { a } from "../mod.ts";', "tasks/x.ts: imports ../mod.ts, against the direction"],
    [
      "tasks/x.ts",
      'import { h } from "../tests/helpers.ts";',
      "tasks/x.ts: imports ../tests/helpers.ts, outside the layers",
    ],
    [
      "models/x.ts",
      'import { g } from "../fixtures/generate.ts";',
      "models/x.ts: imports ../fixtures/generate.ts, outside the layers",
    ],
    ["tasks/x.ts", 'import { y } from "./y.ts";', "tasks/x.ts: imports ./y.ts, which is not there"],
  ];
  for (const [path, text, says] of cases) assertEquals(violations(files({ [path]: text })), [says]);
});
