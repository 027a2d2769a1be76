/**
 * Likelihood as a classifier: a drawing is of the class, or of the run, by which it is likeliest.
 *
 * With latents the likelihood is its bound, and all classes have the same chance before the drawing is seen.
 *
 * B batch, K classes or runs.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { isAble } from "../../models/model.ts";
import type { ScoreOptions, StrokeDrawer } from "../../models/stroke_drawer.ts";
import type { Tensor1D } from "../../models/tensors.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { baseName } from "../../pipelines/sources/source.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import type { Split } from "../../pipelines/base/split.ts";
import { fieldOf } from "../../pipelines/batches/batch_fields.ts";
import { sliceBatch } from "../../pipelines/batches/batch_builder.ts";
import type { Batch } from "../../pipelines/dataset.ts";
import { loadModel, type SavedModel } from "../runs/saved_model.ts";
import { type Classification, tallyClassification } from "./classification_tally.ts";
import { strokeBatch } from "../../pipelines/batches/stroke_batch.ts";
import { type ShownDrawing, splitDrawings } from "./shown_drawings.ts";

/** What likelihood names drawings. */
export interface LikelihoodClasses extends Pick<Classification, "top1" | "nll" | "classes" | "confusion"> {
  /** Whether one model was told each class in turn, or each class is another run's. */
  readonly by: "classes" | "runs";
  /** How many drawings were named. */
  readonly drawings: number;
  /** Of runs: as many points a drawing has at most, which all of them read; the same number of drawings comes of each. */
  readonly most?: number;
}

/** What drawings cost, nats each, [B]. */
export interface Costs {
  readonly offsets: Float32Array;
  readonly pen: Float32Array;
  /** With the pen behind the end of each, up to the most points. */
  readonly penUnmasked?: Float32Array;
  readonly kl: Float32Array;
}

/** What a batch's drawings cost by a model. */
export async function costsOf(
  drawer: StrokeDrawer,
  { batch, prng, ...options }: ScoreOptions & { readonly batch: Batch; readonly prng: Prng },
): Promise<Costs> {
  const score = drawer.score(batch, prng, options);
  const read = (tensor: Tensor1D) => tensor.data<"float32">();
  const { offsets, pen, penUnmasked, kl } = score;
  const costs = {
    ...{ offsets: await read(offsets), pen: await read(pen), kl: await read(kl) },
    ...(penUnmasked ? { penUnmasked: await read(penUnmasked) } : {}),
  };
  tf.dispose(score);
  return costs;
}

/** -ln p of each drawing from above, nats, [B]. */
function boundsOf({ offsets, pen, kl }: Costs): number[] {
  return Array.from(offsets, (cost, b) => cost + pen[b] + kl[b]);
}

/** How many offsets of each drawing a model reads: of all points but the first, [B]. */
export function movesOf({ maxLength }: StrokeDrawer, batch: Batch): number[] {
  const offsets = fieldOf(batch, "stroke3_offsets"); // [B + 1]
  return Array.from(
    { length: batch.size },
    (_, b) => Math.min(maxLength, Math.max(0, offsets[b + 1] - offsets[b] - 1)),
  );
}

/**
 * What turns nats of densities in a model's own units into those in the units of the data, a drawing: a density of offsets
 * that were divided by s is s times as high in either direction.
 */
export function unitNats({ scale }: StrokeDrawer, moves: number): number {
  return 2 * Math.log(scale) * moves;
}

/** Names the drawings of batches by a model that is told the class. */
export class ClassLikelihood {
  readonly #tally;
  #named = 0;

  /** @param limit How many drawings are named. */
  constructor(
    private readonly drawer: StrokeDrawer,
    private readonly classes: readonly string[],
    private readonly settings: { readonly limit: number; readonly seed: number },
  ) {
    this.#tally = tallyClassification(classes, { worst: 0, strokes: 0 });
  }

  async add(batch: Batch): Promise<void> {
    const { limit, seed } = this.settings;
    const size = Math.min(batch.size, limit - this.#named);
    if (size <= 0) return;
    const some = sliceBatch(batch, 0, size);
    const costs: number[][] = []; // [K, B]
    for (const label of this.classes.keys()) {
      const prng = new Prng(seed, 6, this.#named); // the same latents for all classes
      const told = new Array<number>(size).fill(label);
      costs.push(boundsOf(await costsOf(this.drawer, { batch: some, prng, labels: told })));
    }
    addCosts(this.#tally, costs, fieldOf(some, "label"));
    this.#named += size;
  }

  finish(): LikelihoodClasses | undefined {
    return this.#named === 0 ? undefined : verdictOf(this.#tally, { by: "classes", drawings: this.#named });
  }
}

type Tally = ReturnType<typeof tallyClassification>;

/** @param costs Nats, [K, B]. */
function addCosts(tally: Tally, costs: readonly (readonly number[])[], labels: ArrayLike<number>): void {
  const classes = costs.length;
  const logProbs = new Float32Array(labels.length * classes); // [B, K]
  for (let b = 0; b < labels.length; b++) {
    const least = Math.min(...costs.map((ofClass) => ofClass[b]));
    const sum = costs.reduce((total, ofClass) => total + Math.exp(least - ofClass[b]), 0);
    costs.forEach((ofClass, k) => logProbs[b * classes + k] = least - ofClass[b] - Math.log(sum));
  }
  tally.add(logProbs, labels, Array.from(labels, () => ({ example: "" })));
}

function verdictOf(tally: Tally, about: Pick<LikelihoodClasses, "by" | "drawings" | "most">): LikelihoodClasses {
  const { top1, nll, classes, confusion } = tally.finish().classification;
  return { ...about, top1, nll, classes, confusion };
}

/** A model and the drawings that are its own. */
interface Contestant {
  readonly drawer: StrokeDrawer;
  readonly name: string;
  readonly drawings: readonly ShownDrawing[];
}

/** What runs are held against one another by. */
export interface Contest {
  /** The folders of the other runs. */
  readonly against: readonly string[];
  readonly split: Split;
  /** Drawings of each run, at most. */
  readonly limit: number;
  /** The points of a drawing, at most, as {@linkcode checkContest} gives them. */
  readonly most: number;
  readonly seed: number;
}

const AT_ONCE = 100;

/**
 * Checks that runs can be held against one another.
 *
 * @returns The most points of a drawing that all of them read.
 * @throws {InputError} When one is not there, does not draw strokes, or is told the class.
 */
export async function checkContest(drawer: StrokeDrawer, { against }: Pick<Contest, "against">): Promise<number> {
  if (drawer.classes > 0) {
    throw new InputError(
      "--against: the model is told the class, and names drawings by itself; it takes no other runs",
    );
  }
  let most = drawer.maxLength;
  for (const folder of against) {
    const { drawer: other, model } = await contestantOf(folder);
    most = Math.min(most, other.maxLength);
    model.dispose();
  }
  return most;
}

async function contestantOf(folder: string): Promise<SavedModel & { readonly drawer: StrokeDrawer }> {
  const saved = await loadModel(folder);
  const refuse = (why: string) => {
    saved.model.dispose();
    return new InputError(`--against ${folder}: ${saved.spec.name} ${why}`);
  };
  if (!isAble(saved.model, "strokes")) throw refuse("draws no strokes");
  if (saved.model.strokes.classes > 0) throw refuse("is told the class, which such a run must not be");
  return { ...saved, drawer: saved.model.strokes };
}

/**
 * Gives each drawing of each run to the run by which it is likeliest, in the units of the data.
 *
 * @param own The model that is judged, its classes, and drawings of the split that all runs can read.
 * @throws {InputError} As {@linkcode checkContest}, and when the data of another run is not there, or a run has no drawing that
 * all can read.
 */
export async function contest(
  own: Contestant,
  { against, split, limit, most, seed }: Contest,
): Promise<LikelihoodClasses> {
  if (own.drawings.length === 0) {
    throw new InputError(`--against: none of the drawings has ${most} points or fewer, as many as every run reads`);
  }
  const opened: SavedModel[] = [];
  try {
    const contestants = [own];
    for (const folder of against) {
      const saved = await contestantOf(folder);
      opened.push(saved);
      const { data: learnt, settings } = saved.state;
      const place = { data: settings.data, isOther: false, split, seed };
      const drawings = await splitDrawings(place, { count: limit, maxPoints: most, learnt });
      const name = learnt.classes.join(" + ");
      const isTaken = contestants.some((other) => other.name === name);
      contestants.push({ drawer: saved.drawer, name: isTaken ? `${name} (${baseName(folder)})` : name, drawings });
    }
    const each = Math.min(limit, ...contestants.map(({ drawings }) => drawings.length));
    const tally = tallyClassification(contestants.map(({ name }) => name), { worst: 0, strokes: 0 });
    for (const [label, { drawings }] of contestants.entries()) {
      for (let at = 0; at < each; at += AT_ONCE) {
        // No label: a run need not know the others' classes.
        const batch = strokeBatch(drawings.slice(at, Math.min(each, at + AT_ONCE)).map(({ rows }) => ({ rows })));
        const costs: number[][] = []; // [K, B]
        for (const { drawer } of contestants) {
          const bounds = boundsOf(await costsOf(drawer, { batch, prng: new Prng(seed, 7, at) }));
          costs.push(movesOf(drawer, batch).map((moves, b) => bounds[b] + unitNats(drawer, moves)));
        }
        addCosts(tally, costs, new Array<number>(batch.size).fill(label));
      }
    }
    return verdictOf(tally, { by: "runs", drawings: each * contestants.length, most });
  } finally {
    for (const { model } of opened) model.dispose();
  }
}
