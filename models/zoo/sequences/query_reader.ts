/**
 * What a model of queries reads at each step: a character or a picture.
 *
 * B batch, Q steps.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { OptionValues } from "../../../pipelines/base/option_table.ts";
import type { Prng } from "../../../pipelines/base/prng.ts";
import { fieldOf } from "../../../pipelines/batches/batch_fields.ts";
import type { Batch, DataDescription } from "../../../pipelines/dataset.ts";
import type { Variables } from "../../layers/layer.ts";
import type { Pass } from "../../model.ts";
import { bySteps, charactersOf, oneHotSteps } from "./characters.ts";
import { pictureCnn, picturesOf, pixelSteps } from "./digit_images.ts";

/** The field of each kind of query. */
export const QUERY_FIELDS = { text: "query", pixels: "query_image", cnn: "query_image" } as const;

/** The options of what a model reads. */
export const INPUT_OPTIONS = {
  input: {
    value: "text",
    choices: ["text", "pixels", "cnn"],
    help: "what a step reads of a query: a character, the pixels of its picture, or what a small CNN makes of those",
  },
  convFilters: {
    value: [16, 32] as readonly number[],
    help: "with input cnn: filters of each 3x3 convolution, which ReLU and 2x2 max-pooling follow, 1 or more each",
    min: 1,
    whole: true,
  },
  convUnits: {
    value: 64,
    help: "with input cnn: what the CNN says of a picture, units, 1 or more",
    min: 1,
    whole: true,
  },
  pictureShift: {
    value: 0,
    help: "pictures are moved by up to so many pixels to any side in training, each by itself; 0 to 8",
    min: 0,
    max: 8,
    whole: true,
  },
} as const;

/** Which queries are read, and how. */
export interface QueryOptions extends OptionValues<typeof INPUT_OPTIONS> {
  /** From the last step to the first. */
  readonly reverseQuery: boolean;
}

/** Reads queries. */
export interface QueryReader {
  readonly variables: Variables;
  /** Q. */
  readonly length: number;
  /** F, how wide a step is. */
  readonly width: number;
  /** float32 [Q, B, F]. */
  read(batch: Batch, pass: Pass): tf.Tensor3D;
}

/**
 * A reader of the queries of some data.
 *
 * @throws {RangeError} When the field is no sequence of characters or pictures.
 */
export function queryReader(data: DataDescription, options: QueryOptions, prng: Prng): QueryReader {
  const { input, reverseQuery, pictureShift: most, convFilters: filters, convUnits: features } = options;
  const field = QUERY_FIELDS[input];
  if (input === "text") {
    const queries = charactersOf(data, field, reverseQuery);
    return {
      variables: {},
      length: queries.length,
      width: queries.alphabetSize,
      read: (batch) => oneHotSteps(bySteps(fieldOf(batch, field), queries), queries),
    };
  }
  const pictures = picturesOf(data, field, reverseQuery);
  const { length, side } = pictures;
  const pixelsOf = (batch: Batch, { training, prng, firstExample }: Pass) =>
    pixelSteps(batch, pictures, training && most > 0 ? { most, key: prng.key(), firstExample } : undefined);
  if (input === "pixels") return { variables: {}, length, width: side * side, read: pixelsOf };
  const cnn = pictureCnn("pictures", { side, filters, features }, prng);
  return {
    variables: cnn.variables,
    length,
    width: features,
    read: (batch, pass) => cnn.apply(pixelsOf(batch, pass)),
  };
}
