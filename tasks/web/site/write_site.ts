/**
 * A site as a folder of files, which any web host serves.
 *
 * @module
 */
import { InputError, isMachineFault } from "../../../pipelines/base/errors.ts";
import { infoOf, writeAll } from "../../../pipelines/base/files.ts";
import {
  checkReplaceable,
  claimFolder,
  dropPartial,
  emptyPartial,
  finishFolder,
  outputName,
  type OwnFolders,
} from "../../../pipelines/shards/output_folder.ts";
import { MANIFEST_FILE } from "./manifest.ts";
import { type ListedSite, type Site, SITE_FORMAT } from "./site.ts";

/** Folders of sites. */
const SITES: OwnFolders = {
  what: "page",
  index: MANIFEST_FILE,
  filesOf(index) {
    const { format, files } = index as ListedSite;
    return format === SITE_FORMAT && Array.isArray(files) && files.every((file) => typeof file === "string")
      ? files
      : undefined;
  },
};

/**
 * Checks that a site can become a folder, before the work begins.
 *
 * @throws {InputError} When it is there, unless it may be replaced and holds nothing but an exported page.
 */
export async function checkSiteFolder(folder: string, overwrite: boolean): Promise<void> {
  await checkReplaceable(folder, overwrite || await isEmpty(folder), SITES);
}

async function isEmpty(folder: string): Promise<boolean> {
  if (!(await infoOf(folder))?.isDirectory) return false;
  return (await Deno.readDir(folder)[Symbol.asyncIterator]().next()).done === true;
}

/**
 * Writes a site; its folder is there whole or not at all.
 *
 * @throws {InputError} As {@linkcode checkSiteFolder}, and when another is writing the folder.
 */
export async function writeSite(site: Site, { folder, overwrite }: {
  readonly folder: string;
  readonly overwrite: boolean;
}): Promise<void> {
  const lock = await claimFolder(folder);
  try {
    await checkSiteFolder(folder, overwrite);
    await emptyPartial(folder);
    for (const [path, { bytes }] of site) {
      const target = `${outputName(folder)}/${path}`;
      await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), { recursive: true });
      using file = await Deno.open(target, { write: true, createNew: true });
      await writeAll(file, bytes);
      await file.sync();
    }
    await finishFolder(folder, lock, SITES);
  } catch (error) {
    await dropPartial(folder, lock);
    const { message } = error as Error;
    throw isMachineFault(message) ? new InputError(`output ${folder}: ${message}`) : error;
  }
}
