/**
 * Reads back the evaluation that a run's folder keeps.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import { isCount } from "../../pipelines/base/json_values.ts";
import { opened } from "../../pipelines/base/seal.ts";
import { SPLITS } from "../../pipelines/base/split.ts";
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
    const read = opened<Evaluation>(JSON.parse(text), path);
    const wrong = read && faultOf(read);
    if (wrong !== undefined) throw new InputError(`${path}: its ${wrong}; judge the run again`);
    return read;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new InputError(`${path}: not JSON: ${error.message}`);
  }
}

/** What is wrong with the members that every evaluation has; undefined where nothing is. */
function faultOf({ model, dataset, split, unit, examples, step, metrics }: Partial<Evaluation>): string | undefined {
  if (![model, dataset, unit].every((text) => typeof text === "string")) return "model, dataset or unit is no text";
  if (!SPLITS.some((name) => name === split)) return `split is ${JSON.stringify(split)}`;
  if (!isCount(examples) || !isCount(step)) return `examples or step is no count: ${examples}, ${step}`;
  const isMetric = (value: unknown) => value === null || typeof value === "number"; // JSON has no other word for NaN
  return metrics instanceof Object && Object.values(metrics).every(isMetric) ? undefined : "metrics are no numbers";
}
