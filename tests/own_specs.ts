/**
 * Specs as users write them, of data that no built-in dataset has: pictures in colour and texts, and a model of either that
 * has two objectives.
 */
import * as tf from "@tensorflow/tfjs-core";
import { linear } from "../models/layers/linear.ts";
import { accuracy, nll } from "../models/losses.ts";
import { defineModel } from "../models/model_spec.ts";
import { elementCount, type Fields, type NdArray } from "../pipelines/base/arrays.ts";
import { concatBytes } from "../pipelines/base/bytes.ts";
import { fieldOf } from "../pipelines/batches/batch_fields.ts";
import type { Batch, Dataset, LabelledRow, PictureField } from "../pipelines/dataset.ts";

const NO_OPTIONS = {} as const;

/** A dataset of one field, made from lines of a class and a number. */
function linesOf(name: string, { fields, picture }: { fields: Fields; picture?: PictureField }) {
  const [[field, { shape }]] = Object.entries(fields);
  const length = elementCount(shape);
  return {
    ...{ name, url: import.meta.url, summary: name, licence: "public domain", unit: name, extensions: [".txt"] },
    ...(picture ? { picture } : {}),
    options: NO_OPTIONS,
    fields: () => fields,
    async *chunks(sources) {
      for (const source of sources) {
        const content = new TextDecoder().decode(concatBytes(await Array.fromAsync(source)));
        yield { file: source.path, isFirst: true, content, buffers: [] };
      }
    },
    parse(content, _options, sink) {
      for (const line of String(content).trimEnd().split("\n")) {
        sink.lines++;
        const [className, number] = line.split(" ");
        sink.rows.add({ key: BigInt(number), className, payload: Uint8Array.of(Number(number)) });
      }
    },
    pack(rows: readonly LabelledRow[]): Record<string, NdArray> {
      const data = new Uint8Array(rows.length * length);
      rows.forEach(({ payload, label }, i) => {
        for (let j = label; j < length; j += 3) data[i * length + j] = 60 + (payload[0] * (j + 5)) % 100;
      });
      return {
        [field]: { dtype: "uint8", shape: [rows.length, ...shape], data },
        label: { dtype: "uint8", shape: [rows.length], data: Uint8Array.from(rows, ({ label }) => label) },
      };
    },
  } satisfies Dataset<typeof NO_OPTIONS>;
}

const LABEL = { dtype: "uint8", shape: [] } as const;

/** Pictures in red, green or blue, [6, 6, 3]. */
export const colours: Dataset<typeof NO_OPTIONS> = linesOf("colours", {
  fields: { image: { dtype: "uint8", shape: [6, 6, 3] }, label: LABEL },
  picture: { field: "image", grey: false },
});

/** Texts of seven characters. */
export const texts: Dataset<typeof NO_OPTIONS> = linesOf("texts", {
  fields: { text: { dtype: "uint8", shape: [7] }, label: LABEL },
});

/** Classifies an example by any field of one length; a second objective guesses noise from what the first has learnt. */
function twoHeads(name: string, field: string) {
  return defineModel({
    ...{ name, url: import.meta.url, summary: name, fields: [field, "label"] },
    best: { metric: "guess.error", better: "lower" },
    options: { units: { value: 8, help: "hidden units, 1 or more", min: 1, whole: true } },
    tiny: { units: 4 },
    build({ units }, data, prng) {
      const inputs = elementCount(data.fields[field].shape);
      const hidden = linear("hidden", { inputs, outputs: units }, prng);
      const classes = linear("classes", { inputs: units, outputs: data.classes.length }, prng);
      const guess = linear("guess", { inputs: units, outputs: 1 }, prng);
      const variables = { ...hidden.variables, ...classes.variables, ...guess.variables };
      const codeOf = (batch: Batch) => {
        const values = Float32Array.from(fieldOf(batch, field), (value) => value / 255);
        return tf.relu(hidden.apply(tf.tensor2d(values, [batch.size, inputs]))); // [B, units]
      };
      const classify = (batch: Batch): tf.Tensor2D => tf.tidy(() => tf.logSoftmax(classes.apply(codeOf(batch))));
      return {
        variables,
        classify,
        objectives: [{
          name: "nll",
          trains: Object.keys({ ...hidden.variables, ...classes.variables }),
          loss(batch) {
            const labels = tf.tensor1d(Int32Array.from(fieldOf(batch, "label")), "int32"); // [B]
            const logProbs = classify(batch); // [B, classes]
            return { loss: nll(logProbs, labels), metrics: { accuracy: accuracy(logProbs, labels) } };
          },
        }, {
          name: "guess",
          trains: Object.keys(guess.variables),
          loss(batch, { prng }) {
            const noise = prng.uniform();
            const error: tf.Scalar = tf.mean(tf.abs(tf.sub(guess.apply(codeOf(batch)), noise)));
            return { loss: tf.square(error), metrics: { error } };
          },
        }],
        dispose: () => tf.dispose(variables),
      };
    },
  });
}

/** Reads {@linkcode colours}. */
export const colourHeads = twoHeads("colour-heads", "image");
/** Reads {@linkcode texts}. */
export const textHeads = twoHeads("text-heads", "text");
