/**
 * A site as a folder of files, which any web host serves.
 *
 * @module
 */
import type { OwnFolders } from "../../../pipelines/shards/output_folder.ts";
import { checkFolder, writeFolder } from "../../runs/write_folder.ts";
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
  await checkFolder(folder, overwrite, SITES);
}

/**
 * Writes a site; its folder is there whole or not at all.
 *
 * @throws {InputError} As {@linkcode checkSiteFolder}, and when another is writing the folder.
 */
export async function writeSite(
  site: Site,
  to: { readonly folder: string; readonly overwrite: boolean },
): Promise<void> {
  await writeFolder(new Map([...site].map(([path, { bytes }]) => [path, bytes])), { ...to, kind: SITES });
}
