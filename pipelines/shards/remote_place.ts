/**
 * A folder of S3 as the place of a finished output: it is made on this machine, then put there file by file, its index last,
 * so that it never looks complete before it is. A run that was killed goes on with the files that are not there yet.
 *
 * @module
 */
import { sha256Of } from "../base/hash.ts";
import { InputError } from "../base/errors.ts";
import { describeFile } from "../base/files.ts";
import { Bucket } from "../sources/bucket.ts";
import { isRemote, type RemoteFolder, remoteFolder } from "../sources/remote_folder.ts";
import { folderPlace, outputName, type OutputPlace, type OwnFolders, partialName, SHARDS } from "./output_folder.ts";
import { remoteText } from "./shard_cache.ts";

/** Files that are put there at once. */
const AT_ONCE = 4;

/**
 * Where a finished folder goes: a folder of this machine, or one of S3.
 *
 * @throws {InputError} When the address is none to which files can be put.
 */
export function outputPlace(output: string, kind: OwnFolders = SHARDS): OutputPlace {
  if (!isRemote(output)) return folderPlace(output.replace(/\/+$/, ""), kind);
  const remote = remoteFolder(output);
  if (remote.isS3) return new RemotePlace(remote, kind);
  throw new InputError(`output ${remote.shown}: no files can be put there; expected s3://bucket/prefix, or a folder`);
}

/** What is said of an output that could not be put in its place. */
function kept(error: unknown, folder: string): unknown {
  if (!(error instanceof InputError)) return error;
  return new InputError(
    `${error.message}; all is made, in ${partialName(folder)}, and the same command goes on from it`,
  );
}

/** A folder of S3. */
class RemotePlace implements OutputPlace {
  readonly folder: string;
  readonly isElsewhere = true;
  readonly #bucket: Bucket;

  constructor(readonly remote: RemoteFolder, readonly kind: OwnFolders) {
    const slug = remote.shown.replace(/^s3:\/\//, "").replace(/[^a-z0-9]+/gi, "-");
    const hash = sha256Of(remote.urlOf("")).slice(0, 8);
    this.#bucket = new Bucket(remote, "output");
    this.folder = `${remote.cache}/uploads/${slug}-${hash}`;
  }

  async check(overwrite: boolean): Promise<void> {
    const { remote: { shown }, kind } = this;
    const old = await this.#old();
    const found = `output ${shown}: already there`;
    if (old !== undefined && !overwrite) {
      throw new InputError(`${found}; --overwrite replaces it, --output names another`);
    }
    if (old === null) {
      throw new InputError(
        `${found} and holds no strokewise ${kind.what}, so it is not replaced; name another --output`,
      );
    }
    await this.#bucket.check();
  }

  async isThere(): Promise<boolean> {
    return await this.#old() !== undefined;
  }

  async put(): Promise<void> {
    const output = outputName(this.folder);
    const { index } = this.kind;
    const files = (await Array.fromAsync(Deno.readDir(output), ({ name }) => name)).sort();
    const old = await this.#old();
    if (old) await this.#bucket.remove(index);
    const waiting = files.filter((name) => name !== index).values();
    const work = async (): Promise<void> => {
      for (const name of waiting) await this.#putFile(output, name);
    };
    const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, work));
    const failed = ends.find((end) => end.status === "rejected");
    if (failed !== undefined) throw kept(failed.reason, this.folder);
    await this.#putFile(output, index).catch((error) => {
      throw kept(error, this.folder);
    });
    for (const name of old ?? []) if (!files.includes(name)) await this.#bucket.remove(name);
    await Deno.remove(output, { recursive: true });
  }

  /** The files of what is there; null where it is not of the kind, undefined where nothing is. */
  async #old(): Promise<readonly string[] | null | undefined> {
    const text = await remoteText(this.remote, this.kind.index);
    if (text === undefined) return undefined;
    try {
      return this.kind.filesOf(JSON.parse(text)) ?? null;
    } catch (error) {
      if (error instanceof SyntaxError || error instanceof TypeError) return null;
      throw error;
    }
  }

  async #putFile(folder: string, name: string): Promise<void> {
    const path = `${folder}/${name}`;
    const { sha256 } = (await describeFile(path))!;
    if (!await this.#bucket.has(name, sha256)) await this.#bucket.put(name, await Deno.readFile(path));
  }
}
