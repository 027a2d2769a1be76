/**
 * Answers queries in pictures: a part that writes the answer, then one that draws each of its characters, after section 1.4
 * of the report "Introduction to Deep Learning Assignment 3". With input `cnn` it reads pictures as well: image to image.
 *
 * **Report.** Its text-to-text network writes the answer; a GAN with a loss by structural similarity, trained on MNIST,
 * draws it. The two were trained apart, and not tried in tandem.
 *
 * **Differs from the report.** A small transformer writes. What draws is a conditional variational autoencoder: a latent
 * says how a character is written, so that it need not draw the mean of all, which no one likeness to random pictures
 * avoids. Both are trained at once, by an objective each, or the first is kept as another run has it.
 *
 * B batch, T characters of an answer, V characters of the alphabet, S pixels a side, Z size of a latent.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { OptionValues } from "../../../pipelines/base/option_table.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { fieldOf } from "../../../pipelines/batches/batch_fields.ts";
import type { Batch, DataDescription } from "../../../pipelines/dataset.ts";
import type { DrawGlyphsOptions, DrawnGlyphs } from "../../glyph_writer.ts";
import type { Model, Objective, Pass } from "../../model.ts";
import { defineModel, type ModelSpec } from "../../model_spec.ts";
import { randomNormal } from "../../ops/random.ts";
import { ANSWER, answeringModel } from "../sequences/answer_writer.ts";
import { bySteps, formerOf, oneHotRows } from "../sequences/characters.ts";
import { picturesOf } from "../sequences/digit_images.ts";
import { QUERY_FIELDS, queryFields } from "../sequences/query_reader.ts";
import { TRANSFORMER_LOOP, transformerAnswering, WHY_NO_NETWORK } from "../transformer/transformer.ts";
import { glyphGenerator } from "./glyph_generator.ts";
import { TEXT_TO_IMAGE_OPTIONS, writingRemarks } from "./text_to_image_options.ts";

const ANSWER_IMAGE = "answer_image";

/**
 * Answers in pictures.
 *
 * @example
 * ```ts
 * import { Prng, startBackend, textToImage } from "@strokewise/strokewise";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const characters = (length: number) => ({ dtype: "uint8", shape: [length], max: 12 }) as const;
 * const fields = {
 *   ...{ query: characters(7), answer: characters(4) },
 *   answer_image: { dtype: "uint8", shape: [4, 28, 28] },
 * } as const;
 * const model = textToImage.build(textToImage.tiny, { fields, classes: ["plus"] }, new Prng(1));
 * assertEquals(model.objectives.map(({ name }) => name), ["pictures", "text"]);
 * const query = Uint8Array.of(1, 5, 1, 10, 12, 2, 1);
 * const { pictures } = await model.glyphs!.draw({ size: 1, fields: { query } }, { seed: 1 });
 * assertEquals(pictures.length, 4 * 28 * 28);
 * ```
 */
export const textToImage: ModelSpec<typeof TEXT_TO_IMAGE_OPTIONS> = defineModel({
  name: "text-to-image",
  url: import.meta.url,
  summary: "Reads a query, text or pictures, writes the answer with a transformer, and draws each of its characters.",
  best: { metric: "loss", better: "lower", measuredBy: ["likelihood", "ssimWeight", "klWeight", "condition"] },
  oneClass: true,
  dataset: "arithmetic",
  fields: [QUERY_FIELDS.text, ANSWER, ANSWER_IMAGE],
  fieldsOf: (options) => [...queryFields(options), ANSWER, ANSWER_IMAGE],
  remarks: writingRemarks,
  loop: TRANSFORMER_LOOP,
  options: TEXT_TO_IMAGE_OPTIONS,
  tiny: {
    ...{ width: 12, heads: 3, hiddenUnits: 16, encoderBlocks: 1, decoderBlocks: 1 },
    ...{ latentSize: 2, glyphUnits: 24 },
  },
  build: buildTextToImage,
});

function buildTextToImage(
  options: OptionValues<typeof TEXT_TO_IMAGE_OPTIONS>,
  data: DataDescription,
  prng: Prng,
): Model {
  const { latentSize, condition, keepText } = options;
  const answering = transformerAnswering(options, data, prng);
  const { answers, read, foretell, reads } = answering;
  const { length, alphabetSize, reversed } = answers;
  const { side, length: count } = picturesOf(data, ANSWER_IMAGE, false);
  if (count !== length) {
    throw new RangeError(
      `field ${ANSWER_IMAGE} has ${count} pictures an example, expected one for each of ${length} characters`,
    );
  }
  const generator = glyphGenerator({ side, alphabetSize, latentSize, units: options.glyphUnits }, prng);
  const writer = answeringModel(answering);
  const variables = { ...answering.variables, ...generator.variables };

  /** The characters of places [B T], one-hot, float32 [B T, V]. */
  const oneHot = (characters: ArrayLike<number>) =>
    tf.tensor2d(oneHotRows(characters, alphabetSize), [characters.length, alphabetSize]);

  /** What the writing part makes of each place where those before it are right: probabilities, float32 [B T, V]. */
  function written(batch: Batch, pass: Pass): tf.Tensor2D {
    const former = formerOf(bySteps(fieldOf(batch, ANSWER), answers), answers);
    const logits = foretell(read(batch, pass, 1).memory, former, pass); // [T B, V], in the order of writing
    const steps = tf.reshape(tf.softmax(logits), [length, batch.size, alphabetSize]); // [T, B, V]
    const places = tf.transpose(reversed ? tf.reverse(steps, 0) : steps, [1, 0, 2]); // [B, T, V]
    return tf.reshape(places, [-1, alphabetSize]); // [B T, V]
  }

  /** Standard normal numbers for each picture, float32 [B T, Z]. */
  function noise(key: readonly [number, number], { size, first }: { readonly size: number; readonly first: number }) {
    const rows = Int32Array.from({ length: size * length }, (_, i) => first * length + i);
    return randomNormal(key, rows, latentSize);
  }

  const untaught = answering.taughtByCost ?? [];
  const all = Object.keys(variables).filter((name) => !untaught.includes(name));
  const pictures: Objective = {
    name: "pictures",
    trains: condition === "written" && !keepText ? all : Object.keys(generator.variables),
    loss(batch, pass) {
      const bytes = Float32Array.from(fieldOf(batch, ANSWER_IMAGE)); // [B, T, S, S]
      return generator.loss({
        pixels: tf.div(tf.tensor2d(bytes, [batch.size * length, side * side]), 255), // [B T, S S]
        characters: condition === "written" ? written(batch, pass) : oneHot(fieldOf(batch, ANSWER)),
        epsilon: noise(pass.prng.key(), { size: batch.size, first: pass.firstExample }),
      }, options);
    },
  };

  async function draw(
    batch: Batch,
    { seed, firstExample: first = 0, temperature = 1, ...how }: DrawGlyphsOptions,
  ): Promise<DrawnGlyphs> {
    const { characters } = await writer.sequences!.write(batch, how);
    const ink = tf.tidy(() => {
      const epsilon = tf.mul(noise(new Prng(seed).key(), { size: batch.size, first }), temperature) as tf.Tensor2D;
      return tf.sigmoid(generator.draw(oneHot(characters), epsilon)); // [B T, S S]
    });
    const values = await ink.data<"float32">();
    ink.dispose();
    return { characters, pictures: Uint8Array.from(values, (value) => Math.round(255 * value)) };
  }

  return {
    variables,
    objectives: [pictures, ...keepText ? [] : writer.objectives.map((text) => ({ ...text, name: "text" }))],
    ...(writer.sequences ? { sequences: writer.sequences } : {}),
    glyphs: { reads, answer: ANSWER, field: ANSWER_IMAGE, length, side, draw },
    noNetworks: WHY_NO_NETWORK,
    dispose: () => tf.dispose(variables),
  };
}
