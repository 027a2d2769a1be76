/**
 * The classifier of the table: the same in all arms, for as many updates.
 *
 * @module
 */
import { cnn } from "../../../../models/zoo/stroke_classifier/stroke_classifier.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import type { Batch } from "../../../../pipelines/dataset.ts";
import { Warper } from "../../../../pipelines/images/warp.ts";
import { type Trainee, traineeOf } from "../../../runs/run_state.ts";
import { digitAt, type Digits } from "../vectorizer/measures.ts";
import { READER, READER_LOOP } from "./augment_options.ts";
import { PIXELS, SIDE } from "./small_set.ts";
import { breathe, type Lessons, shuffledForever, take, teach } from "./teach.ts";

const FIELDS = { image: { dtype: "uint8", shape: [SIDE, SIDE] }, label: { dtype: "uint8", shape: [] } } as const;
/** Digits that are read side by side. */
const AT_ONCE = 500;

/** How a classifier is trained. */
export interface Reading extends Pick<Lessons, "steps" | "signal" | "onStep"> {
  readonly classes: readonly string[];
  /** Whether each digit is warped anew whenever it is shown. */
  readonly warped: boolean;
  /** Of weights, batches and warps. */
  readonly seeds: readonly number[];
}

/**
 * Trains a classifier on all digits of some sets, each as often as any other.
 *
 * @returns The trainee, the caller's.
 * @throws {Interruption} When the signal was given.
 */
export async function trainReader(sets: readonly Digits[], reading: Reading): Promise<Trainee> {
  const { classes, warped, seeds, steps, signal, onStep } = reading;
  const digits = sets.flatMap((set) => Array.from(set.labels, (label, i) => ({ image: digitAt(set, i), label })));
  const trainee = traineeOf(cnn.build(READER, { fields: FIELDS, classes }, new Prng(...seeds, 0)), READER_LOOP);
  const places = shuffledForever(digits.length, new Prng(...seeds, 1));
  const [warper, warps] = [new Warper(SIDE), new Prng(...seeds, 3)];
  try {
    await teach(trainee, {
      ...{ loop: READER_LOOP, steps, signal, prng: new Prng(...seeds, 2) },
      next() {
        const chosen = take(places, READER_LOOP.batchSize).map((i) => digits[i]);
        const image = new Uint8Array(chosen.length * PIXELS); // [B, 28, 28]
        chosen.forEach((digit, b) => {
          const room = image.subarray(b * PIXELS, (b + 1) * PIXELS);
          if (warped) warper.warp(digit.image, warps, room);
          else room.set(digit.image);
        });
        return { size: chosen.length, fields: { image, label: Uint8Array.from(chosen, ({ label }) => label) } };
      },
      ...onStep ? { onStep } : {},
    });
    return trainee;
  } catch (error) {
    trainee[Symbol.dispose]();
    throw error;
  }
}

/**
 * What a classifier calls digits: the likeliest class of each.
 *
 * @throws {Interruption} When the signal was given.
 */
export async function namesOf({ model }: Trainee, digits: Digits, signal: AbortSignal): Promise<Uint8Array> {
  const names = new Uint8Array(digits.labels.length);
  for (let at = 0; at < names.length; at += AT_ONCE) {
    await breathe(signal);
    const size = Math.min(AT_ONCE, names.length - at);
    const batch: Batch = { size, fields: { image: digits.images.slice(at * PIXELS, (at + size) * PIXELS) } };
    const answers = model.classify!(batch); // [B, classes]
    const values = await answers.data<"float32">();
    const classes = answers.shape[1];
    answers.dispose();
    for (let b = 0; b < size; b++) {
      const row = values.subarray(b * classes, (b + 1) * classes);
      names[at + b] = row.indexOf(Math.max(...row));
    }
  }
  return names;
}
