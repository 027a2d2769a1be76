/**
 * What a model of queries reads at each step: a character or a picture.
 *
 * B batch, Q steps.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { OptionValues } from "../../../pipelines/base/option_table.ts";
import type { Prng } from "../../../pipelines/base/prng.ts";
import { fieldOf } from "../../../pipelines/batches/batch_fields.ts";
import type { Batch, DataDescription } from "../../../pipelines/dataset.ts";
import type { Variables } from "../../layers/layer.ts";
import { linear } from "../../layers/linear.ts";
import type { Objective, Pass } from "../../model.ts";
import { crossEntropy } from "../../ops/cross_entropy.ts";
import { bySteps, charactersOf, hitsOf, oneHotRows, oneHotSteps } from "./characters.ts";
import { pictureCnn, type PictureReader, picturesOf, seePictures } from "./digit_images.ts";

/** The field of each kind of query. */
export const QUERY_FIELDS = {
  text: "query",
  pixels: "query_image",
  cnn: "query_image",
  probabilities: "query_image",
} as const;

/** The options of what a model reads. */
export const INPUT_OPTIONS = {
  input: {
    value: "text",
    choices: ["text", "pixels", "cnn", "probabilities"],
    help:
      "what a step reads of a query: a character; the pixels of its picture; what a small CNN makes of those; the " +
      "probabilities of the characters, as that CNN reads them",
  },
  convFilters: {
    value: [16, 32] as readonly number[],
    help: "filters of each 3x3 convolution, which ReLU and 2x2 max-pooling follow, 1 or more each",
    of: { input: ["cnn", "probabilities"] },
    min: 1,
    whole: true,
  },
  convUnits: {
    value: 64,
    help: "what the CNN says of a picture, or the hidden layer in front of its probabilities, units, 1 or more",
    of: { input: ["cnn", "probabilities"] },
    min: 1,
    whole: true,
  },
  learnFrom: {
    value: "right",
    choices: ["right", "read"],
    help: "what answers are learnt from: right, the query's characters, so that writing need not " +
      "wait for reading, and written from the likeliest ones; read, the probabilities themselves, so that answers teach " +
      "reading too",
    of: { input: ["probabilities"] },
  },
  readingWeight: {
    value: 1,
    help: "what the characters of queries, which training knows, weigh in the loss beside those " +
      "of answers; 0 or more, 0 where answers alone teach reading",
    of: { input: ["probabilities"] },
    min: 0,
  },
  pictureWarp: {
    value: 0,
    help:
      "pictures are warped in training, each by itself: with 1 turned by up to 12 degrees, stretched by 12 %, slanted, " +
      "shifted by 2 pixels and bent; a multiple of that; 0 to 3",
    of: { input: ["pixels", "cnn", "probabilities"] },
    min: 0,
    max: 3,
    inTraining: true,
  },
} as const;

/** Which queries are read, and how. */
export interface QueryOptions extends OptionValues<typeof INPUT_OPTIONS> {
  /** From the last step to the first. */
  readonly reverseQuery: boolean;
}

/** The fields of queries that a model learns from. */
export function queryFields({ input }: Pick<QueryOptions, "input">): readonly string[] {
  return input === "probabilities" ? [QUERY_FIELDS[input], QUERY_FIELDS.text] : [QUERY_FIELDS[input]];
}

/** What was read. */
export interface QueryReading {
  /** float32 [Q, B, F]. */
  readonly steps: tf.Tensor3D;
  /** The log odds of each character at each step, float32 [Q B, V], where pictures were read as characters. */
  readonly logits?: tf.Tensor2D;
}

/** Judges the logits of a {@linkcode QueryReading}. */
export type ReadingCost = (logits: tf.Tensor2D, batch: Batch) => ReturnType<Objective["loss"]>;

/** Reads queries. */
export interface QueryReader {
  readonly variables: Variables;
  /** Q. */
  readonly length: number;
  /** F, how wide a step is. */
  readonly width: number;
  read(batch: Batch, pass: Pass): QueryReading;
  /**
   * What the logits of a reading cost, to be added to a loss: `reading`, the mean negative log-likelihood of a query's
   * character, nats, times its weight. And `read`, the share of characters whose likeliest is right.
   */
  readonly cost?: ReadingCost;
  /** The names of the variables that `cost` alone teaches, where in training the right characters stand for what is read. */
  readonly taughtByCost?: readonly string[];
}

/**
 * A reader of the queries of some data.
 *
 * @throws {RangeError} When the field is no sequence of characters or pictures, there is not a picture a character, or
 * nothing teaches reading.
 */
export function queryReader(data: DataDescription, options: QueryOptions, prng: Prng): QueryReader {
  const { input, learnFrom, readingWeight, reverseQuery, pictureWarp: strength } = options;
  const { convFilters: filters, convUnits: features } = options;
  const field = QUERY_FIELDS[input];
  if (input === "text") {
    const queries = charactersOf(data, field, reverseQuery);
    return {
      variables: {},
      length: queries.length,
      width: queries.alphabetSize,
      read: (batch) => ({ steps: oneHotSteps(bySteps(fieldOf(batch, field), queries), queries) }),
    };
  }
  const pictures = picturesOf(data, field, reverseQuery);
  const { length, side } = pictures;
  /** What is made of each picture, where it stands: float32 [Q B, F]. */
  function look(batch: Batch, { training, prng, firstExample }: Pass, make?: PictureReader["apply"]): tf.Tensor2D {
    const warp = training && strength > 0 ? { strength, key: prng.key(), firstExample } : undefined;
    const { pixels, rows } = seePictures(batch, pictures, warp);
    return tf.gather(make ? make(pixels) : pixels, rows);
  }
  const byStep = (x: tf.Tensor2D) => tf.reshape(x, [length, -1, x.shape[1]]) as tf.Tensor3D; // [Q, B, F]
  if (input === "pixels") {
    return { variables: {}, length, width: side * side, read: (...told) => ({ steps: byStep(look(...told)) }) };
  }
  const cnn = pictureCnn("pictures", { side, filters, features }, prng);
  if (input === "cnn") {
    return {
      variables: cnn.variables,
      length,
      width: features,
      read: (batch, pass) => ({ steps: byStep(look(batch, pass, cnn.apply)) }),
    };
  }
  const queries = charactersOf(data, QUERY_FIELDS.text, reverseQuery);
  const { alphabetSize } = queries;
  if (queries.length !== length) {
    throw new RangeError(
      `field ${field} has ${length} pictures an example, expected ${queries.length}, one a character`,
    );
  }
  if (learnFrom === "right" && readingWeight === 0) {
    throw new RangeError("readingWeight: nothing teaches reading where it is 0 and answers are learnt from right");
  }
  const rightOf = (batch: Batch) => bySteps(fieldOf(batch, QUERY_FIELDS.text), queries); // [Q, B]
  const named = linear("pictures/characters", { inputs: features, outputs: alphabetSize }, prng);
  const variables = { ...cnn.variables, ...named.variables };
  return {
    variables,
    ...learnFrom === "right" ? { taughtByCost: Object.keys(variables) } : {},
    length,
    width: alphabetSize,
    read(batch, pass) {
      const logits = look(batch, pass, (pixels) => named.apply(cnn.apply(pixels))); // [QB, V]
      if (learnFrom === "read") return { steps: byStep(tf.softmax(logits)), logits };
      if (pass.training) return { steps: oneHotSteps(rightOf(batch), queries), logits };
      // A mixture of characters is nothing that it has learnt to add.
      // tfjs's wasm kernel gives whole numbers whatever dtype it is asked for.
      const likeliest = tf.cast(tf.oneHot(tf.argMax(logits, 1), alphabetSize), "float32") as tf.Tensor2D; // [QB, V]
      return { steps: byStep(likeliest), logits };
    },
    cost(logits, batch) {
      const right = rightOf(batch); // [Q, B]
      const reading = crossEntropy(logits, tf.tensor2d(oneHotRows(right, alphabetSize), logits.shape));
      const read = tf.mean(hitsOf(logits, right)) as tf.Scalar;
      return { loss: tf.mul(reading, readingWeight), metrics: { reading, read } };
    },
  };
}
