/**
 * The table about DRAW on Quick, Draw! bitmaps.
 *
 * @module
 */
import { draw } from "../../../models/zoo/draw/draw.ts";
import { quickdrawBitmap } from "../../../pipelines/datasets/quickdraw/quickdraw_bitmap.ts";
import { experiment, type Figure } from "../experiment.ts";
import { nats, type ReproduceRow, type ReproduceTable, SAMPLES, WEIGHTS_NOTE } from "../table.ts";

const FIGURES: readonly Figure[] = [
  nats("Lx", "reconstruction"),
  nats("Lz", "kl"),
  nats("sum", "bound"),
];

/** Report "Deep Recurrent Attentive Writer", table 1; T, then the batch size. */
function quickdrawRow(
  classes: readonly string[],
  { read = 5, steps = 20, batch = 100 }: { read?: number; steps?: number; batch?: number },
  theirs: readonly [lx: number, lz: number],
): ReproduceRow {
  return {
    ...experiment({
      name: `${classes.join("-")}-read${read}-t${steps}-batch${batch}`,
      data: { dataset: quickdrawBitmap, options: { classes } },
      model: draw,
      modelOptions: { readAttention: read, steps },
      loop: { batchSize: batch, optimizer: "rmsprop", learningRate: 1e-3, clipNorm: 5 },
      judge: { importanceSamples: 1, nearestSamples: 0 },
      figures: FIGURES,
    }),
    cells: [classes.join(" & "), String(read), "5", "10", String(steps), String(batch)],
    theirs: [...theirs, theirs[0] + theirs[1]],
  };
}

/** DRAW on cats and dogs: table 1. */
export const DRAW_QUICKDRAW: ReproduceTable = {
  name: "draw-quickdraw",
  title: "DRAW on Quick, Draw!",
  source: 'Çalışkan, "Deep Recurrent Attentive Writer", 2018, table 1',
  reads: "Reconstruction (Lx) and KL (Lz) of test drawings, nats a drawing.",
  needs: "Google's 28 x 28 bitmaps of cat and dog; deno task download --dataset quickdraw-bitmap --classes cat,dog " +
    "fetches them",
  steps: 10_000,
  heads: ["category", "read", "write", "z", "T", "batch"],
  figures: FIGURES,
  pictures: [SAMPLES],
  rows: [
    quickdrawRow(["cat"], { batch: 64 }, [146.501862, 92.220596]),
    quickdrawRow(["cat"], {}, [166.688004, 91.576004]),
    quickdrawRow(["dog"], { steps: 10 }, [171.142306, 92.418405]),
    quickdrawRow(["dog"], {}, [158.912208, 91.2177324]),
    quickdrawRow(["cat", "dog"], { read: 2 }, [181.984634, 91.815247]),
    quickdrawRow(["cat", "dog"], {}, [141.932007, 91.562057]),
  ],
  notes: [
    "Lx is the reconstruction, Lz the KL of all steps, both on the test split in nats a drawing. Their " +
    "sum, the bound, is not in the report; here it is for both.",
    "As the report prints Lz, it subtracts T/2 where latents of z numbers need T z/2. Computed so, theirs is T (z - 1)/2 " +
    "too high: 90 nats where T is 20, 45 where it is 10.",
    "The report names neither the number of drawings nor the units, the norm of the clipping and whether the pictures " +
    "were made black and white. Here: 256 units in encoder and decoder, a global norm of 5, cells on from half brightness.",
    WEIGHTS_NOTE,
  ],
};
