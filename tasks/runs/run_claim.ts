/**
 * A run's folder in the hands of one training at a time.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import { checkFolder, exists, infoOf, lockFile, removeLeftovers } from "../../pipelines/base/files.ts";

/** The file that is locked while a training writes the folder. */
export const CLAIM_FILE = "train.lock";

/** Thrown where a run's folder belongs to another: a new run whose folder nobody named takes the next one then. */
export class RunTaken extends InputError {}

/** Whether a training of this or another process has a run's folder. */
export async function isClaimed(folder: string): Promise<boolean> {
  const path = `${folder}/${CLAIM_FILE}`;
  if (!(await infoOf(path))?.isFile) return false;
  try {
    using file = await Deno.open(path, { read: true });
    return !await file.tryLock(false);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false; // it ended between the look and the opening
    throw error;
  }
}

/** A claim on a run's folder, which ends when it is disposed of or the process ends. */
export class RunClaim implements Disposable {
  #file: Deno.FsFile | undefined;
  readonly #path: string;

  private constructor(path: string, file: Deno.FsFile) {
    [this.#path, this.#file] = [path, file];
  }

  /**
   * Claims a folder; what killed processes were writing in it is removed.
   *
   * @param folder Must exist.
   * @throws {RunTaken} When a training of this or another process has it.
   * @throws {InputError} When it is not there, or is a file.
   */
  static async of(folder: string): Promise<RunClaim> {
    if (!await exists(folder)) throw new InputError(`run ${folder}: no such folder; make it first`);
    await checkFolder(folder, `run ${folder}`);
    const claim = await RunClaim.at(`${folder}/${CLAIM_FILE}`, `run ${folder}: another training is writing it`);
    await removeLeftovers(folder);
    return claim;
  }

  /**
   * Claims what a file stands for, which is there as long as the claim.
   *
   * @param path The file; its folder must exist.
   * @param taken What is said where another has it.
   * @throws {RunTaken} When a claim of this or another process is on the file.
   */
  static async at(path: string, taken: string): Promise<RunClaim> {
    for (;;) {
      if ((await infoOf(path))?.isSymlink) throw new InputError(`${path}: a symbolic link; a lock is a file`);
      const file = await Deno.open(path, { create: true, write: true });
      if (!await lockFile(file)) {
        file.close();
        throw new RunTaken(taken);
      }
      if ((await infoOf(path))?.ino === (await file.stat()).ino) return new RunClaim(path, file);
      file.close(); // of a training that ended between the opening and the locking
    }
  }

  /** Gives the folder back; more than once does nothing. */
  [Symbol.dispose](): void {
    if (this.#file === undefined) return;
    if (this.#file.statSync().size === 0) {
      try {
        Deno.removeSync(this.#path);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error; // the folder was moved or removed
      }
    }
    this.#file.close();
    this.#file = undefined;
  }
}
