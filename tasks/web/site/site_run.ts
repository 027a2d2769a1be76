/**
 * What of a run goes onto the page: its file, what it computes of a stored drawing, the clean shapes of its classes, and what
 * is known of it.
 *
 * @module
 */
import { startBackend } from "../../../models/backends/backend.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { exists, trimSlashes } from "../../../pipelines/base/files.ts";
import { quickdraw } from "../../../pipelines/datasets/quickdraw/quickdraw.ts";
import { DATASETS } from "../../../pipelines/datasets/registry.ts";
import { parseQuickDrawLine } from "../../../pipelines/formats/quickdraw/quickdraw_line.ts";
import { baseName, findSources, openSource, readLines } from "../../../pipelines/sources/source.ts";
import type { Drawing } from "../../../pipelines/strokes/stroke.ts";
import type { LatentChoice } from "../../evaluation/latent_source.ts";
import { judgedFolder, judgedSplit } from "../../evaluation/judged_aside.ts";
import { readEvaluation } from "../../evaluation/read_evaluation.ts";
import { abilityReports } from "../../report/ability_reports.ts";
import { buildRun, partsOf } from "../engine/built_run.ts";
import type { SiteFile, SiteRun } from "./manifest.ts";
import { readModelFile } from "./model_file.ts";
import { type Prototypes, prototypesFor, type PrototypeSources } from "./prototypes.ts";
import { makeSelfCheck } from "./self_check.ts";
import { sha256Of } from "../../../pipelines/base/hash.ts";
import { entryOf, hashedPath, type SiteEntry } from "./site.ts";

/** A run as the page is told of it, with its files. */
export interface PageRun {
  readonly run: SiteRun;
  /** By path. */
  readonly files: Readonly<Record<string, SiteEntry>>;
  /** The folder of shards that it learnt from; it may be gone, or empty where there was none. */
  readonly data: string;
  /** What is worth saying of it where it is served. */
  readonly remarks: readonly string[];
}

/** Of whatever is random in the check. */
const SEED = 13;

/** A house: looked at by runs that know no class of the embedded drawings. */
const HOUSE: Drawing = [
  [[40, 40, 215, 215, 40], [120, 255, 255, 120, 120]],
  [[20, 128, 235], [130, 0, 130]],
  [[105, 105, 150, 150], [255, 180, 180, 255]],
];

/**
 * Reads a run for the page.
 *
 * @param folder The run's folder.
 * @param name What it is called on the page.
 * @param latents What those of its samples are drawn from; `auto` when left out.
 * @throws {InputError} When it cannot be used: it is not there, damaged, or can do nothing on a page.
 */
export async function readPageRun(folder: string, name: string, latents: LatentChoice = "auto"): Promise<PageRun> {
  const { bytes, data, notes } = await readModelFile(folder, { latents });
  const { file, entry } = fileOf(`models/${pathName(name)}.safetensors`, bytes, "models");
  const known = await examine(bytes, folder);
  const { judged, remarks = [] } = await judgedOf(folder);
  return {
    run: { name, ...known, weights: file, ...(judged === undefined ? {} : { judged }), notes },
    ...{ data, remarks },
    files: { [file.path]: entry },
  };
}

/**
 * Adds the clean shapes of its classes to a run that names drawings.
 *
 * @param given A file or folder of them; empty for none.
 * @param onShape Is told how many of the classes have theirs.
 * @returns The run, and what is to be said of its shapes.
 * @throws {InputError} When the given ones cannot be read.
 */
export async function withPrototypes(
  page: PageRun,
  given: string,
  onShape: (done: number) => void = () => {},
): Promise<{ readonly page: PageRun; readonly notes: readonly string[] }> {
  const { run, data, files } = page;
  if (!run.names) return { page, notes: [] };
  const { prototypes, notes } = await shapesFor(run.classes, { given, data, onShape });
  const said = notes.map((note) => `${run.name}: ${note}`);
  if (prototypes.length === 0) return { page, notes: said };
  const plain = prototypes.map(({ drawing, ...rest }) => ({
    ...rest,
    drawing: drawing.map(([xs, ys]) => [Array.from(xs), Array.from(ys)]),
  }));
  const text = new TextEncoder().encode(JSON.stringify(plain));
  const { file, entry } = fileOf(`prototypes/${pathName(run.name)}.json`, text, "prototypes");
  return { page: { ...page, run: { ...run, prototypes: file }, files: { ...files, [file.path]: entry } }, notes: said };
}

/** Data that is damaged costs the shapes that would be made of it, and no more. */
async function shapesFor(
  classes: readonly string[],
  { data, ...rest }: PrototypeSources & { readonly data: string },
): Promise<Prototypes> {
  if (data === "") return await prototypesFor(classes, rest);
  try {
    return await prototypesFor(classes, { ...rest, data });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const without = await prototypesFor(classes, rest);
    return { ...without, notes: [...without.notes, error.message] };
  }
}

/** A name as a path has it. */
function pathName(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]+/g, "-") || "run";
}

function fileOf(
  path: string,
  bytes: Uint8Array<ArrayBuffer>,
  part: SiteEntry["part"],
): { readonly file: SiteFile; readonly entry: SiteEntry } {
  const hashed = hashedPath(path, bytes);
  return {
    file: { path: hashed, size: bytes.length, sha256: sha256Of(bytes) },
    entry: entryOf(hashed, bytes, { part, isImmutable: true }),
  };
}

/** What the run is and can do, and what it computes here of the very bytes that the page gets. */
async function examine(
  bytes: Uint8Array<ArrayBuffer>,
  folder: string,
): Promise<Pick<SiteRun, "model" | "classes" | "names" | "looks" | "light" | "check">> {
  await startBackend("wasm");
  const built = await buildRun(bytes, folder);
  try {
    const { naming, strokes, images } = partsOf(built);
    const names = naming !== undefined;
    const looks = names || strokes !== undefined;
    const { classes, dataset = "" } = built.state.data;
    const isLight = images && Object.hasOwn(DATASETS, dataset) && DATASETS[dataset].picture?.light;
    const check = await makeSelfCheck(built, await drawingOf(classes), SEED);
    return { model: built.spec.name, classes, names, looks, ...(isLight ? { light: true } : {}), check };
  } catch (error) {
    throw error instanceof InputError ? new InputError(`run ${folder}: ${error.message}`) : error;
  } finally {
    built.model.dispose();
  }
}

/** The first embedded drawing of the first of some classes that there is one of. */
async function drawingOf(classes: readonly string[]): Promise<Drawing> {
  const folder = trimSlashes(decodeURIComponent(quickdraw.embedded!.pathname));
  for (const name of classes) {
    const path = `${folder}/${name}.ndjson.gz`;
    if (name.includes("/") || !await exists(path)) continue;
    const [source] = await findSources([path], quickdraw.extensions);
    for await (const [line] of readLines(openSource(source))) return parseQuickDrawLine(line.text).drawing;
  }
  return HOUSE;
}

/** The first number that a run's report shows, such as `Top-1 accuracy 86.0 % on test`; a damaged file of them costs that alone. */
async function judgedOf(
  folder: string,
): Promise<{ readonly judged?: string; readonly remarks?: readonly string[] }> {
  const run = trimSlashes(folder);
  const split = await judgedSplit(run);
  if (split === undefined) return {};
  const path = `${judgedFolder(run, split)}/metrics.json`;
  try {
    const evaluation = await readEvaluation(path);
    const [tile] = evaluation ? abilityReports(evaluation).flatMap(({ tiles = [] }) => tiles) : [];
    return tile && evaluation ? { judged: `${tile.name} ${tile.value} on ${evaluation.split}` } : {};
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { remarks: [`${error.message}; its figures are not shown`] };
  }
}

/** Names for runs: the last parts of their folders, with a number where two are the same. */
export function namesOf(folders: readonly string[]): string[] {
  const names: string[] = [];
  for (const folder of folders) {
    const name = baseName(trimSlashes(folder));
    let unique = name;
    for (let number = 2; names.includes(unique); number++) unique = `${name}-${number}`;
    names.push(unique);
  }
  return names;
}
