/**
 * What a classifier answers: for whole examples and, where it reads strokes, after each of the first ones. Browser safe.
 *
 * T strokes, B batch, K classes.
 *
 * @module
 */
import type { Abilities, Able } from "../model.ts";
import type { Tensor } from "../tensors.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import type { Batch } from "../../pipelines/dataset.ts";

/** A classifier's answers for a batch: natural logarithms of the probabilities. */
export interface Answers {
  /** For whole examples, float32 [B, K]. */
  readonly whole: Float32Array;
  /** After the first 1, 2, … T strokes, float32 [B, K] each; none of a model that reads no strokes. */
  readonly prefixes: readonly Float32Array[];
}

/**
 * Asks a classifier about a batch: in one pass where it can answer for all prefixes of a drawing at once, else in one for
 * each number of strokes.
 *
 * @param strokes T, the most strokes that it may be shown; 0 where it reads none.
 * @throws {InputError} When it does not answer for so many.
 */
export async function answersOf(
  model: Able<"classify"> & Pick<Abilities, "classifyPrefixes">,
  batch: Batch,
  strokes: number,
): Promise<Answers> {
  if (strokes === 0) return { whole: await take(model.classify(batch)), prefixes: [] };
  if (model.classifyPrefixes === undefined) {
    const prefixes: Float32Array[] = [];
    for (let shown = 1; shown < strokes; shown++) prefixes.push(await take(model.classify(batch, shown)));
    const whole = await take(model.classify(batch));
    return { whole, prefixes: [...prefixes, whole] };
  }
  const answers = model.classifyPrefixes(batch); // [T, B, K]
  const { shape } = answers;
  const values = await take(answers);
  if (shape[0] !== strokes || shape[1] !== batch.size) {
    const [found, expected] = [shape.join(", "), `${strokes}, ${batch.size}, classes`];
    throw new InputError(`the model's classifyPrefixes gave [${found}], expected [${expected}]`);
  }
  const size = values.length / strokes; // B K
  const prefixes = Array.from({ length: strokes }, (_, i) => values.subarray(i * size, (i + 1) * size));
  return { whole: prefixes[strokes - 1], prefixes };
}

/** The values of a tensor, which is freed. */
export async function take(tensor: Tensor): Promise<Float32Array> {
  const values = await tensor.data<"float32">();
  tensor.dispose();
  return values;
}
