/**
 * A small transformer of an encoder and a decoder (Vaswani et al. 2017, arXiv:1706.03762): reads a query, text or pictures,
 * and writes the answer.
 *
 * **Paper.** Attention of several heads, in the encoder over the query, in the decoder over what is written already and over
 * the query; hidden layers with ReLU between.
 *
 * **Differs from the paper.** It is small: 2 + 2 blocks of width 64. Each part is normalized in front, not behind. Positions
 * are learnt, not sines; answers are written from the last character to the first unless told otherwise, as one adds by
 * hand; the embedding is not shared with the output, and not scaled.
 *
 * **Options beyond it.** With input `probabilities` a CNN reads a character in each picture of a query, and what it takes
 * for how likely goes on in place of the character. In training it is told the characters, so that it need not find out
 * from answers alone what a digit looks like.
 *
 * B batch, Q steps of the query, T steps of the answer, D width, V characters of the alphabet.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { OptionValues } from "../../../pipelines/base/option_table.ts";
import type { Prng } from "../../../pipelines/base/prng.ts";
import type { Batch, DataDescription } from "../../../pipelines/dataset.ts";
import { layerNormLayer } from "../../layers/layer_norm.ts";
import { linear } from "../../layers/linear.ts";
import { positionsLayer } from "../../layers/positions.ts";
import type { Model, Pass } from "../../model.ts";
import { defineModel, type ModelSpec } from "../../model_spec.ts";
import {
  ANSWER,
  type Answering,
  answeringModel,
  copied,
  type Memory,
  type Remembered,
} from "../sequences/answer_writer.ts";
import { charactersOf, oneHotRows } from "../sequences/characters.ts";
import { dropSteps } from "../sequences/drop_steps.ts";
import { INPUT_OPTIONS, QUERY_FIELDS, queryFields, queryReader } from "../sequences/query_reader.ts";
import { block, type BlockPass } from "./transformer_blocks.ts";

/** The options of {@linkcode transformer}. */
export const TRANSFORMER_OPTIONS = {
  ...INPUT_OPTIONS,
  width: { value: 64, help: "D, numbers a step, 1 or more; heads divide it", min: 1, whole: true },
  heads: { value: 4, help: "heads of each attention, 1 or more", min: 1, whole: true },
  hiddenUnits: { value: 256, help: "units of the hidden layer behind each attention, 1 or more", min: 1, whole: true },
  encoderBlocks: { value: 2, help: "blocks that read the query, 1 or more", min: 1, whole: true },
  decoderBlocks: { value: 2, help: "blocks that write the answer, 1 or more", min: 1, whole: true },
  reverseAnswer: { value: true, help: "answers are written from their last character to the first, as by hand" },
  dropoutRate: {
    value: 0,
    help:
      "probability of dropping a number of what a part of a block adds, and of what goes into the first block of the " +
      "query and of the answer, in training; 0 to 0.95",
    min: 0,
    max: 0.95,
    inTraining: true,
  },
} as const;

/** Why a transformer is no graph of layers. */
export const WHY_NO_NETWORK =
  "its blocks look from each character at all others, for which there is no layer, and it is told its own characters as it " +
  "writes, one pass for each";

/** How it is trained unless told otherwise: half of all sums up to 199 are enough, in 12 epochs. */
export const TRANSFORMER_LOOP = {
  epochs: 12,
  batchSize: 64,
  learningRate: 0.002,
  schedule: "cosine",
  warmupSteps: 300,
  clipNorm: 1,
} as const;

/** Settings with a name. */
export const TRANSFORMER_PRESETS = {
  few: {
    summary: "for a tenth of all sums up to 199: dropout, and as many steps as with more of them",
    model: { dropoutRate: 0.1 },
    loop: { epochs: 90 },
  },
  handwriting: {
    summary: "reads pictures of handwriting: a CNN names each character, blocks are half as wide; 231,706 parameters",
    model: { input: "probabilities", convFilters: [16, 32, 64], pictureWarp: 1, hiddenUnits: 128 },
    loop: { epochs: 8, emaDecay: 0.999 },
  },
} as const;

/**
 * The transformer.
 *
 * @example
 * ```ts
 * import { Prng, startBackend, transformer } from "@strokewise/strokewise";
 * import { assert } from "@std/assert";
 *
 * await startBackend("cpu");
 * const characters = (length: number) => ({ dtype: "uint8", shape: [length], max: 12 }) as const;
 * const data = { fields: { query: characters(7), answer: characters(4) }, classes: ["plus", "minus"] };
 * const model = transformer.build({}, data, new Prng(1));
 * const sizes = Object.values(model.variables).map(({ size }) => size);
 * assert(sizes.reduce((sum, size) => sum + size) <= 250_000);
 * ```
 */
export const transformer: ModelSpec<typeof TRANSFORMER_OPTIONS> = defineModel({
  name: "transformer",
  url: import.meta.url,
  summary: "A small transformer of an encoder and a decoder: reads a query, text or pictures, and writes the answer.",
  best: { metric: "answers", better: "higher" },
  oneClass: true,
  dataset: "arithmetic",
  fields: [QUERY_FIELDS.text, ANSWER],
  fieldsOf: (options) => [...queryFields(options), ANSWER],
  loop: TRANSFORMER_LOOP,
  presets: TRANSFORMER_PRESETS,
  options: TRANSFORMER_OPTIONS,
  tiny: { width: 12, heads: 3, hiddenUnits: 16, encoderBlocks: 1, decoderBlocks: 1 },
  build: buildTransformer,
});

function buildTransformer(
  options: OptionValues<typeof TRANSFORMER_OPTIONS>,
  data: DataDescription,
  prng: Prng,
): Model {
  return { ...answeringModel(transformerAnswering(options, data, prng)), noNetworks: WHY_NO_NETWORK };
}

/**
 * The transformer as a part of a model that makes something else of the answers as well.
 *
 * @throws {RangeError} When the heads do not divide the width, or a field is no sequence.
 */
export function transformerAnswering(
  options: OptionValues<typeof TRANSFORMER_OPTIONS>,
  data: DataDescription,
  prng: Prng,
): Answering {
  const { width, heads, hiddenUnits: hidden, dropoutRate } = options;
  if (width % heads !== 0) throw new RangeError(`heads: ${heads} do not divide the width, ${width}`);
  const answers = charactersOf(data, ANSWER, options.reverseAnswer);
  const reader = queryReader(data, { ...options, reverseQuery: false }, prng);
  const size = { width, heads, hidden };
  const blocks = (part: string, count: number, how: { readonly causal: boolean; readonly looks: boolean }) =>
    Array.from({ length: count }, (_, i) => block(`${part}${i + 1}`, { ...size, ...how }, prng));
  const encoder = {
    embedding: linear("query/embedding", { inputs: reader.width, outputs: width }, prng),
    positions: positionsLayer("query", { length: reader.length, width }, prng),
    blocks: blocks("encoder", options.encoderBlocks, { causal: false, looks: false }),
    norm: layerNormLayer("encoder/norm", width),
  };
  const decoder = {
    embedding: linear("answer/embedding", { inputs: answers.alphabetSize, outputs: width }, prng),
    positions: positionsLayer("answer", { length: answers.length, width }, prng),
    blocks: blocks("decoder", options.decoderBlocks, { causal: true, looks: true }),
    norm: layerNormLayer("decoder/norm", width),
  };
  const output = linear("output", { inputs: width, outputs: answers.alphabetSize }, prng);
  const parts = [
    reader,
    ...[encoder, decoder].flatMap(({ embedding, positions, blocks, norm }) => [embedding, positions, ...blocks, norm]),
    output,
  ];

  /** What blocks are told of a batch: dropout by steps and examples. */
  function passOf(pass: Pass, batch: number): BlockPass {
    return { batch, drop: (x) => dropSteps(x, dropoutRate, { ...pass, batch }) };
  }

  /** What the encoder says of each query, float32 [Q B, D]. */
  function read(batch: Batch, pass: Pass, copies: number): Remembered {
    const told = passOf(pass, batch.size);
    const { steps, ...reading } = reader.read(batch, pass);
    const rows = tf.reshape(steps, [-1, reader.width]) as tf.Tensor2D; // [QB, F]
    let x = told.drop(encoder.positions.apply(encoder.embedding.apply(rows))); // [QB, D]
    for (const block of encoder.blocks) x = block.apply(x, told);
    const read = encoder.norm.apply(x);
    return { memory: copied([read], copies), ...reading };
  }

  function foretell([memory]: Memory, former: Int32Array, pass: Pass): tf.Tensor2D {
    const { length, alphabetSize } = answers;
    const told = passOf(pass, former.length / length);
    const characters = tf.tensor2d(oneHotRows(former, alphabetSize), [former.length, alphabetSize]); // [TB, V]
    let x = told.drop(decoder.positions.apply(decoder.embedding.apply(characters))); // [TB, D]
    for (const block of decoder.blocks) x = block.apply(x, told, block.attend!(memory as tf.Tensor2D));
    return output.apply(decoder.norm.apply(x)); // [TB, V]
  }

  return {
    variables: Object.assign({}, ...parts.map(({ variables }) => variables)),
    reads: QUERY_FIELDS[options.input],
    costOfReading: reader.cost,
    taughtByCost: reader.taughtByCost,
    answers,
    feedsBack: true,
    read,
    foretell,
  };
}
