/**
 * Which code runs: rows of one table are trained by one and the same.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { VERSION } from "../../runs/provenance.ts";

const ROOT = new URL("../../../", import.meta.url);

/** What a row's numbers come from. */
const FOLDERS = ["models/", "pipelines/", "tasks/"];

/**
 * Tells this project's code from other versions of it, changed files included.
 *
 * @returns Twelve hexadecimal digits.
 */
export async function codeIdentity(): Promise<string> {
  const hash = createHash("sha256").update(VERSION);
  const add = async (path: string): Promise<void> => {
    hash.update(`\0${path}\0`).update(await Deno.readFile(new URL(path, ROOT)));
  };
  const walk = async (folder: string): Promise<void> => {
    const entries = await Array.fromAsync(Deno.readDir(new URL(folder, ROOT)));
    for (const { name, isDirectory } of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
      if (isDirectory) await walk(`${folder}${name}/`);
      else await add(folder + name);
    }
  };
  if (ROOT.protocol === "file:") {
    for (const folder of FOLDERS) await walk(folder);
    await add("deno.lock");
  }
  return hash.digest("hex").slice(0, 12);
}
