/**
 * That a run has diverged: a number of it was not finite, which ended it. Its folder says so until it goes on.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import { exists, writeAtomic } from "../../pipelines/base/files.ts";
import { jsonValue } from "../../pipelines/base/json_values.ts";
import { opened, seal } from "../../pipelines/base/seal.ts";

/** The file that says so. */
export const DIVERGENCE_FILE = "diverged.json";

/** Thrown where a number of a training is not finite: there is no going on from its weights. */
export class Diverged extends InputError {}

const pathOf = (folder: string) => `${folder}/${DIVERGENCE_FILE}`;

/** Writes down that a run has diverged, and by what. */
export async function recordDivergence(folder: string, reason: string): Promise<void> {
  await writeAtomic(pathOf(folder), JSON.stringify(seal({ reason })) + "\n");
}

/** Forgets it: the run goes on. */
export async function forgetDivergence(folder: string): Promise<void> {
  if (await exists(pathOf(folder))) await Deno.remove(pathOf(folder));
}

/**
 * By what a run has diverged, such as `loss is NaN at step 7 (…)`; undefined where it has not.
 *
 * @throws {InputError} When the file is not what was written.
 */
export async function readDivergence(folder: string): Promise<string | undefined> {
  const path = pathOf(folder);
  if (!await exists(path)) return undefined;
  return opened<{ readonly reason: string }>(jsonValue(await Deno.readTextFile(path)), path)?.reason;
}

/** What is said of a run that has diverged. */
export function divergenceText(reason: string): string {
  return `it diverged: ${reason}`;
}
