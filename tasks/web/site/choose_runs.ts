/**
 * Which runs are on the page: those that are named; else the newest of each kind of model.
 *
 * @module
 */
import { resolve } from "node:path";
import { InputError } from "../../../pipelines/base/errors.ts";
import { exists, trimSlashes } from "../../../pipelines/base/files.ts";
import { Progress } from "../../cli/progress.ts";
import type { LatentChoice } from "../../evaluation/latent_source.ts";
import { readOptions, refuseTwice } from "../../runs/run_directory.ts";
import { namesOf, type PageRun, readPageRun, withPrototypes } from "./site_run.ts";

/** So many runs are on the page at most where none is named, since they share a processor; and so many faults are told. */
const MOST = 4;

/** What was chosen. */
export interface ChosenRuns {
  readonly runs: readonly PageRun[];
  /** What is worth saying: which runs were taken, and why others were not. */
  readonly notes: readonly string[];
}

/** What is asked for. */
export interface WantedRuns {
  /** Folders of runs; where there are none, the newest of each kind of model in `parent`. */
  readonly run: readonly string[];
  /** A file or folder of clean shapes for their classes; none when left out or empty. */
  readonly prototypes?: string;
  /** The folder of folders of runs; `runs` when left out. */
  readonly parent?: string;
  /** What latents of samples are drawn from; `auto` when left out. */
  readonly latents?: LatentChoice;
  /** Is told how many classes of the runs have their clean shapes, and how many classes there are, while they are made. */
  readonly onShape?: (done: number, total: number) => void;
}

/**
 * Reads the runs for the page. Those that are not named must have been evaluated while they were trained.
 *
 * @throws {InputError} When a run that is named cannot be used, or the clean shapes cannot.
 */
export async function chooseRuns(
  { run: named, prototypes = "", parent = "runs", latents = "auto", onShape }: WantedRuns,
): Promise<ChosenRuns> {
  if (prototypes !== "" && !await exists(prototypes)) throw new InputError(`--prototypes ${prototypes}: not there`);
  const { runs, notes } = named.length === 0 ? await newestRuns(parent, latents) : await namedRuns(named, latents);
  const shaped = [];
  const countOf = ({ run }: PageRun) => run.names ? run.classes.length : 0;
  const total = runs.reduce((sum, page) => sum + countOf(page), 0);
  let before = 0;
  for (const page of runs) {
    shaped.push(await withPrototypes(page, prototypes, (done) => onShape?.(before + done, total)));
    before += countOf(page);
  }
  const remarks = shaped.flatMap(({ page, notes }) => [...page.remarks, ...notes]);
  return { runs: shaped.map(({ page }) => page), notes: [...notes, ...remarks] };
}

/** {@linkcode chooseRuns} with its progress on stderr: clean shapes of hundreds of classes take minutes. */
export async function chooseRunsShown(wanted: WantedRuns): Promise<ChosenRuns> {
  let progress: Progress | undefined;
  try {
    return await chooseRuns({
      ...wanted,
      onShape(done, total) {
        progress ??= new Progress({ label: "clean shapes", unit: "classes", total });
        progress.update(done);
      },
    });
  } finally {
    progress?.end();
  }
}

async function namedRuns(named: readonly string[], latents: LatentChoice): Promise<ChosenRuns> {
  const folders = named.map(trimSlashes);
  const places = folders.map((folder) => resolve(folder)); // `.` has a name, and is perhaps another's
  await refuseTwice(folders);
  const names = namesOf(places);
  const runs: PageRun[] = [];
  for (const [i, folder] of folders.entries()) runs.push(await readPageRun(folder, names[i], latents));
  return { runs, notes: [] };
}

/** The newest run of each kind of model that can be shown. */
async function newestRuns(parent: string, latents: LatentChoice): Promise<ChosenRuns> {
  const found = await foldersIn(parent);
  const taken = new Map<string, PageRun>();
  const faults: string[] = [];
  for (const folder of found) {
    if (taken.size === MOST) break;
    const kind = await kindOf(folder);
    if (kind !== undefined && taken.has(kind)) continue;
    try {
      const page = await readPageRun(folder, folder.slice(parent.length + 1), latents);
      if (!taken.has(page.run.model)) taken.set(page.run.model, page);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      faults.push(`left out: ${error.message}`);
    }
  }
  const runs = [...taken.values()];
  const notes = faults.slice(0, MOST);
  if (faults.length > MOST) notes.push(`left out: ${faults.length - MOST} more`);
  if (runs.length > 0) {
    notes.push(`no run is named: ${runs.length} of ${found.length} in ${parent}, the newest of each kind of model`);
  }
  return { runs, notes };
}

/** The folders of runs that have best weights, the newest first. */
async function foldersIn(parent: string): Promise<string[]> {
  if (!await exists(parent) || !(await Deno.stat(parent)).isDirectory) return [];
  const found: { readonly folder: string; readonly time: number }[] = [];
  for (const { name } of await Array.fromAsync(Deno.readDir(parent))) {
    const best = `${parent}/${name}/best.safetensors`;
    if (await exists(best)) {
      found.push({ folder: `${parent}/${name}`, time: (await Deno.stat(best)).mtime?.getTime() ?? 0 });
    }
  }
  return found.sort((a, b) => b.time - a.time || (a.folder < b.folder ? -1 : 1)).map(({ folder }) => folder);
}

/** The kind of a run's model, as far as its options say it, without the checkpoint. */
async function kindOf(folder: string): Promise<string | undefined> {
  try {
    return (await readOptions(folder))?.model as string | undefined;
  } catch (error) {
    if (error instanceof InputError) return undefined; // what is wrong is told when it is read
    throw error;
  }
}
