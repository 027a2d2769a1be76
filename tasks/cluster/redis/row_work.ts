/**
 * A row out of the queue, trained and judged by a process of this machine that may do nothing else.
 *
 * @module
 */
import type { Redis } from "ioredis";
import { resolve } from "node:path";
import { InputError } from "../../../pipelines/base/errors.ts";
import { exists, infoOf } from "../../../pipelines/base/files.ts";
import type { Bucket } from "../../../pipelines/sources/bucket.ts";
import { readShardIndex } from "../../../pipelines/shards/shard_reader.ts";
import { dataIdentity } from "../../runs/run_data.ts";
import { isClaimed } from "../../runs/run_claim.ts";
import { loadRunCheckpoint, runFilesIn } from "../../runs/run_directory.ts";
import { mergeArgs, rowArgs } from "../row_jobs.ts";
import { type Confinement, RowProcess } from "../task_process.ts";
import { type Carried, fetchFolder, sendFolder, sentFolders, sentStep } from "./carried_folder.ts";
import type { PostedRow } from "./posted_row.ts";
import { cancelKey } from "./queue_names.ts";
import { folderHere } from "./shared_folder.ts";

/** What a row is worked on with. */
export interface RowPlace {
  readonly redis: Redis;
  readonly confinement: Confinement;
  /** The bucket through which folders may come back. */
  readonly bucket: Bucket | undefined;
  /** Aborted when the work is to be given back in good order. */
  readonly signal: AbortSignal;
  /** The processes of rows that have not ended. */
  readonly atWork: Set<RowProcess>;
  /** Is told what the row's process writes, line by line. */
  onLine(line: string, isComplaint: boolean): void;
}

/** What became of a row: it is done; this worker was asked to end; it was taken back; or another process is at it. */
export type RowEnd = "done" | "given back" | "taken back" | "busy";

/** Milliseconds between looks at what else happened, and those between sendings of a run that goes on, at least. */
const [LOOK_EVERY, SEND_EVERY] = [1000, 5000];

/** A sending may take so much of the time: one part in so many. */
const SENDING_SHARE = 10;

/**
 * Trains and judges a row, or makes the table of all.
 *
 * @returns What became of it, and whether this machine shares the table's folder with the one that asks.
 * @throws {InputError} When it cannot be done here, or failed.
 */
export async function workOn(
  posted: PostedRow,
  place: RowPlace,
): Promise<{ readonly end: RowEnd; readonly isShared: boolean }> {
  const { row, task } = posted;
  checkPlace(posted.folder, place.confinement);
  const { folder, isShared } = await folderHere(posted);
  if (row === null) {
    const args = mergeArgs(posted);
    return { end: isShared ? await endOf(posted, { task, args }, place) : "done", isShared };
  }
  for (const { path, identity } of posted.data) await checkData(path, { identity, confinement: place.confinement });
  await Deno.mkdir(folder, { recursive: true });
  const name = posted.rows.find(({ name }) => name === row)!.folder;
  const carrier = isShared ? undefined : new Carrier(posted, { name, parent: folder }, place);
  await carrier?.fetch();
  const work = { task, args: rowArgs({ ...posted, folder }, row), run: `${folder}/${name}` };
  const end = await endOf(posted, work, place, () => carrier?.sendNews());
  if (end === "done" || end === "given back") await carrier?.send();
  if (end === "done") await carrier?.sendShared();
  return { end, isShared };
}

/** Checks that a folder is where this worker may write. */
function checkPlace(folder: string, { within }: Confinement): void {
  const path = resolve(folder);
  if (within.some((parent) => path === parent || path.startsWith(parent === "/" ? parent : `${parent}/`))) return;
  throw new InputError(
    `${folder} is not in ${within.join(" or ")}, where this worker may write; --within names others`,
  );
}

/** Checks that the rows' data is here, and is the same. */
async function checkData(
  path: string,
  { identity, confinement }: { readonly identity: string; readonly confinement: Confinement },
): Promise<void> {
  checkPlace(path, confinement);
  if (!await exists(`${path}/index.json`)) throw new InputError(`data ${path} is not on this machine`);
  if (dataIdentity(await readShardIndex(path)) !== identity) {
    throw new InputError(`data ${path} is another on this machine`);
  }
}

/** Runs a command of a row to its end. */
async function endOf(
  { id }: PostedRow,
  { task, args, run }: { readonly task: PostedRow["task"]; readonly args: readonly string[]; readonly run?: string },
  { redis, confinement, signal, atWork, onLine }: RowPlace,
  look: () => Promise<void> | undefined = () => undefined,
): Promise<RowEnd> {
  let last = "";
  const process = new RowProcess(task, args, {
    confinement,
    onLine(line, isComplaint) {
      if (isComplaint && line !== "") last = line;
      onLine(line, isComplaint);
    },
  });
  atWork.add(process);
  let isTakenBack = false;
  let fault: unknown;
  const ask = () => process.askToEnd();
  signal.addEventListener("abort", ask);
  if (signal.aborted) ask();
  let isLooking = false;
  const timer = setInterval(async () => {
    if (isLooking || redis.status !== "ready") return; // a Redis that is gone stops no row
    isLooking = true;
    try {
      isTakenBack ||= await redis.exists(cancelKey(id)) === 1;
      if (isTakenBack) ask();
      else await look();
    } catch (error) {
      fault ??= error;
      ask();
    }
    isLooking = false;
  }, LOOK_EVERY);
  const code = await process.ended;
  atWork.delete(process);
  clearInterval(timer);
  signal.removeEventListener("abort", ask);
  if (fault !== undefined) throw fault;
  if (isTakenBack) return "taken back";
  if (code === 0 || run === undefined && code === 1) return "done"; // a table that lacks rows that nobody asked for
  if (signal.aborted) return "given back";
  if (run !== undefined && await isClaimed(run)) return "busy";
  throw new InputError(last === "" ? `it ended with exit code ${code}` : last);
}

/** A run's folder between this machine and the one that asks for it. */
class Carrier {
  readonly #posted: PostedRow;
  readonly #carried: Carried;
  #changed = 0;
  #next = 0;

  /**
   * @param own The folder's name, and the one that it is in.
   * @throws {InputError} When it comes back through a bucket that this worker was not told of.
   */
  constructor(
    posted: PostedRow,
    own: Pick<Carried, "name" | "parent">,
    { redis, bucket }: Pick<RowPlace, "redis" | "bucket">,
  ) {
    if (posted.bucket !== "" && posted.bucket !== bucket?.remote.shown) {
      throw new InputError(
        `${posted.folder} is not shared and comes back through ${posted.bucket}, ` +
          `${bucket ? `not ${bucket.remote.shown}` : "of which this worker was not told"}; deno task work --bucket ` +
          `${posted.bucket} takes it`,
      );
    }
    this.#posted = posted;
    const through = posted.bucket === "" ? undefined : bucket;
    this.#carried = { redis, bucket: through, id: posted.id, ...own };
  }

  /** Fetches what another worker sent of the row, where that is further, and what all rows share. */
  async fetch(): Promise<void> {
    const { rows, most } = this.#posted;
    const { redis, id, parent } = this.#carried;
    for (const name of await sentFolders(redis, id)) {
      const isMissing = !rows.some(({ folder }) => folder === name) &&
        !await exists(`${parent}/${name}/last.safetensors`);
      if (isMissing) await fetchFolder({ ...this.#carried, name }, { most });
    }
    const there = await sentStep(this.#carried);
    if (there !== undefined && there > await this.#step()) await fetchFolder(this.#carried, { most });
  }

  /** Sends a run that has a new checkpoint, now and then. */
  async sendNews(): Promise<void> {
    const { parent, name } = this.#carried;
    const changed = (await infoOf(`${parent}/${name}/last.safetensors`))?.mtime?.getTime() ?? 0;
    if (changed === this.#changed || performance.now() < this.#next) return;
    const began = performance.now();
    await this.send();
    const now = performance.now();
    [this.#changed, this.#next] = [changed, now + Math.max(SEND_EVERY, SENDING_SHARE * (now - began))];
  }

  /** Sends the run as it is. */
  async send(): Promise<void> {
    const { parent, name } = this.#carried;
    if (!await exists(`${parent}/${name}`)) return;
    await sendFolder(this.#carried, { most: this.#posted.most, step: Math.max(0, await this.#step()) });
  }

  /** Sends the runs that all rows share, such as a classifier that reads their samples, unless that was done. */
  async sendShared(): Promise<void> {
    const { rows, most } = this.#posted;
    const { parent } = this.#carried;
    for await (const { name, isDirectory } of Deno.readDir(parent)) {
      if (
        !isDirectory || rows.some(({ folder }) => folder === name) ||
        (await runFilesIn(`${parent}/${name}`)).length === 0
      ) continue;
      const carried = { ...this.#carried, name };
      if (await sentStep(carried) === undefined) await sendFolder(carried, { most, step: 0 });
    }
  }

  /** How far the run is here; -1 where there is none. */
  async #step(): Promise<number> {
    const { parent, name } = this.#carried;
    const path = `${parent}/${name}/last.safetensors`;
    return await exists(path) ? (await loadRunCheckpoint(path)).state.position.step : -1;
  }
}
