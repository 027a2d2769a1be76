/**
 * The classification accuracy score (Ravuri and Vinyals 2019, arXiv:1905.10887): how well a classifier names real pictures
 * that has seen nothing but samples. There samples are asked for by class; a model that is not told classes gives none, so
 * that here a teacher, a classifier of real pictures, names them. Another student learns from as many real pictures that the
 * same teacher names: what the first falls short of it is what samples lack.
 *
 * N pictures, K classes.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { differentiate } from "../../models/gradients/differentiate.ts";
import type { Model } from "../../models/model.ts";
import { OPTIMIZERS } from "../../models/optimizers/optimizers.ts";
import { STEP_OPTIONS } from "../../models/step_options.ts";
import { defaultsOf } from "../../pipelines/base/option_table.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import type { ImageClassifier } from "./generation_classes.ts";

/** How many real pictures are named rightly, 0 to 1. */
export interface StudentAccuracy {
  /** Samples that the student learnt from, and as many real pictures. */
  readonly learnt: number;
  /** Real pictures of the split that were named. */
  readonly named: number;
  /** The steps of each student. */
  readonly steps: number;
  /** By the student of samples. */
  readonly samples: number;
  /** By the student of real pictures. */
  readonly real: number;
  /** By the teacher. */
  readonly teacher: number;
  /** By who always says the most frequent class. */
  readonly guessing: number;
}

/** What students learn from, and what they are asked. */
export interface StudentLessons {
  /** Brightness, 0 to 255, [N, S, S, C]. */
  readonly samples: Uint8Array<ArrayBuffer>;
  /** Training pictures, likewise. */
  readonly train: Uint8Array<ArrayBuffer>;
  /** Pictures of the split, likewise, and their labels as the teacher counts classes; undefined for one it does not know. */
  readonly real: Uint8Array<ArrayBuffer>;
  readonly labels: readonly (number | undefined)[];
  /** Of each student, 1 or more. */
  readonly steps: number;
  readonly seed: number;
}

/** Has two students learn and asks them; undefined where none of the real pictures is of a class that the teacher knows. */
export async function studentAccuracy(
  teacher: ImageClassifier,
  { samples, train, real, labels, steps, seed }: StudentLessons,
): Promise<StudentAccuracy | undefined> {
  const named = labels.filter((label) => label !== undefined).length;
  const cells = real.length / labels.length;
  const learnt = Math.min(samples.length, train.length) / cells;
  if (named === 0 || learnt < 1) return undefined;
  const share = (answers: readonly number[]) => answers.filter((answer, i) => answer === labels[i]).length / named;
  const studied = async (pictures: Uint8Array<ArrayBuffer>) => {
    const lessons = pictures.slice(0, learnt * cells);
    const student = teacher.untrained(new Prng(seed, 8));
    try {
      const answers = answersOf(teacher, await teacher.read(lessons));
      await teach(student, lessons, { answers, steps, seed, loop: teacher.loop, stepsTaken: teacher.classifier.step });
      return share(answersOf(teacher, await teacher.read(real, student)));
    } finally {
      student.dispose();
    }
  };
  const counts = teacher.names.map((_, k) => labels.filter((label) => label === k).length);
  return {
    ...{ learnt, named, steps, samples: await studied(samples), real: await studied(train) },
    teacher: share(answersOf(teacher, await teacher.read(real))),
    guessing: Math.max(...counts) / named,
  };
}

/** The likeliest class of each picture, [N], by log-probabilities [N, K]. */
function answersOf({ names }: ImageClassifier, logProbs: Float32Array): number[] {
  return Array.from({ length: logProbs.length / names.length }, (_, n) => {
    const row = logProbs.subarray(n * names.length, (n + 1) * names.length);
    return row.indexOf(Math.max(...row));
  });
}

const STEP = defaultsOf(STEP_OPTIONS);

/** How a student learns: by the teacher's optimizer, learning rate and batches. */
interface Teaching extends Pick<StudentLessons, "steps" | "seed"> {
  readonly answers: readonly number[];
  readonly loop: ImageClassifier["loop"];
  /** As many as the teacher has taken: what a loss shows of pictures at first, such as small ones, is behind both. */
  readonly stepsTaken: number;
}

/** Trains a classifier on pictures, [N, S, S, C], in random order. */
async function teach(
  student: Model,
  pictures: Uint8Array<ArrayBuffer>,
  { answers, steps, seed, loop, stepsTaken }: Teaching,
): Promise<void> {
  const [prng, optimizer] = [new Prng(seed, 9), OPTIMIZERS[loop.optimizer](loop)];
  const cells = pictures.length / answers.length;
  let order: number[] = [];
  try {
    for (let step = 0; step < steps; step++) {
      if (order.length === 0) order = [...prng.permutation(answers.length)];
      const places = order.splice(0, loop.batchSize);
      const image = new Uint8Array(places.length * cells); // [B, S, S, C]
      places.forEach((place, b) => image.set(pictures.subarray(place * cells, (place + 1) * cells), b * cells));
      const label = Uint16Array.from(places, (place) => answers[place]);
      const batch = { size: places.length, fields: { image, label } };
      for (const objective of student.objectives) {
        const pass = differentiate(student, objective, { batch, prng, step: { ...STEP, stepsTaken } });
        optimizer.apply(student.variables, pass.gradients);
        if (step % 10 === 9) await pass.loss.data(); // what is still to be computed must not pile up
        tf.dispose(pass);
      }
    }
  } finally {
    optimizer.dispose();
  }
}
