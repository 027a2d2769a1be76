/**
 * Files in memory as a folder, which is there whole or not at all.
 *
 * @module
 */
import { InputError, isMachineFault } from "../../pipelines/base/errors.ts";
import { infoOf, writeAll } from "../../pipelines/base/files.ts";
import {
  checkReplaceable,
  claimFolder,
  dropPartial,
  emptyPartial,
  finishFolder,
  outputName,
  type OwnFolders,
} from "../../pipelines/shards/output_folder.ts";

/**
 * Checks that a folder may be made, before the work begins.
 *
 * @param kind What an earlier run made there may be replaced.
 * @throws {InputError} When it is there, unless it may be replaced and holds nothing but what is of its kind.
 */
export async function checkFolder(folder: string, overwrite: boolean, kind: OwnFolders): Promise<void> {
  await checkReplaceable(folder, overwrite || await isEmpty(folder), kind);
}

async function isEmpty(folder: string): Promise<boolean> {
  if (!(await infoOf(folder))?.isDirectory) return false;
  return (await Deno.readDir(folder)[Symbol.asyncIterator]().next()).done === true;
}

/**
 * Writes files into a folder that is made.
 *
 * @param files By path in the folder.
 * @throws {InputError} As {@linkcode checkFolder}, and when another is writing the folder.
 */
export async function writeFolder(
  files: ReadonlyMap<string, Uint8Array>,
  { folder, overwrite, kind }: { readonly folder: string; readonly overwrite: boolean; readonly kind: OwnFolders },
): Promise<void> {
  const lock = await claimFolder(folder);
  try {
    await checkFolder(folder, overwrite, kind);
    await emptyPartial(folder);
    for (const [path, bytes] of files) {
      const target = `${outputName(folder)}/${path}`;
      await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), { recursive: true });
      using file = await Deno.open(target, { write: true, createNew: true });
      await writeAll(file, bytes);
      await file.sync();
    }
    await finishFolder(folder, lock, kind);
  } catch (error) {
    await dropPartial(folder, lock);
    const { message } = error as Error;
    throw isMachineFault(message) ? new InputError(`output ${folder}: ${message}`) : error;
  }
}
