/**
 * The table of what reports say of abilities, one line each.
 *
 * @module
 */
import type { Evaluation, EvaluationPictures, Part } from "../evaluation/judges.ts";
import type { AbilityReport, AbilityReporter } from "./ability_report.ts";
import { reportClassification } from "./classification_report.ts";
import { reportGeneration } from "./generation_report.ts";
import { reportGlyphs } from "./glyphs_report.ts";
import { reportLikelihood } from "./likelihood_report.ts";
import { reportSequences } from "./sequences_report.ts";
import { reportStrokes } from "./strokes_report.ts";

/** By the part of the evaluation; in this order they stand on the page and in the terminal. */
const REPORTERS: { readonly [P in Part]-?: AbilityReporter } = {
  likelihood: reportLikelihood,
  generation: reportGeneration,
  strokes: reportStrokes,
  sequences: reportSequences,
  glyphs: reportGlyphs,
  classification: reportClassification,
};

/** What there is to say of each ability that was judged. */
export function abilityReports(evaluation: Evaluation, pictures: EvaluationPictures = {}): AbilityReport[] {
  return Object.values(REPORTERS).flatMap((report) => report(evaluation, pictures) ?? []);
}
