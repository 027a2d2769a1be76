/**
 * Reads back the evaluation that a run's folder keeps.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import { opened } from "../../pipelines/base/seal.ts";
import type { Evaluation } from "./judges.ts";

/**
 * Reads a run's `metrics.json`.
 *
 * @returns Undefined where it is from before it had a hash: the run is to be judged again.
 * @throws {InputError} When it is not what was written.
 */
export async function readEvaluation(path: string): Promise<Evaluation | undefined> {
  const text = await Deno.readTextFile(path);
  try {
    return opened(JSON.parse(text), path);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new InputError(`${path}: not JSON: ${error.message}`);
  }
}
