/** Batches for the tests of models. */
import { fieldOf } from "../pipelines/batches/batch_fields.ts";
import { offsetsOf } from "../pipelines/batches/batch_builder.ts";
import type { Prng } from "../pipelines/base/prng.ts";
import type { Batch } from "../pipelines/dataset.ts";
import { type RandomDrawings, randomDrawings } from "../tasks/bench/random_drawings.ts";

/**
 * A batch of some fields of random drawings: those of {@linkcode randomDrawings}, and `image`, each drawing in grey, its
 * first stroke the brightest.
 */
export function randomBatch(names: readonly string[], kind: RandomDrawings, prng: Prng): Batch {
  const drawings = randomDrawings(kind, prng);
  const { size, fields } = drawings;
  const grey = (stroke: number) => stroke === 0 ? 0 : Math.max(50, 280 - 25 * stroke);
  const image = Uint8Array.from(fieldOf(drawings, "stroke_index"), grey);
  const all: Batch["fields"] = { ...fields, image };
  const wanted = names.flatMap((name) => offsetsOf(name) in all ? [name, offsetsOf(name)] : [name]);
  return { size, fields: Object.fromEntries(wanted.map((name) => [name, all[name]])) };
}
