/**
 * Sequence to sequence: one recurrent network reads a query, another one writes the answer (Sutskever, Vinyals and Le 2014,
 * arXiv:1409.3215; Cho et al. 2014, arXiv:1406.1078), as in the report "Introduction to Deep Learning Assignment 3"
 * (sections 1.2 and 1.3), which has it do sums.
 *
 * **Report.** An LSTM reads the query, one-hot characters or the pixels of pictures; its last state is what another LSTM
 * gets at each of its steps (Keras's RepeatVector); a softmax a step names the character. The presets are its two
 * networks, with as many parameters.
 *
 * **Differs from the report.** Weights begin as PyTorch's, the forget gate 1 further open. What stays the same at every step
 * is multiplied by its weights once. The report gives no optimizer's settings.
 *
 * **Options beyond it.** With `attention` the decoder's state asks for a mean of the encoder's states, and both together
 * name the character (Luong, Pham and Manning 2015, arXiv:1508.04025, "general", without input feeding).
 *
 * B batch, Q steps of the query, T steps of the answer, H units, V characters of the alphabet.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Prng } from "../../../pipelines/base/prng.ts";
import type { Batch, DataDescription } from "../../../pipelines/dataset.ts";
import { keyLayer } from "../../layers/attention.ts";
import type { Variables } from "../../layers/layer.ts";
import { linear } from "../../layers/linear.ts";
import type { Model, Pass } from "../../model.ts";
import { defineModel, type ModelSpec } from "../../model_spec.ts";
import { ANSWER, answeringModel, copied, type Memory, type Remembered } from "../sequences/answer_writer.ts";
import { charactersOf, oneHotSteps } from "../sequences/characters.ts";
import { dropSteps } from "../sequences/drop_steps.ts";
import { QUERY_FIELDS, queryFields, queryReader } from "../sequences/query_reader.ts";
import { answerNetwork, whyNoNetwork } from "./answer_network.ts";
import { RECURRENT_CELLS } from "./recurrent_cells.ts";
import { SEQ2SEQ_OPTIONS, SEQ2SEQ_PRESETS, type Seq2seqOptions } from "./seq2seq_options.ts";

/**
 * The sequence-to-sequence model.
 *
 * @example The report's network for characters
 * ```ts
 * import { Prng, seq2seq, startBackend } from "@strokewise/strokewise";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const characters = (length: number) => ({ dtype: "uint8", shape: [length], max: 12 }) as const;
 * const data = { fields: { query: characters(7), answer: characters(4) }, classes: ["plus", "minus"] };
 * const model = seq2seq.build({}, data, new Prng(1));
 * const sizes = Object.values(model.variables).map(({ size }) => size);
 * assertEquals(sizes.reduce((sum, size) => sum + size), 475_277);
 * ```
 */
export const seq2seq: ModelSpec<typeof SEQ2SEQ_OPTIONS> = defineModel({
  name: "seq2seq",
  url: import.meta.url,
  summary: "Sequence to sequence: recurrent networks read a query, text or pictures, and write the answer.",
  best: { metric: "answers", better: "higher" },
  oneClass: true,
  dataset: "arithmetic",
  fields: [QUERY_FIELDS.text, ANSWER],
  fieldsOf: (options) => [...queryFields(options), ANSWER],
  presets: SEQ2SEQ_PRESETS,
  options: SEQ2SEQ_OPTIONS,
  tiny: { encoderUnits: [16], decoderUnits: [12], teacherForcing: true },
  build: buildSeq2seq,
});

function buildSeq2seq(options: Seq2seqOptions, data: DataDescription, prng: Prng): Model {
  const { bidirectional, attention, teacherForcing, dropoutRate } = options;
  for (const name of ["encoderUnits", "decoderUnits"] as const) {
    if (options[name].length === 0) throw new RangeError(`${name}: one layer at least`);
  }
  const answers = charactersOf(data, ANSWER, options.reverseAnswer);
  const makeCell = RECURRENT_CELLS[options.cell];
  const reader = queryReader(data, options, prng);
  const directions = bidirectional ? ["", "Back"] : [""];
  const encoder = options.encoderUnits.map((units, i) =>
    directions.map((direction) => {
      const inputs = i === 0 ? reader.width : directions.length * options.encoderUnits[i - 1];
      return makeCell(`encoder${i + 1}${direction}`, { inputs, context: 0, units }, prng);
    })
  );
  const encoded = directions.length * options.encoderUnits.at(-1)!; // E
  const decoder = options.decoderUnits.map((units, i) => {
    const inputs = i > 0 ? options.decoderUnits[i - 1] : teacherForcing ? answers.alphabetSize : 0;
    return makeCell(`decoder${i + 1}`, { inputs, context: i === 0 ? encoded : 0, units }, prng);
  });
  const decoded = options.decoderUnits.at(-1)!; // D
  const looking = attention
    ? {
      keys: keyLayer("attention/keys", { inputs: encoded, outputs: decoded }, prng),
      joined: linear("attention/joined", { inputs: encoded + decoded, outputs: decoded }, prng),
    }
    : undefined;
  const output = linear("output", { inputs: decoded, outputs: answers.alphabetSize }, prng);
  const parts = [reader, ...encoder.flat(), ...decoder, ...looking ? [looking.keys, looking.joined] : [], output];

  /** Drops units of [T, B, H] in training. */
  function drop(x: tf.Tensor3D, pass: Pass): tf.Tensor3D {
    const [steps, batch, units] = x.shape;
    const rows = dropSteps(tf.reshape(x, [steps * batch, units]), dropoutRate, { ...pass, batch }); // [TB, H]
    return tf.reshape(rows, [steps, batch, units]);
  }

  /** The last state and, with attention, all of them and their keys: [B, E], [B, Q, E], [B, Q, D]. */
  function read(batch: Batch, pass: Pass, copies: number): Remembered {
    const { steps: seen, ...reading } = reader.read(batch, pass);
    let x = seen; // [Q, B, F]
    const [steps] = x.shape;
    let last: tf.Tensor2D | undefined;
    for (const [i, layer] of encoder.entries()) {
      if (i > 0) x = drop(x, pass);
      const [ahead, back] = layer.map((cell, direction) => {
        const hidden = cell.run({ steps, x: direction === 0 ? x : tf.reverse(x, 0) }); // [Q, B, H]
        return { hidden, last: tf.squeeze(tf.slice(hidden, [steps - 1, 0, 0], [1, -1, -1]), [0]) }; // [B, H]
      });
      x = back ? tf.concat([ahead.hidden, tf.reverse(back.hidden, 0)], 2) : ahead.hidden; // [Q, B, E]
      last = (back ? tf.concat([ahead.last, back.last], 1) : ahead.last) as tf.Tensor2D; // [B, E]
    }
    const memory: tf.Tensor[] = [last!];
    if (looking) {
      const states = tf.transpose(drop(x, pass), [1, 0, 2]); // [B, Q, E]
      const keys = looking.keys.apply(tf.reshape(states, [-1, encoded])); // [BQ, D]
      memory.push(states, tf.reshape(keys, [batch.size, steps, decoded]));
    }
    return { memory: copied(memory, copies), ...reading };
  }

  function foretell([last, states, keys]: Memory, former: Int32Array, pass: Pass): tf.Tensor2D {
    const { length: steps } = answers;
    let x = teacherForcing ? oneHotSteps(former, answers) : undefined; // [T, B, V]
    for (const [i, cell] of decoder.entries()) {
      const context = i === 0 ? last as tf.Tensor2D : undefined;
      x = drop(cell.run({ steps, x, context }), pass); // [T, B, H]
    }
    const flat = tf.reshape(x!, [-1, decoded]) as tf.Tensor2D; // [TB, D]
    if (!looking) return output.apply(flat); // [TB, V]
    const asking = tf.transpose(x!, [1, 0, 2]); // [B, T, D]
    const weights = tf.softmax(tf.matMul(asking, keys, false, true)); // [B, T, Q]
    const seen = tf.transpose(tf.matMul(weights, states), [1, 0, 2]); // [T, B, E]
    const both = tf.concat([tf.reshape(seen, [-1, encoded]), flat], 1) as tf.Tensor2D; // [TB, E + D]
    return output.apply(tf.tanh(looking.joined.apply(both))); // [TB, V]
  }

  const variables: Variables = Object.assign({}, ...parts.map(({ variables }) => variables));
  const noNetworks = whyNoNetwork(options);
  const network = () => answerNetwork({ options, variables, query: reader, answerLength: answers.length });
  const model = answeringModel({
    variables,
    reads: QUERY_FIELDS[options.input],
    costOfReading: reader.cost,
    answers,
    feedsBack: teacherForcing,
    read,
    foretell,
  });
  return { ...model, ...noNetworks === undefined ? { networks: { answerer: network } } : { noNetworks } };
}
