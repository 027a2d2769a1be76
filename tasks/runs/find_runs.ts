/**
 * The folders of runs below a folder.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import { exists, trimSlashes } from "../../pipelines/base/files.ts";
import { runFilesIn } from "./run_directory.ts";

/** What is not looked into. */
const PASSED_OVER = /^\.|^node_modules$/;

/**
 * Finds runs, those in folders within folders too, as `deno task reproduce` makes them. Links are not followed, and what lies
 * inside a run or a folder of shards is none.
 *
 * @param parent A folder of runs, or of one.
 * @returns Their folders, sorted by name.
 * @throws {InputError} When it is not there, or no folder.
 */
export async function findRuns(parent: string): Promise<string[]> {
  const top = trimSlashes(parent);
  if (!await exists(top)) throw new InputError(`${top}: no such folder`);
  if (!(await Deno.stat(top)).isDirectory) throw new InputError(`${top}: a file, expected a folder of runs`);
  return (await runsBelow(top)).sort();
}

async function runsBelow(folder: string): Promise<string[]> {
  if ((await runFilesIn(folder)).length > 0) return [folder];
  if (await exists(`${folder}/index.json`)) return [];
  const found: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const path = folder === "." ? name : `${trimSlashes(folder)}/${name}`.replace(/^\/\//, "/");
      if (isDirectory && !PASSED_OVER.test(name)) found.push(...await runsBelow(path));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotFound)) throw error;
  }
  return found;
}
