/** Sequence to sequence as ONNX: what the graph says of answers costs what the model says that they cost. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { startBackend } from "../../../../models/backends/backend.ts";
import { MODELS } from "../../../../models/zoo/registry.ts";
import type { OptionValue } from "../../../../pipelines/base/option_table.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { encodeOnnx } from "../../../../tasks/export/onnx/write_onnx.ts";
import { FAST } from "../../../helpers.ts";
import { HAS_RUNTIME, onnxSession } from "./onnx_runtime.ts";

/** Characters of a query and of an answer, of the alphabet, pixels a side. */
const [QUERY, ANSWER, ALPHABET, SIDE] = [5, 3, 7, 6];

const DATA = {
  fields: {
    query: { dtype: "uint8", shape: [QUERY], max: ALPHABET - 1 },
    answer: { dtype: "uint8", shape: [ANSWER], max: ALPHABET - 1 },
    query_glyph: { dtype: "uint32", shape: [QUERY] },
    query_image: { dtype: "uint8", shape: [QUERY, SIDE, SIDE], bank: { name: "glyph", by: "query_glyph" } },
  },
  classes: ["plus"],
} as const;

const PASS = { prng: new Prng(1), training: undefined, firstExample: 0 };

const CASES: readonly Readonly<Record<string, OptionValue>>[] = [
  {},
  { encoderUnits: [6, 5], decoderUnits: [4, 7], reverseQuery: true, reverseAnswer: true },
  { cell: "gru", bidirectional: true, encoderUnits: [6, 5] },
  { input: "pixels", encoderUnits: [6] },
  { input: "pixels", reverseQuery: true, bidirectional: true },
];

for (const options of CASES) {
  Deno.test({
    name: `onnx: seq2seq, ${JSON.stringify(options)}, answers as it does here`,
    ignore: FAST || !HAS_RUNTIME,
    async fn() {
      await startBackend("wasm");
      const prng = new Prng(3);
      const small = { encoderUnits: [6], decoderUnits: [5] };
      const model = MODELS.seq2seq.build({ ...small, ...options }, DATA, prng);
      for (const variable of Object.values(model.variables)) {
        const moved = Float32Array.from(await variable.data(), (value) => value + 0.4 * (prng.uniform() - 0.5));
        tf.tidy(() => variable.assign(tf.tensor(moved, variable.shape)));
      }
      const network = model.networks!.answerer();
      const session = await onnxSession(encodeOnnx(network, { name: "answerer", about: {} }));
      for (const size of [1, 4]) {
        const random = (length: number, below: number) =>
          Uint8Array.from({ length }, () => Math.floor(prng.uniform() * below));
        const query = random(size * QUERY, ALPHABET);
        const image = random(size * QUERY * SIDE * SIDE, 256);
        const oneHot = Float32Array.from({ length: size * QUERY * ALPHABET }, (_, i) => {
          return Number(query[Math.floor(i / ALPHABET)] === i % ALPHABET);
        });
        const given = options.input === "pixels" ? { query_image: image } : { query: oneHot };
        const { probabilities } = await session.run(network.inputs, given, size);
        assertEquals(probabilities.shape, [size, ANSWER, ALPHABET]);
        for (let time = 0; time < 5; time++) {
          const answer = random(size * ANSWER, ALPHABET);
          const fields = { query, query_image: image, answer, label: new Uint8Array(size) };
          const { loss, metrics } = model.objectives[0].loss({ size, fields }, PASS);
          const costs = Array.from(answer, (character, i) => {
            const [example, place] = [Math.floor(i / ANSWER), i % ANSWER];
            const written = options.reverseAnswer ? ANSWER - 1 - place : place;
            return -Math.log(probabilities.values[(example * ANSWER + written) * ALPHABET + character]);
          });
          const mean = costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
          assertAlmostEquals((await loss.data())[0], mean, 1e-5);
          tf.dispose([loss, metrics]);
        }
      }
      await session.release();
      model.dispose();
    },
  });
}

Deno.test({
  name: "models that are no one graph say why",
  ignore: !HAS_RUNTIME,
  async fn() {
    await startBackend("cpu");
    const cases: [name: string, options: Readonly<Record<string, OptionValue>>, why: string][] = [
      ["seq2seq", { teacherForcing: true }, "it is told its own characters as it writes"],
      ["seq2seq", { attention: true }, "it looks at all states of the encoder"],
      ["seq2seq", { cell: "layer-norm-lstm" }, "its cells normalize their gates"],
      ["seq2seq", { input: "cnn" }, "it reads pictures by a CNN"],
      ["transformer", {}, "its blocks look from each character at all others"],
    ];
    for (const [name, options, why] of cases) {
      const field = { dtype: "uint8", shape: [QUERY, 28, 28], bank: { name: "glyph", by: "query_glyph" } } as const;
      const data = { ...DATA, fields: { ...DATA.fields, query_image: field } };
      const model = MODELS[name].build(
        { ...MODELS[name].tiny, ...name === "seq2seq" ? { teacherForcing: false } : {}, ...options } as never,
        data,
        new Prng(1),
      );
      assertEquals(model.networks, undefined);
      assert(model.noNetworks?.startsWith(why), model.noNetworks);
      model.dispose();
    }
  },
});
