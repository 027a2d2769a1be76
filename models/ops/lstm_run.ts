/**
 * How an LSTM runs over a sequence: from which state, how far, in which direction, and what is dropped.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D } from "../tensors.ts";
import type { LstmState } from "./lstm_gates.ts";
import { type RandomKey, randomUniform } from "./random.ts";

/**
 * Recurrent dropout of the candidate: c_t = sigmoid(f) c_{t-1} + sigmoid(i) d(tanh(g)), where d drops units at random, in
 * each step anew, and divides the others by the share that is kept, so that the memory in c is never dropped (Semeniuta,
 * Severyn and Barth 2016, arXiv:1603.05118).
 *
 * Unit j in step t of an example is dropped where column 8 t ceil(H / 8) + j of its row of `randomUniform` is below `rate`:
 * that depends on no other example and on no length.
 */
export interface RecurrentDropout {
  /** The probability of dropping a unit, 0 to below 1. */
  readonly rate: number;
  /** The stream of random numbers; one for each layer and direction. */
  readonly key: RandomKey;
  /** The id of each example, int32 [B], such as its place in the step's whole batch. */
  readonly rows: Int32Array;
}

/** How an LSTM runs over its sequence; a part of its state left out is zeros. */
export interface LstmRun extends Partial<LstmState> {
  /**
   * How many steps each example has, int32 [B], 0 to T; T when left out. After its end the state of an example stays as it
   * is; its inputs there, any finite numbers, count for nothing.
   */
  readonly lengths?: Int32Array | undefined;
  /** Whether each example is read from its last step to its first; h at t is then the state after the steps from t on. */
  readonly reversed?: boolean | undefined;
  /** What is added to the inputs of the gates in every step, float32 [B, 4H]. */
  readonly context?: Tensor2D | undefined;
  /** Recurrent dropout; to be left out in evaluation. */
  readonly dropout?: RecurrentDropout | undefined;
}

/** T, B and H. */
export interface LstmSize {
  readonly steps: number;
  readonly batch: number;
  readonly units: number;
}

/**
 * Checks a run against the size of what it is for.
 *
 * @param name The operation, for the message.
 * @throws {RangeError} If they do not fit together.
 */
export function checkLstmRun(name: string, run: LstmRun, { steps, batch, units }: LstmSize): void {
  const shapes = { hidden: [batch, units], cell: [batch, units], context: [batch, 4 * units] };
  for (const [part, wanted] of Object.entries(shapes)) {
    const found = run[part as keyof typeof shapes]?.shape ?? wanted;
    if (found.join() === wanted.join()) continue;
    throw new RangeError(`${name} needs ${part} [${wanted.join(", ")}], found [${found.join(", ")}]`);
  }
  const { lengths, dropout } = run;
  for (const [part, values] of Object.entries({ lengths, "dropout.rows": dropout?.rows })) {
    if (values === undefined || values.length === batch) continue;
    throw new RangeError(`${name} needs ${part} of ${batch} examples, found ${values.length}`);
  }
  const wrong = lengths?.find((length) => !(length >= 0 && length <= steps));
  if (wrong !== undefined) throw new RangeError(`${name} needs lengths of 0 to ${steps} steps, found ${wrong}`);
  if (dropout && !(dropout.rate >= 0 && dropout.rate < 1)) {
    throw new RangeError(`${name} cannot drop at a rate of ${dropout.rate}: expected 0 to below 1`);
  }
}

/** Which examples take part in a step. */
export interface SequencePlan {
  /**
   * The examples, those with more steps first, and behind them where the rows of each step begin among those of all steps,
   * packed without the examples that have ended: int32 [B + T + 1].
   */
  readonly values: Int32Array;
  /** N, the packed rows of all steps. */
  readonly rows: number;
}

/** The plan for examples of these lengths; undefined where all have `steps` steps. */
export function sequencePlan(lengths: Int32Array | undefined, steps: number): SequencePlan | undefined {
  if (!lengths || lengths.every((length) => length === steps)) return undefined;
  const batch = lengths.length;
  const values = new Int32Array(batch + steps + 1);
  values.set(Array.from(lengths.keys()).sort((a, b) => lengths[b] - lengths[a] || a - b));
  const takingPart = new Int32Array(steps + 1); // [T + 1]
  for (const length of lengths) takingPart[length]++; // so many end before this step
  for (let t = 0, count = batch, rows = 0; t <= steps; t++) {
    count -= takingPart[t];
    values[batch + t] = rows;
    rows += count;
  }
  return { values, rows: values[batch + steps] };
}

/** What the candidates are multiplied by: 0 or 1 / (1 - rate), float32 [T, B, H]. */
export function candidateFactors({ rate, key, rows }: RecurrentDropout, { steps, units }: LstmSize): tf.Tensor3D {
  const drawn = 8 * Math.ceil(units / 8);
  const numbers = tf.reshape(randomUniform(key, rows, steps * drawn), [-1, steps, drawn]); // [B, T, drawn]
  const kept = tf.greaterEqual(tf.slice(numbers, [0, 0, 0], [-1, -1, units]), rate); // [B, T, H]
  return tf.transpose(tf.mul(tf.cast(kept, "float32"), 1 / (1 - rate)), [1, 0, 2]) as tf.Tensor3D; // [T, B, H]
}
