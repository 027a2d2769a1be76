/**
 * A run's folder, `runs/<name>/`: `options.json`, `metrics.jsonl`, `last.safetensors`, `best.safetensors`, and what
 * `evaluate` adds. Every file is replaced whole or appended to by whole lines.
 *
 * @module
 */
import { isRecord, jsonValue } from "../../pipelines/base/json_values.ts";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "../../models/checkpoint.ts";
import { InputError, isMachineFault } from "../../pipelines/base/errors.ts";
import { exists, infoOf, writeAtomic } from "../../pipelines/base/files.ts";
import type { OptionValue } from "../../pipelines/base/option_table.ts";
import { opened, seal } from "../../pipelines/base/seal.ts";
import { DIVERGENCE_FILE } from "./divergence.ts";
import { CLAIM_FILE, RunClaim, RunTaken } from "./run_claim.ts";
import { positionFault, type RunState, upgradeState } from "./run_state.ts";
import type { Metrics } from "./metrics.ts";
import { metricsPath, MetricsTail } from "./metrics_tail.ts";
import { isEventFile } from "./tfevents/event_files.ts";

/** The first of `<parent>/<name>-1`, `<name>-2`, … that is free. */
export async function freeFolder(parent: string, name: string): Promise<string> {
  for (let number = 1;; number++) {
    const folder = `${parent}/${name}-${number}`;
    if (!await exists(folder)) return folder;
  }
}

/** Which weights of a run: those of the best evaluation on valid, or the last. */
export type CheckpointName = "best" | "last";

/**
 * Checks that a run is there to be used.
 *
 * @throws {InputError} When its folder is not there, or holds no checkpoint.
 */
export async function checkRun(folder: string): Promise<void> {
  if (!await exists(folder)) throw new InputError(`run ${folder}: no such folder`);
  if (!(await Deno.stat(folder)).isDirectory) throw new InputError(`run ${folder}: a file, expected a run's folder`);
  const has = (name: string) => exists(`${folder}/${name}`);
  if (await has("last.safetensors") || await has("best.safetensors")) return;
  throw new InputError(
    await has("options.json")
      ? `run ${folder}: it ended before its first checkpoint; train --run ${folder} begins it anew`
      : `run ${folder}: no run's folder: it holds neither last.safetensors nor best.safetensors`,
  );
}

/**
 * Where a run's weights are. One that was stopped before its first evaluation has no best ones: the last stand in for them.
 *
 * @returns The path, and a sentence where it is not the one that was asked for.
 * @throws {InputError} When there is no such run, or the best ones were there and are there no more.
 */
export async function checkpointPath(
  folder: string,
  name: CheckpointName,
): Promise<{ readonly path: string; readonly note?: string }> {
  await checkRun(folder);
  const pathOf = (name: CheckpointName) => `${folder.replace(/\/+$/, "")}/${name}.safetensors`;
  if (name === "last" || await exists(pathOf("best")) || !await exists(pathOf("last"))) return { path: pathOf(name) };
  if ((await loadRunCheckpoint(pathOf("last"))).state.position.best !== null) {
    throw new InputError(
      `checkpoint ${pathOf("best")}: not there any more; the last weights are in ${pathOf("last")}, --checkpoint last`,
    );
  }
  return {
    path: pathOf("last"),
    note: `run ${folder} was stopped before its first evaluation: there are no best weights, these are the last`,
  };
}

/** The files by which a folder is known as a run's. */
const OF_A_RUN = ["last.safetensors", "best.safetensors", "options.json", "metrics.jsonl"];

/** Those of the files by which a folder is known as a run's that it has; none where it is no run's. */
export async function runFilesIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of OF_A_RUN) if (await exists(`${folder}/${name}`)) found.push(name);
  const isForeign = found.join() === "options.json" && !await holdsOptions(`${folder}/options.json`);
  return isForeign ? [] : found;
}

/**
 * Checks that a folder holds no weights of another run, whose last and best would then be of two.
 *
 * @throws {InputError} When it does.
 */
export async function checkNoRun(folder: string): Promise<void> {
  for (const name of ["last", "best"]) {
    const path = `${folder}/${name}.safetensors`;
    if (!await exists(path)) continue;
    throw new InputError(
      `${path}: of a run that is there already; train with resume goes on with it, or in another folder`,
    );
  }
}

/** The files of a run that began and saved no checkpoint. */
const BEGUN = ["options.json", "metrics.jsonl", "augmented.png", "profile.json", DIVERGENCE_FILE];
/** How the name of a file ends that a killed process was writing. */
const PARTIAL = /\.[0-9a-f]{16}\.partial$/;

/**
 * Checks that a new run may have a folder: it is not there, empty, or holds what a run left that saved nothing.
 *
 * @throws {InputError} When it holds anything else.
 */
export async function checkRunFolder(folder: string): Promise<void> {
  const info = await infoOf(folder);
  if (info === undefined) return;
  if (!info.isDirectory && !(await Deno.stat(folder)).isDirectory) {
    throw new InputError(`run ${folder}: a file, expected a folder to be made`);
  }
  const all = await Array.fromAsync(Deno.readDir(folder));
  const entries = all.filter(({ name, isFile }) => !isFile || name !== CLAIM_FILE);
  if (entries.some(({ name }) => name === "last.safetensors")) {
    throw new RunTaken(`run ${folder}: already there; --resume ${folder} goes on with it, --run names another`);
  }
  const hasOptions = entries.some(({ name }) => name === "options.json") &&
    await holdsOptions(`${folder}/options.json`);
  const isLeft = (name: string) => PARTIAL.test(name) && [...BEGUN, ...OF_A_RUN].includes(name.replace(PARTIAL, ""));
  const isBegun = (name: string) => BEGUN.includes(name) || isEventFile(name);
  const other = entries.find(({ name, isFile }) => !isFile || !isLeft(name) && (!hasOptions || !isBegun(name)));
  if (other === undefined) return;
  throw new InputError(`run ${folder}: holds ${other.name}, which is of no run; --run names another folder`);
}

/**
 * Claims the folder of a new run, made where it is not there, and removes what a run left in it that saved nothing: none of it
 * is taken for the next one's.
 *
 * @throws {InputError} As {@linkcode checkRunFolder} does; a `RunTaken` where another has it.
 */
export async function claimNewRun(folder: string): Promise<RunClaim> {
  await Deno.mkdir(folder, { recursive: true });
  const claim = await RunClaim.of(folder);
  try {
    await checkRunFolder(folder); // another may have trained in it meanwhile
    for (const name of BEGUN) {
      if (await exists(`${folder}/${name}`)) await Deno.remove(`${folder}/${name}`);
    }
    return claim;
  } catch (error) {
    claim[Symbol.dispose]();
    throw error;
  }
}

/**
 * Refuses a run that is named twice, by whatever path.
 *
 * @param flag By which they are named; none when left out.
 * @throws {InputError} When one is.
 */
export async function refuseTwice(folders: readonly string[], flag: string = "run"): Promise<void> {
  const seen = new Set<string>();
  for (const folder of folders) {
    const place = await exists(folder) ? await Deno.realPath(folder) : folder;
    if (seen.has(place)) throw new InputError(`${flag} ${folder}: named twice`);
    seen.add(place);
  }
}

/**
 * Reads `options.json`, which a run of a script may lack; one without a hash, from before there were any, is as good as none.
 *
 * @throws {InputError} When it is no JSON object, or not what was written.
 */
export async function readOptions(folder: string): Promise<Record<string, OptionValue> | undefined> {
  const path = `${folder}/options.json`;
  if (!await exists(path)) return undefined;
  return opened(jsonValue(await Deno.readTextFile(path)), path);
}

/** Whether a file is the `options.json` of a run. */
async function holdsOptions(path: string): Promise<boolean> {
  const options = jsonValue(await Deno.readTextFile(path));
  return typeof options === "object" && options !== null &&
    ["model", "data", "backend", "train.batchSize"].every((name) => Object.hasOwn(options, name));
}

/** Saves a checkpoint. */
export async function saveCheckpoint<State>(path: string, checkpoint: Checkpoint<State>): Promise<void> {
  await writeAtomic(path, await encodeCheckpoint(checkpoint));
}

/**
 * Loads a checkpoint.
 *
 * @param path Such as `runs/cnn-lstm-1/best.safetensors`.
 * @returns Tensors and state; the state is not checked to be a `State`, which is `RunState` for a run of `train`.
 * @throws {InputError} When it is not there or not whole.
 *
 * @example
 * ```ts
 * import { InputError, type RunState } from "@strokewise/strokewise";
 * import { loadCheckpoint } from "@strokewise/strokewise/tasks";
 * import { assertRejects } from "@std/assert";
 *
 * const load = () => loadCheckpoint<RunState>("runs/none/best.safetensors");
 * await assertRejects(load, InputError, "checkpoint runs/none/best.safetensors: no such file");
 * ```
 */
export async function loadCheckpoint<State>(path: string): Promise<Checkpoint<State>> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      throw new InputError(`checkpoint ${path}: no such file`);
    }
    if (isMachineFault((error as Error).message)) {
      throw new InputError(`checkpoint ${path}: ${(error as Error).message}`);
    }
    throw error;
  }
  return await decodeCheckpoint<State>(bytes, path);
}

/**
 * Loads a checkpoint of a run, whichever version wrote it.
 *
 * @throws {InputError} When it is not there, not whole, or of something else.
 */
export async function loadRunCheckpoint(path: string): Promise<Checkpoint<RunState>> {
  const { tensors, state } = await loadCheckpoint<RunState>(path);
  if (!state?.settings || !state.position || !state.data) {
    throw new InputError(`checkpoint ${path}: it is of no run`);
  }
  const { classes } = state.data;
  if (!Array.isArray(classes) || !classes.every((name) => typeof name === "string")) {
    throw new InputError(`checkpoint ${path}: its state is of no run: expected the names of its classes`);
  }
  const group = (["modelOptions", "loop", "augment"] as const).find((name) => !isRecord(state.settings[name]));
  const fault = group === undefined ? positionFault(state.position) : `expected options of its settings, ${group}`;
  if (fault !== undefined) throw new InputError(`checkpoint ${path}: its state is of no run: ${fault}`);
  try {
    return { tensors, state: upgradeState(state) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // a part that every version has is missing
    throw new InputError(`checkpoint ${path}: its state is of no run: ${error.message}`);
  }
}

/** Appends a line to the metrics, under a hash of it and of all before it. */
export async function appendMetrics(folder: string, metrics: Metrics): Promise<void> {
  const line = JSON.stringify(seal(metrics, await lastHash(folder))) + "\n";
  await Deno.writeTextFile(metricsPath(folder), line, { append: true });
}

/** The hash at the end of the last line; empty where there is none. */
async function lastHash(folder: string): Promise<string> {
  if (!await exists(metricsPath(folder))) return "";
  using file = await Deno.open(metricsPath(folder));
  const tail = new Uint8Array(80);
  await file.seek(Math.max(0, (await file.stat()).size - tail.length), Deno.SeekMode.Start);
  const text = new TextDecoder().decode(tail.subarray(0, await file.read(tail) ?? 0));
  return /"sha256":"([0-9a-f]{64})"\}\n$/.exec(text)?.[1] ?? "";
}

/**
 * Reads the metrics; a last line that a kill cut short is passed over.
 *
 * @throws {InputError} When another line is none of metrics, or not what was written; lines from before there were hashes
 * are taken as they are.
 */
export async function readMetrics(folder: string): Promise<Metrics[]> {
  return [...await new MetricsTail(folder).read()];
}

/** Forgets what was measured after a step: a run that resumes there measures it again. */
export async function rewindMetrics(folder: string, step: number): Promise<void> {
  let before = "";
  const lines = (await readMetrics(folder)).filter((metrics) => metrics.step <= step).map((metrics) => {
    const sealed = seal(metrics, before);
    before = sealed.sha256;
    return JSON.stringify(sealed) + "\n";
  });
  await writeAtomic(metricsPath(folder), lines.join(""));
}
