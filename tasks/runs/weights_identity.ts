/**
 * Which weights a run has.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { NamedArray } from "../../models/checkpoint.ts";
import { bytesOf } from "../../pipelines/base/bytes.ts";
import { checkpointPath, loadRunCheckpoint } from "./run_directory.ts";

/**
 * Tells a run's best weights from any others, wherever its folder is.
 *
 * @returns The SHA-256 of what a checkpoint of them holds, 64 hexadecimal digits.
 * @throws {InputError} When there is no such run, or its checkpoint is damaged.
 */
export async function bestWeightsOf(folder: string): Promise<string> {
  const { tensors } = await loadRunCheckpoint((await checkpointPath(folder, "best")).path);
  return identityOf(tensors);
}

/** SHA-256 of arrays and their names, 64 hexadecimal digits. */
export function identityOf(tensors: Readonly<Record<string, NamedArray>>): string {
  const hash = createHash("sha256");
  for (const name of Object.keys(tensors).sort()) {
    const { shape, data } = tensors[name];
    hash.update(JSON.stringify([name, shape])).update(bytesOf(data));
  }
  return hash.digest("hex");
}
