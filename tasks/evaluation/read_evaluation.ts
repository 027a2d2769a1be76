/**
 * Reads back the evaluation that a run's folder keeps.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import type { NearestScore } from "./generation_nearest.ts";
import type { Evaluation } from "./judges.ts";
import type { LikelihoodScore } from "./likelihood.ts";

/** What `metrics.json` held in the place of `likelihood` and `generation`; the bound and its parts were in `metrics`. */
interface FormerDrawing extends Pick<LikelihoodScore, "klPerStep" | "importance"> {
  readonly nearest?: NearestScore;
}

/** Reads a run's `metrics.json`, also as it was when likelihood and generation were one part, `drawing`. */
export async function readEvaluation(path: string): Promise<Evaluation> {
  let stored: Evaluation & { readonly drawing?: FormerDrawing };
  try {
    stored = JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new InputError(`${path}: not JSON: ${error.message}`);
  }
  if (stored.drawing === undefined) return stored;
  const { drawing: { nearest, ...steps }, ...evaluation } = stored;
  const { loss: bound, reconstruction, kl } = evaluation.metrics;
  const likelihood = { bound, reconstruction, kl, ...steps };
  return { ...evaluation, likelihood, generation: nearest ? { nearest } : {} };
}
