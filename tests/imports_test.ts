/**
 * What may import what. Layers go pipelines -> models -> tasks; inside a layer a folder imports only folders that stand
 * above it in the list; no circle anywhere, types included; no file imports a door (`mod.ts`). A contract knows no
 * implementation; a registry knows them all and is known by few. All of models, but what builds them, and a file whose
 * module doc says "Browser safe" need no Deno, no node: and no file that does. No file has more than 400 lines.
 */
import { assert, assertEquals } from "@std/assert";
import { may } from "./helpers.ts";

/** The rooms of each layer, from the one that all others may use to the one that none may. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  pipelines: [
    ...["base", "images", "strokes", "sources", "render", "formats", "datasets", "shards", "batches", "prepare"],
    "convert",
  ],
  models: ["kernels", "backends", "ops", "layers", "optimizers", "zoo", "gradients"],
  tasks: [
    ...[
      "cli",
      "runs",
      "mpi",
      "training",
      "evaluation",
      "report",
      "web",
      "export",
      "reproduce",
      "cluster",
      "bench",
      "commands",
    ],
    "fuzz",
  ],
};

/** The layers, from the one that everything may use to the one that nothing uses. */
const LAYERS = [...Object.keys(ROOMS), "mod.ts"];

/** Contracts know no implementation: what they may import of rooms, beside `base`. */
const CONTRACTS: Readonly<Record<string, readonly string[]>> = {
  "pipelines/dataset.ts": ["sources"], // what is opened and fetched, as types
  "models/model.ts": [],
  "models/model_spec.ts": [],
};

/** How many lines a file may have. */
const MOST_LINES = 400;

/** The only files below tasks that touch the system, beside the entry files of Workers. */
const TOUCH_THE_SYSTEM = [
  "pipelines/base/files.ts",
  "pipelines/sources/source.ts",
  "pipelines/sources/source_info.ts",
  "pipelines/sources/small_files.ts",
  "pipelines/sources/cached_file.ts",
  "pipelines/sources/remote_folder.ts",
  ...["shard_reader", "shard_writer", "row_buckets", "output_folder", "write_journal", "pack_shard", "bank"]
    .map((name) => `pipelines/shards/${name}.ts`),
  ...["writing_folder", "part_files", "shard_cache", "cache_room", "remote_place"]
    .map((name) => `pipelines/shards/${name}.ts`),
  ...["prepare", "prepare_pool", "prepare_reading", "merge_parts", "reject_file", "sample_sheet"]
    .map((name) => `pipelines/prepare/${name}.ts`),
  ...["convert", "inputs", "inspection", "picture_files"].map((name) => `pipelines/convert/${name}.ts`),
  ...["stock_gradients", "wasm"].map((name) => `models/kernels/${name}/build.ts`), // run by hand
  "pipelines/base/wasm/build.ts", // run by hand
];

/** The only file by which text goes to stdout and stderr: it escapes what could steer a terminal. */
const TERMINAL = "tasks/cli/terminal.ts";

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
  const dynamic = code.matchAll(/\bimport\(\s*"([^"]+)"/g); // in types too
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

/** Whether a file is to run in a page: all of models, but what builds them, and what says so of itself. */
function isBrowserSafe(path: string, text: string): boolean {
  return /^models\/.*(?<!\/build\.ts)$/.test(path) || /browser safe/i.test(/^\/\*\*[\s\S]*?\*\//.exec(text)?.[0] ?? "");
}

const isDoor = (path: string) => /(^|\/)mod\.ts$/.test(path) || path === "models/browser.ts";

/** A file's layer, and its room in it; undefined for what stands in front of the rooms, such as a contract. */
function placeOf(path: string): { layer: number; room: number | undefined } {
  const [layer, room, ...rest] = path.split("/");
  const place = rest.length === 0 ? undefined : ROOMS[layer]?.indexOf(room);
  return { layer: LAYERS.indexOf(layer), room: place };
}

/** What is wrong, one line each, with files by path from the root. */
function violations(files: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  const workers = [...files].flatMap(([path, text]) =>
    [...text.matchAll(/new Worker\(\s*new URL\("([^"]+)"/g), ...text.matchAll(/new URL\("([^"]+_worker\.ts)"/g)]
      .map(([, specifier]) => resolve(path, specifier))
  );
  for (const [path, text] of files) {
    const { layer, room } = placeOf(path);
    if (room === -1) found.push(`${path}: in no room of the list`);
    const lines = text.split("\n").length - 1;
    if (lines > MOST_LINES) found.push(`${path}: ${lines} lines, above ${MOST_LINES}`);
    const safe = isBrowserSafe(path, text);
    const usesDeno = /\bDeno\./.test(withoutComments(text));
    const maySystem = layer >= LAYERS.indexOf("tasks") || [...TOUCH_THE_SYSTEM, ...workers].includes(path);
    if (usesDeno && !maySystem) found.push(`${path}: uses Deno`);
    const writes = /\bDeno\.std(out|err)\.(?!isTerminal)|\bDeno\.std(out|err)[,)]/.test(withoutComments(text));
    if (writes && path !== TERMINAL && !workers.includes(path)) found.push(`${path}: writes to the terminal`);
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
      const other = placeOf(target);
      const allowed = CONTRACTS[path];
      if (other.layer < 0) found.push(`${says}, outside the layers`);
      else if (other.layer > layer) found.push(`${says}, against the direction`);
      else if (content === undefined) found.push(`${says}, which is not there`);
      else if (isDoor(target) && !isDoor(path)) found.push(`${says}: doors are for visitors`);
      else if (
        other.layer === layer && room !== undefined && !isDoor(path) && other.room !== undefined && other.room > room
      ) found.push(`${says}, from a room below it`);
      else if (allowed && other.room !== undefined && !["base", ...allowed].includes(target.split("/")[1])) {
        found.push(`${says}: a contract knows no implementation`);
      } else if (safe && !typesOnly && !isBrowserSafe(target, content)) found.push(`${says}, not browser safe`);
    }
  }
  return [...found, ...circles(files).map((circle) => `a circle: ${circle.join(", ")}`)];
}

/** Files that import each other, however far around, types included (Tarjan 1972: strongly connected components). */
function circles(files: ReadonlyMap<string, string>): string[][] {
  const numbers = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const found: string[][] = [];
  const visit = (path: string): void => {
    numbers.set(path, numbers.size);
    lowest.set(path, numbers.size - 1);
    open.push(path);
    for (const { specifier } of importsOf(files.get(path)!)) {
      const target = resolve(path, specifier);
      if (!specifier.startsWith(".") || !files.has(target)) continue;
      if (!numbers.has(target)) visit(target);
      if (open.includes(target)) lowest.set(path, Math.min(lowest.get(path)!, lowest.get(target)!));
    }
    if (lowest.get(path) !== numbers.get(path)) return;
    const component = open.splice(open.indexOf(path));
    if (component.length > 1) found.push(component.sort());
  };
  for (const path of files.keys()) if (!numbers.has(path)) visit(path);
  return found;
}

async function readSources(): Promise<Map<string, string>> {
  const root = new URL("../", import.meta.url);
  const files = new Map([["mod.ts", await Deno.readTextFile(new URL("mod.ts", root))]]);
  const read = async (folder: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
      if (isDirectory) await read(`${folder}${name}/`);
      else if (/\.(js|json|tsx?)$/.test(name)) {
        files.set(folder + name, await Deno.readTextFile(new URL(folder + name, root)));
      }
    }
  };
  for (const folder of ["pipelines/", "models/", "tasks/"]) await read(folder);
  for (const path of files.keys()) if (path.includes("/assembly/")) files.delete(path); // compiled by AssemblyScript
  return files;
}

Deno.test({
  name: "imports follow the layers and rooms, without a circle; browser-safe files need no Deno; no file is long",
  ignore: !may("read"),
  fn: async () => {
    const files = await readSources();
    assertEquals(violations(files), []);
    // The reading of the files works: the web page's files are there and say so, and most imports were understood.
    for (const name of ["rasterize", "stroke", "simplify"]) {
      const path = `pipelines/strokes/${name}.ts`;
      assert(isBrowserSafe(path, files.get(path)!));
    }
    const imports = [...files.values()].flatMap(importsOf);
    assert(imports.length > 200, `${imports.length} imports found`);
    assert(imports.some(({ specifier }) => specifier === "./batch_worker.ts"));
  },
});

/** The packages that a file needs, with all that it imports: what is installed with it. */
function packagesOf(path: string, files: ReadonlyMap<string, string>): string[] {
  const [seen, packages] = [new Set([path]), new Set<string>()];
  for (const from of seen) {
    for (const { specifier } of importsOf(files.get(from)!)) {
      if (specifier.startsWith(".")) seen.add(resolve(from, specifier));
      else if (!specifier.startsWith("node:")) packages.add(specifier);
    }
  }
  return [...packages].sort();
}

Deno.test({
  name: "a door brings no package that its visitors do without",
  ignore: !may("read"),
  fn: async () => {
    const files = await readSources();
    const hashes = "@noble/hashes/sha2.js"; // where a page has none
    const tfjs = ["backend-cpu", "backend-wasm", "backend-webgpu", "core"].map((name) => `@tensorflow/tfjs-${name}`);
    const data = ["aws4fetch", "fast-png", "fflate", "gifenc", "jpeg-js", "saxes", "svgpath"];
    const parquet = ["fzstd", "hyparquet", "hyparquet-compressors"];
    const parts = ["column", "datapage", "delta", "encoding", "metadata", "plain"].map((part) =>
      `hyparquet/src/${part}.js`
    );
    const tables = [...parquet, ...parts];
    const writer = ["bytewriter", "parquet-writer"].map((part) => `hyparquet-writer/src/${part}.js`);
    assertEquals(packagesOf("pipelines/formats/mod.ts", files), ["fflate", "saxes", "svgpath"]);
    assertEquals(packagesOf("pipelines/mod.ts", files), [...data, ...tables, ...writer].sort());
    assertEquals(packagesOf("models/mod.ts", files), [hashes, ...tfjs]);
    const ofPages = ["fast-png", "fflate", "gifenc", "jpeg-js"];
    assertEquals(packagesOf("models/browser.ts", files), [hashes, ...tfjs, ...ofPages]);
    assertEquals(packagesOf("tasks/mod.ts", files), [hashes, ...tfjs, ...data, ...tables].sort());
    assertEquals(packagesOf("mod.ts", files), [hashes, ...tfjs, ...data, ...tables].sort());
  },
});

Deno.test("each rule finds what breaks it", () => {
  const safe = "/** Sums. Browser safe. */\n";
  const files = (extra: Record<string, string>) =>
    new Map(Object.entries({
      "mod.ts": 'export * from "./tasks/mod.ts";',
      "tasks/mod.ts": 'export * from "./runs/a.ts";',
      "tasks/runs/a.ts": 'import { b } from "../../models/ops/b.ts";\nDeno.exit(b);',
      "models/ops/b.ts":
        'import { c } from "../../pipelines/base/c.ts";\nimport type { d } from "../../pipelines/base/d.ts";',
      "pipelines/base/c.ts": `${safe}import { type d } from "./d.ts";\n// Deno.cwd()\nimport { zip } from "fflate";`,
      "pipelines/base/d.ts": 'import { zip } from "node:zlib";\nnew Worker(new URL("./d_worker.ts", import.meta.url));',
      "pipelines/base/d_worker.ts": 'import { e } from "./e.ts";\nDeno.cwd();',
      "pipelines/base/e.ts": 'import { zip } from "node:zlib";',
      "pipelines/shards/s.ts": 'import { e } from "../base/e.ts";',
      ...extra,
    }));
  assertEquals(violations(files({})), []);
  const cases: [path: string, text: string, says: string][] = [
    ["pipelines/base/x.ts", "Deno.cwd();", "uses Deno"],
    ["pipelines/base/x.ts", "\n".repeat(401), "401 lines, above 400"],
    ["pipelines/base/files.ts", `${safe}Deno.cwd();`, "uses Deno and says that it is browser safe"],
    ["pipelines/base/x.ts", `${safe}import { d } from "./d.ts";`, "imports ./d.ts, not browser safe"],
    ["pipelines/base/x.ts", `${safe}import { c, type d } from "./d.ts";`, "imports ./d.ts, not browser safe"],
    ["pipelines/base/x.ts", `${safe}import "node:fs";`, "imports node:fs, not browser safe"],
    ["pipelines/base/x.ts", `${safe}await import("./d.ts");`, "imports ./d.ts, not browser safe"],
    ["pipelines/base/x.ts", `${safe}export * from "./d.ts";`, "imports ./d.ts, not browser safe"],
    [
      "pipelines/base/x.ts",
      'import type * as tf from "@tensorflow/tfjs-core";',
      "imports @tensorflow/tfjs-core into pipelines",
    ],
    [
      "pipelines/base/x.ts",
      'import type { b } from "../../models/ops/b.ts";',
      "imports ../../models/ops/b.ts, against the direction",
    ],
    [
      "models/ops/x.ts",
      'import {\n  d,\n} from "../../pipelines/base/d.ts";',
      "imports ../../pipelines/base/d.ts, not browser safe",
    ],
    [
      "models/ops/x.ts",
      'import { a } from "../../tasks/runs/a.ts";',
      "imports ../../tasks/runs/a.ts, against the direction",
    ],
    ["tasks/runs/x.ts", 'import { a } from "../../mod.ts";', "imports ../../mod.ts, against the direction"],
    ["tasks/runs/x.ts", 'import { a } from "../mod.ts";', "imports ../mod.ts: doors are for visitors"],
    ["models/ops/x.ts", 'import "node:fs";', "imports node:fs, not browser safe"],
    [
      "tasks/runs/x.ts",
      'import { h } from "../../tests/helpers.ts";',
      "imports ../../tests/helpers.ts, outside the layers",
    ],
    ["models/ops/x.ts", 'import { g } from "../../fixtures/g.ts";', "imports ../../fixtures/g.ts, outside the layers"],
    ["tasks/runs/x.ts", 'import { y } from "./y.ts";', "imports ./y.ts, which is not there"],
    ["pipelines/attic/x.ts", "", "in no room of the list"],
    ["pipelines/base/x.ts", 'import { s } from "../shards/s.ts";', "imports ../shards/s.ts, from a room below it"],
    ["pipelines/base/x.ts", 'let s: import("../shards/s.ts").S;', "imports ../shards/s.ts, from a room below it"],
    [
      "pipelines/dataset.ts",
      'import type { s } from "./shards/s.ts";',
      "imports ./shards/s.ts: a contract knows no implementation",
    ],
  ];
  for (const [path, text, says] of cases) assertEquals(violations(files({ [path]: text })), [`${path}: ${says}`]);
  const around = {
    "pipelines/base/x.ts": 'import type { y } from "./y.ts";',
    "pipelines/base/y.ts": 'import "./x.ts";',
  };
  assertEquals(violations(files(around)), ["a circle: pipelines/base/x.ts, pipelines/base/y.ts"]);
});
