/**
 * What a classifier reads in drawings by a model, and in those of the data.
 *
 * N drawings, K classes of the classifier.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import { nearest } from "../../pipelines/base/nearest.ts";
import type { Drawing } from "../../pipelines/strokes/stroke.ts";
import { fillGrid } from "../../pipelines/strokes/fit_grid.ts";
import { loadClassifier } from "../runs/classifier.ts";
import { type ClassReading, classReading } from "./generation_classes.ts";

/** A drawing to be read, and what it ought to be read as; undefined where nobody knows. */
export interface ReadDrawing {
  readonly drawing: Drawing;
  readonly className: string | undefined;
}

/** What was read. */
export interface StrokeReading extends ClassReading {
  /** The share that was read as what it ought to be, 0 to 1; null where nobody knows what that is. */
  readonly right: number | null;
  /** The same for each class, by name. */
  readonly rightByClass: Readonly<Record<string, number>>;
  /** How many were read as each class, by name. */
  readonly readAs: Readonly<Record<string, number>>;
}

/** What a classifier reads in samples and, for comparison, in drawings of the split. */
export interface StrokeReadings {
  /** How many classes it knows, K. */
  readonly classes: number;
  /** In samples. */
  readonly samples: StrokeReading;
  /** In drawings of the split. */
  readonly real: StrokeReading;
}

/**
 * Has the classifier of a run read drawings, each rasterized as the classifier's own data were.
 *
 * @param folder The classifier's run; its best weights are taken.
 * @throws {InputError} When there is no such run, or its model does not name drawings, or none of these classes.
 */
export async function readDrawn(
  folder: string,
  { samples, real }: { readonly samples: readonly ReadDrawing[]; readonly real: readonly ReadDrawing[] },
): Promise<StrokeReadings> {
  using classifier = await loadClassifier(folder);
  const names = classifier.classes;
  const read = async (drawings: readonly ReadDrawing[]): Promise<StrokeReading> => {
    const logProbs = new Float64Array(drawings.length * names.length); // [N, K]
    const readAs: Record<string, number> = {};
    const byClass: Record<string, { right: number; all: number }> = {};
    for (const [n, { drawing, className }] of drawings.entries()) {
      const guesses = await classifier.classify(fillGrid(drawing));
      for (const { name, probability } of guesses) {
        logProbs[n * names.length + names.indexOf(name)] = Math.log(probability);
      }
      const [{ name }] = guesses;
      readAs[name] = (readAs[name] ?? 0) + 1;
      if (className === undefined) continue;
      const count = byClass[className] ??= { right: 0, all: 0 };
      count.all++;
      if (name === className) count.right++;
    }
    const counts = Object.values(byClass);
    const [right, all] = [counts.reduce((sum, c) => sum + c.right, 0), counts.reduce((sum, c) => sum + c.all, 0)];
    return {
      ...classReading(logProbs, names.length),
      right: all === 0 ? null : right / all,
      rightByClass: Object.fromEntries(Object.entries(byClass).map(([name, c]) => [name, c.right / c.all])),
      readAs,
    };
  };
  return { classes: names.length, samples: await read(samples), real: await read(real) };
}

/**
 * Checks that a run's classifier can read drawings of some classes.
 *
 * @throws {InputError} As {@linkcode readDrawn}.
 */
export async function checkReader(folder: string, classes: readonly string[]): Promise<void> {
  using classifier = await loadClassifier(folder);
  const unknown = classes.filter((name) => !classifier.classes.includes(name));
  if (unknown.length === 0) return;
  const hint = nearest(unknown[0], classifier.classes);
  throw new InputError(`--classifier ${folder}: does not know ${unknown.join(", ")}${hint}, which are drawn`);
}
