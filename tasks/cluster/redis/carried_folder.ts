/**
 * Folders that go from machine to machine, where these share none: each file is told by its hash, in a list that is in the
 * queue; what it holds goes through the queue too, or through a bucket.
 *
 * @module
 */
import type { Redis } from "ioredis";
import { InputError } from "../../../pipelines/base/errors.ts";
import { folderOf, writeAtomic } from "../../../pipelines/base/files.ts";
import { humanQuantity } from "../../cli/progress.ts";
import { CLAIM_FILE } from "../../runs/run_claim.ts";
import { sha256Of } from "../../../pipelines/base/hash.ts";
import { type CarriedFile, type Carrying, type Content, contentIn } from "./carried_content.ts";
import { folderKey, KEPT_FOR } from "./queue_names.ts";

/** What a folder holds. */
interface Manifest extends Content {
  /** How far the run in it is, in steps. */
  readonly step: number;
}

/** Which folder. */
export interface Carried extends Carrying {
  /** The folder that it is in. */
  readonly parent: string;
}

/**
 * Sends a folder, in place of what was sent of it before. A run may be written meanwhile: what is sent then is what a kill at
 * some moment would have left.
 *
 * @param most Bytes.
 * @throws {InputError} When it weighs more.
 */
export async function sendFolder(
  carried: Carried,
  { most, step }: { readonly most: number; readonly step: number },
): Promise<void> {
  const { redis, id, name, parent } = carried;
  const contents = contentIn(carried);
  const sending = crypto.randomUUID();
  const folder = `${parent}/${name}`;
  const files: CarriedFile[] = [];
  const before = await redis.get(folderKey(id, name));
  let total = 0;
  for (const path of await filesToCarry(folder)) {
    const content = await readIfThere(`${folder}/${path}`);
    if (content === undefined) continue;
    total += content.length;
    if (total > most) {
      await contents.remove({ sending, files }, before === null ? undefined : readManifest(before));
      throw new InputError(
        `${folder} holds more than ${
          humanQuantity(most, "B")
        }, so much as may go through ${contents.shown}: share the ` +
          "folder between the machines, or raise --bullmq.most",
      );
    }
    files.push({ path, ...await contents.put(content, { sending, files }) });
  }
  const manifest: Manifest = { sending, step, files };
  const replaced = await redis.set(folderKey(id, name), JSON.stringify(manifest), "EX", KEPT_FOR, "GET");
  if (replaced !== null) await contents.remove(readManifest(replaced), manifest);
}

/** The files of a run's folder: the last checkpoint first, for the best is written before it. */
async function filesToCarry(folder: string): Promise<string[]> {
  const found: string[] = [];
  const walk = async (inside: string): Promise<void> => {
    for await (const { name, isFile, isDirectory } of Deno.readDir(`${folder}/${inside}`)) {
      if (isDirectory) await walk(`${inside}${name}/`);
      else if (isFile && name !== CLAIM_FILE && !name.endsWith(".partial")) found.push(inside + name);
    }
  };
  await walk("");
  const rank = (path: string) => path === "last.safetensors" ? 0 : 1;
  return found.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

async function readIfThere(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined; // a file for a moment
    throw error;
  }
}

/** How far the run is that was sent; undefined where none was. */
export async function sentStep(
  { redis, id, name }: Pick<Carried, "redis" | "id" | "name">,
): Promise<number | undefined> {
  const text = await redis.get(folderKey(id, name));
  return text === null ? undefined : readManifest(text).step;
}

/** The names of all folders that were sent with an id. */
export async function sentFolders(redis: Redis, id: string): Promise<string[]> {
  const start = folderKey(id, "");
  const names = new Set<string>();
  for await (const keys of redis.scanStream({ match: `${start}*`, count: 1000 })) {
    for (const key of keys) names.add(key.slice(start.length));
  }
  return [...names].filter((name) => !name.includes("/") && isInside(name)).sort();
}

/**
 * Fetches a folder that was sent; files that are as they should be stay.
 *
 * @returns Whether there was one.
 * @throws {InputError} When it is not what was sent, weighs more than it may, or would lie elsewhere.
 */
export async function fetchFolder(carried: Carried, { most }: { readonly most: number }): Promise<boolean> {
  for (let again = 3;; again--) {
    const found = await fetchOnce(carried, most);
    if (found !== "replaced") return found;
    if (again === 0) {
      throw new InputError(`${carried.name}: parts of what was sent are not in ${contentIn(carried).shown} any more`);
    }
  }
}

async function fetchOnce(carried: Carried, most: number): Promise<boolean | "replaced"> {
  const { redis, id, name, parent } = carried;
  const contents = contentIn(carried);
  const text = await redis.get(folderKey(id, name));
  if (text === null) return false;
  const { sending, files } = readManifest(text);
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total > most) {
    throw new InputError(
      `${name}: ${humanQuantity(total, "B")} in ${contents.shown} are more than may go through it; raise --bullmq.most`,
    );
  }
  const last = (path: string) => path === "last.safetensors" ? 1 : 0; // a run is resumed only when all else is there
  for (const file of [...files].sort((a, b) => last(a.path) - last(b.path))) {
    const path = `${parent}/${name}/${file.path}`;
    const there = await readIfThere(path);
    if (there !== undefined && sha256Of(there) === file.sha256) continue;
    const content = await contents.get(file, sending);
    if (content === undefined) return "replaced";
    if (content.length !== file.bytes || sha256Of(content) !== file.sha256) {
      throw new InputError(`${name}/${file.path}: what came through ${contents.shown} is not what was sent`);
    }
    await Deno.mkdir(folderOf(path), { recursive: true });
    await writeAtomic(path, content);
  }
  return true;
}

/** Forgets a folder. */
export async function forgetFolder(carried: Omit<Carried, "parent">): Promise<void> {
  const text = await carried.redis.getdel(folderKey(carried.id, carried.name));
  if (text !== null) await contentIn(carried).remove(readManifest(text));
}

/** Reads what Redis has of a folder, of which nothing is believed. */
function readManifest(text: string): Manifest {
  const count = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  const isFile = (file: Partial<CarriedFile>) =>
    typeof file?.path === "string" && isInside(file.path) && count(file.bytes) &&
    /^[0-9a-f]{64}$/.test(String(file.sha256)) && Array.isArray(file.chunks) && file.chunks.every(count);
  try {
    const read: Partial<Manifest> | null = JSON.parse(text);
    if (
      /^[0-9a-f-]{36}$/.test(String(read?.sending)) && count(read?.step) && Array.isArray(read?.files) &&
      read.files.every(isFile)
    ) return read as Manifest;
  } catch {
    // no JSON
  }
  throw new InputError("what is in the queue is no folder of a run");
}

/** Whether a path stays in its folder, on any system. */
function isInside(path: string): boolean {
  return path.split("/").every((part) => /^[\w+-][\w.+ -]*$/.test(part));
}
