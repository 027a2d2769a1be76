/**
 * What models of queries and answers have in common: how they learn to write an answer, and how they write one.
 *
 * B batch, T characters of an answer in the order of writing, V characters of the alphabet, K beginnings that are kept.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { fieldOf } from "../../../pipelines/batches/batch_fields.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import type { Batch } from "../../../pipelines/dataset.ts";
import type { Variables } from "../../layers/layer.ts";
import type { Model, Pass } from "../../model.ts";
import { crossEntropy } from "../../ops/cross_entropy.ts";
import { logSoftmax } from "../../ops/log_softmax.ts";
import type { WriteOptions, WrittenSequences } from "../../sequence_writer.ts";
import { bySteps, type CharacterSequence, formerOf, hitsOf, oneHotRows } from "./characters.ts";
import type { QueryReading, ReadingCost } from "./query_reader.ts";

/** The field that answers stand in. */
export const ANSWER = "answer";

/** What a query is to the part of a model that writes: tensors whose values for each example are found by it alone. */
export type Memory = readonly tf.Tensor[];

/** Queries that were read. */
export interface Remembered extends Pick<QueryReading, "logits"> {
  readonly memory: Memory;
}

/** A model that answers queries. */
export interface Answering {
  readonly variables: Variables;
  /** The field that queries are read from. */
  readonly reads: string;
  /** Of the answers. */
  readonly answers: CharacterSequence;
  /** Whether a character depends on those before it; if not, an answer is written at once. */
  readonly feedsBack: boolean;
  /**
   * Reads the queries of a batch.
   *
   * @param copies Each query is there so many times, one behind the other.
   */
  read(batch: Batch, pass: Pass, copies: number): Remembered;
  /** Of a model that reads characters in pictures: what the logits of its reading cost. */
  readonly costOfReading?: ReadingCost | undefined;
  /** The names of the variables that nothing else teaches. */
  readonly taughtByCost?: readonly string[] | undefined;
  /**
   * Foretells the character at each step from those before it.
   *
   * @param former The character before each, int32 [T, B], -1 where there is none.
   * @returns Logits, float32 [T B, V].
   */
  foretell(memory: Memory, former: Int32Array, pass: Pass): tf.Tensor2D;
}

/** What queries are, each so many times, one behind the other. */
export function copied(memory: Memory, copies: number): Memory {
  if (copies === 1) return memory;
  return memory.map((tensor) => {
    const rows = Int32Array.from({ length: tensor.shape[0] * copies }, (_, row) => Math.floor(row / copies));
    return tf.gather(tensor, tf.tensor1d(rows, "int32"));
  });
}

const IN_EVALUATION: Pass = { prng: new Prng(0), training: undefined, firstExample: 0 };

/**
 * The model: its loss is the mean negative log-likelihood of a character, nats, where those before it are right; and what
 * reading costs, where characters are read in pictures.
 */
export function answeringModel(answering: Answering): Model {
  const { variables, answers } = answering;
  const { length, alphabetSize } = answers;
  return {
    variables,
    objectives: [{
      name: "nll",
      trains: Object.keys(variables),
      loss(batch, pass) {
        const right = bySteps(fieldOf(batch, ANSWER), answers); // [T, B]
        const { memory, logits: named } = answering.read(batch, pass, 1);
        const logits = answering.foretell(memory, formerOf(right, answers), pass); // [TB, V]
        const wanted = tf.tensor2d(oneHotRows(right, alphabetSize), [right.length, alphabetSize]); // [TB, V]
        const nll = crossEntropy(logits, wanted);
        const metrics = metricsOf(logits, right);
        const reading = named && answering.costOfReading?.(named, batch);
        if (reading === undefined) return { loss: nll, metrics };
        return { loss: tf.add(nll, reading.loss), metrics: { ...metrics, nll, ...reading.metrics } };
      },
    }],
    sequences: {
      reads: answering.reads,
      field: ANSWER,
      length,
      alphabetSize,
      write: (batch, options) => write(answering, batch, options),
    },
    dispose: () => tf.dispose(variables),
  };

  /** The shares of characters, and of whole answers, whose likeliest characters are right. */
  function metricsOf(logits: tf.Tensor2D, right: Int32Array): Record<string, tf.Scalar> {
    const hit = tf.reshape(hitsOf(logits, right), [length, -1]); // [T, B]
    return { characters: tf.mean(hit), answers: tf.mean(tf.min(hit, 0)) };
  }
}

/** Writes an answer to each query of a batch. */
async function write(answering: Answering, batch: Batch, { beam = 1 }: WriteOptions = {}): Promise<WrittenSequences> {
  if (!(Number.isSafeInteger(beam) && beam > 0)) {
    throw new RangeError(`cannot write with a beam of ${beam}: expected a whole number, 1 or more`);
  }
  const { answers, feedsBack } = answering;
  const { length, alphabetSize } = answers;
  const rows = batch.size * beam;
  const memory = tf.tidy(() => [...answering.read(batch, IN_EVALUATION, beam).memory]);
  try {
    let beginnings = new Int32Array(length * rows).fill(-1); // [T, BK]
    let scores = Float32Array.from({ length: rows }, (_, row) => row % beam === 0 ? 0 : -Infinity); // alike at first
    let all: Float32Array | undefined; // [TBK, V]
    for (let t = 0; t < length; t++) {
      if (feedsBack || all === undefined) {
        const logProbs = tf.tidy(() =>
          logSoftmax(answering.foretell(memory, formerOf(beginnings, answers), IN_EVALUATION))
        );
        all = await logProbs.data<"float32">();
        logProbs.dispose();
      }
      const ofStep = all.subarray(t * rows * alphabetSize, (t + 1) * rows * alphabetSize); // [BK, V]
      const best = likeliest(ofStep, scores, { beam, alphabetSize });
      const next = beginnings.map((_, i) => beginnings[i - i % rows + best.rows[i % rows]]);
      next.set(best.characters, t * rows);
      [beginnings, scores] = [next, best.scores];
    }
    const chosen = Int32Array.from({ length: length * batch.size }, (_, i) => {
      const [b, place] = [Math.floor(i / length), i % length];
      const t = answers.reversed ? length - 1 - place : place;
      return beginnings[t * rows + b * beam];
    });
    return { characters: chosen, logProbs: scores.filter((_, row) => row % beam === 0) };
  } finally {
    tf.dispose([...memory]);
  }
}

/** The likeliest beginnings with one more character, from the likeliest on: which they go on from, and how likely they are. */
function likeliest(
  logProbs: Float32Array,
  scores: Float32Array,
  { beam, alphabetSize }: { readonly beam: number; readonly alphabetSize: number },
) {
  const found = {
    rows: new Int32Array(scores.length),
    characters: new Int32Array(scores.length),
    scores: new Float32Array(scores.length),
  };
  const width = beam * alphabetSize; // the choices of an example
  for (let first = 0; first < scores.length; first += beam) {
    const totals = Array.from(
      { length: width },
      (_, choice) => scores[first + Math.floor(choice / alphabetSize)] + logProbs[first * alphabetSize + choice],
    );
    const order = beam === 1 ? [totals.indexOf(Math.max(...totals))] : totals.map((_, choice) => choice);
    if (beam > 1) order.sort((one, other) => totals[other] - totals[one] || one - other);
    for (let k = 0; k < beam; k++) {
      const choice = order[k];
      found.rows[first + k] = first + Math.floor(choice / alphabetSize);
      found.characters[first + k] = choice % alphabetSize;
      found.scores[first + k] = totals[choice];
    }
  }
  return found;
}
