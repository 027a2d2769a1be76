/**
 * The folder `samples` of a run, and `samples.json` beside it: of which weights the pictures in it are. All that were made
 * since there is one are of the same.
 *
 * @module
 */
import { exists, writeAtomic } from "../../pipelines/base/files.ts";
import { jsonValue } from "../../pipelines/base/json_values.ts";
import { opened, seal } from "../../pipelines/base/seal.ts";
import type { SavedModel } from "./saved_model.ts";
import { identityOf } from "./weights_identity.ts";

interface Sampled {
  /** SHA-256 of the weights, 64 hexadecimal digits. */
  readonly weights: string;
  /** Their training step. */
  readonly step: number;
  /** The files' names. */
  readonly files: readonly string[];
}

/**
 * Writes pictures into a run's folder `samples`. Those of other weights are removed first: a run that was killed and goes on
 * may be at an earlier step than they are of, and of a command that is killed some may be of each.
 *
 * @param folder The run's folder.
 * @param saved What drew them.
 * @param files What is written, by name.
 * @returns The paths.
 * @throws {InputError} When `samples.json` is not what was written.
 */
export async function writeSamples(
  folder: string,
  { model, state }: Pick<SavedModel, "model" | "state">,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<string[]> {
  const path = `${folder}/samples.json`;
  const placeOf = (name: string) => `${folder}/samples/${name}`;
  const before = await exists(path) ? opened<Sampled>(jsonValue(await Deno.readTextFile(path)), path) : undefined;
  const arrays = await Promise.all(
    Object.entries(model.variables).map(async ([name, variable]) =>
      [name, { shape: variable.shape, data: new Float32Array(await variable.data<"float32">()) }] as const
    ),
  );
  const weights = identityOf(Object.fromEntries(arrays));
  const isSame = before?.weights === weights;
  for (const name of isSame ? [] : before?.files ?? []) {
    if (!name.includes("/") && await exists(placeOf(name))) await Deno.remove(placeOf(name));
  }
  const names = Object.keys(files);
  const all = [...new Set([...isSame ? before.files : [], ...names])].sort();
  await Deno.mkdir(`${folder}/samples`, { recursive: true });
  const sampled: Sampled = { weights, step: state.position.step, files: all };
  await writeAtomic(path, JSON.stringify(seal(sampled), null, 2) + "\n"); // before them, so that none is unknown
  for (const name of names) await writeAtomic(placeOf(name), files[name]);
  return names.map(placeOf);
}
