/**
 * The page's TypeScript and style, bundled for browsers by esbuild, and kept: nothing is bundled again until one of the files
 * that went into it has changed.
 *
 * @module
 */
import { sha256Of } from "../../../pipelines/base/hash.ts";
import { writeAtomic } from "../../../pipelines/base/files.ts";
import { opened, seal } from "../../../pipelines/base/seal.ts";
import { CACHE } from "../../../pipelines/datasets/download.ts";
import { baseName } from "../../../pipelines/sources/source.ts";
import { ROOT, runEsbuild } from "./esbuild.ts";

/** What is bundled: paths below the repository's folder. */
export interface BundleEntries {
  /** The page's script. */
  readonly page: string;
  /** The script of its Workers. */
  readonly worker: string;
  /** Style sheets, one behind the other. */
  readonly styles: readonly string[];
}

/** The page, ready to be served. */
export interface Bundle {
  /** All scripts, by names with a hash: the two that were asked for, and the parts that they load. */
  readonly scripts: Readonly<Record<string, string>>;
  /** Of `scripts` the page's. */
  readonly page: string;
  /** Of `scripts` the Workers'. */
  readonly worker: string;
  readonly style: string;
}

/** A bundle with what it was made of. */
interface KeptBundle {
  /** {@linkcode BundleEntries} and {@linkcode FLAGS} as JSON. */
  readonly made: string;
  /** SHA-256 of each file that went into it. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly bundle: Bundle;
}

/** What of esbuild's metafile is read. */
interface Metafile {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, { readonly entryPoint?: string }>>;
}

const FLAGS = [
  ...["--bundle", "--minify", "--format=esm", "--splitting", "--platform=browser", "--target=es2022", "--charset=utf8"],
  ...["--jsx=automatic", "--jsx-import-source=preact", "--legal-comments=none", "--log-level=error"],
  ...["--entry-names=[name]-[hash]", "--chunk-names=[name]-[hash]"],
];

/** Beside the inputs: which versions of packages there are, and how their names are found. */
const SETTINGS = ["deno.json", "deno.lock"];

/**
 * Bundles the page, or finds it bundled.
 *
 * @param cache The folder in which the bundle is kept.
 * @param onNote Is told when it cannot be kept.
 * @throws {InputError} When it cannot be bundled.
 */
export async function bundlePage(
  entries: BundleEntries,
  { cache = `${CACHE}/web`, onNote = () => {} }: { readonly cache?: string; readonly onNote?: (note: string) => void } =
    {},
): Promise<Bundle> {
  const made = JSON.stringify([entries, FLAGS]);
  const path = `${cache}/bundle.json`;
  const kept = await readKept(path);
  if (kept?.made === made && await areSame(kept.inputs)) return kept.bundle;
  const begun = Date.now();
  const { bundle, inputs } = await makeBundle(entries);
  if (await wereWritten(Object.keys(inputs), begun)) return bundle; // perhaps it was made of what was there before
  try {
    await Deno.mkdir(cache, { recursive: true });
    await writeAtomic(path, JSON.stringify(seal({ made, inputs, bundle } satisfies KeptBundle)));
  } catch (error) {
    onNote(`the bundled page is not kept in ${cache}, and will be bundled again: ${(error as Error).message}`);
  }
  return bundle;
}

/** What was kept; nothing where it is not there, damaged or out of reach: it is made again. */
async function readKept(path: string): Promise<KeptBundle | undefined> {
  try {
    return opened<KeptBundle>(JSON.parse(await Deno.readTextFile(path)), path);
  } catch {
    return undefined;
  }
}

async function areSame(inputs: Readonly<Record<string, string>>): Promise<boolean> {
  const now = await hashes(Object.keys(inputs));
  return Object.entries(inputs).every(([path, hash]) => now[path] === hash);
}

/** Whether one of some files was written after a time. */
async function wereWritten(paths: readonly string[], time: number): Promise<boolean> {
  for (const path of paths) {
    const { mtime } = await Deno.stat(ROOT + path).catch(() => ({ mtime: null }));
    if (mtime !== null && mtime.getTime() > time) return true;
  }
  return false;
}

/** SHA-256 of files below the repository's folder; empty of those that are not there. */
async function hashes(paths: readonly string[]): Promise<Record<string, string>> {
  const hashOf = async (path: string) => {
    try {
      return sha256Of(await Deno.readFile(ROOT + path));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return "";
      throw error;
    }
  };
  return Object.fromEntries(await Promise.all(paths.map(async (path) => [path, await hashOf(path)] as const)));
}

async function makeBundle(entries: BundleEntries): Promise<Pick<KeptBundle, "bundle" | "inputs">> {
  const { page, worker, styles } = entries;
  const folder = await Deno.makeTempDir({ prefix: "strokewise-" });
  try {
    const metafile = `${folder}/meta.json`;
    await runEsbuild([...FLAGS, `--metafile=${metafile}`, `--outdir=${folder}`, page, worker, ...styles]);
    const { inputs, outputs }: Metafile = JSON.parse(await Deno.readTextFile(metafile));
    const made = await Promise.all(
      Object.entries(outputs).map(async ([path, { entryPoint }]) => {
        const name = baseName(path);
        return { name, entryPoint, text: await Deno.readTextFile(`${folder}/${name}`) };
      }),
    );
    const of = (entry: string) => made.find(({ entryPoint }) => entryPoint === entry)!;
    return {
      bundle: {
        scripts: Object.fromEntries(made.filter(({ name }) => name.endsWith(".js")).map((o) => [o.name, o.text])),
        page: of(page).name,
        worker: of(worker).name,
        style: styles.map((style) => of(style).text).join(""),
      },
      inputs: await hashes([...Object.keys(inputs), ...SETTINGS]),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
