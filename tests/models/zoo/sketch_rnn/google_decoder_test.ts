// Google's decoders: gates, forget bias and the fixed-point numbers, against numpy; and against Google's own files.
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import type { Model } from "../../../../models/model.ts";
import { lstmOfInputs } from "../../../../models/ops/lstm.ts";
import { decodeGoogleDecoder, encodeGoogleDecoder } from "../../../../models/zoo/sketch_rnn/google_decoder.ts";
import { sketchRnn } from "../../../../models/zoo/sketch_rnn/sketch_rnn.ts";
import { buildTrained } from "../../../../models/zoo/trained_model.ts";
import { InputError } from "../../../../pipelines/base/errors.ts";
import { decodeSketchRnnJs, encodeSketchRnnJs, isSketchRnnJs } from "../../../../pipelines/formats/sketchrnn_js.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import type { Batch } from "../../../../pipelines/dataset.ts";
import { may, REAL_DATA } from "../../../helpers.ts";

/** A decoder of 3 units and 2 mixtures whose int16 are round(6000 sin(1.7 k + i)), k in tensor i; its scale is 2.5. */
const TINY =
  '[{"mode":2,"version":6,"max_seq_len":6,"name":"cat","scale_factor":2.5},[[3,15],[15],[5,12],[3,12],[12]],["AAA+FwP6TeqVC7cSme+D8SMUTAl46YL8bxd0/TnpagicFEby7u4gEmYMruoY+RoX9ACn6BAFCxZC9brstQ86D17s1fVAFm8Em+iZAfwWe/j06vEMthF/7s3y","uRMECrLpu/tnFz3+DemtB/kU7PJm7p0REA0F61j4","UBWV8+PtFhG2DWLrm/fIFocCkeiDA4cWr/bg64EOYxBG7XD0tRX4BcHoBQA9F/75T+qZC7QSle+H8SYUSAl26Yf8bxdv/TrpbwiZFELy8e4jEmIMrOod+RsX7wCo6BUFCRY99b3suQ82D1vs2vVCFmkEm+ieAfoW","TwOQ6LsCuxZp93vr4A3xEMLtwvNmFboG3+g8/1QXwfoG6ugKKxMn8OvwvBP/CbHpwPtoFzj+DumyB/YU5/Jq7qERCw0D6134","Q+4Y8xAVewcC6XL+ZBeH+8PpNAqcE77w"]]';

/** The drawing of `expected.json`, offsets in the model's units. */
const OFFSETS = [[1, 0, 0], [-0.5, 0.8, 0], [-0.5, -0.8, 1], [0.3, 0.3, 0], [0.4, 0, 1]];

function batchOf(scale: number): Batch {
  const rows = [[7, 9, 0], ...OFFSETS.map(([dx, dy, lifted]) => [dx * scale, dy * scale, lifted])];
  const fields = {
    stroke3: Float32Array.from(rows.flat()),
    stroke3_offsets: Int32Array.of(0, 6),
    label: Uint8Array.of(0),
  };
  return { size: 1, fields };
}

/** What a drawing costs, offsets, pen and end. */
function natsOf({ strokes }: Model, batch: Batch): number {
  return tf.tidy(() => {
    const { offsets, pen } = strokes!.score(batch, new Prng(1));
    return tf.add(offsets, pen).dataSync()[0];
  });
}

/** What the decoder says behind each row of the drawing, [T, 3 + 6M]; by the model's variables, in the project's LSTM. */
function outputsOf({ variables }: Model): number[][] {
  return tf.tidy(() => {
    const rows = [[0, 0, 1, 0, 0], ...OFFSETS.map(([dx, dy, lifted]) => [dx, dy, 1 - lifted, lifted, 0])];
    const hidden = lstmOfInputs(tf.tensor3d(rows.map((row) => [row])), {
      kernel: variables["decoder/kernel"] as tf.Variable<tf.Rank.R2>,
      recurrentKernel: variables["decoder/recurrentKernel"] as tf.Variable<tf.Rank.R2>,
      bias: variables["decoder/bias"] as tf.Variable<tf.Rank.R1>,
    }); // [T, 1, D]
    const outputs = tf.add(tf.matMul(tf.squeeze(hidden, [1]), variables["output/weights"]), variables["output/bias"]);
    return outputs.arraySync() as number[][];
  });
}

Deno.test({
  name: "a decoder of Google's gives numpy's outputs and likelihood",
  ignore: !may("read"),
  fn: async () => {
    await startBackend("cpu");
    const model = buildTrained(sketchRnn, decodeGoogleDecoder(TINY, "tiny.json"), "tiny.json");
    // numpy, float64: gates i, j, f, o with 1 added to f; the first and the last of the six outputs.
    const [first, , , , , last] = outputsOf(model);
    const expected = [
      [1.353842, 0.217973, -1.41006, 0.145208, 1.37244, -0.498895, -1.243947, 0.819527, 1.032832, -1.085504],
      [2.160508, 0.95634, -2.407137, -0.336182, 2.493412, -0.306438, -2.414638, 0.928785, 2.175455, -1.48913],
    ];
    expected[0].forEach((value, i) => assertAlmostEquals(first[i], value, 2e-6));
    expected[1].forEach((value, i) => assertAlmostEquals(last[i], value, 2e-6));
    assertAlmostEquals(natsOf(model, batchOf(2.5)), 83.78962078064353, 1e-4);
    model.dispose();
  },
});

Deno.test("a decoder that is read and written is the same file", () => {
  const { text, cut } = encodeGoogleDecoder(decodeGoogleDecoder(TINY, "tiny.json"));
  assertEquals(text, TINY);
  assertEquals(cut, 0);
  assert(isSketchRnnJs(TINY) && !isSketchRnnJs("[[[0,255],[9,7]]]"));
});

Deno.test("weights beyond 10 are cut, and counted", () => {
  const checkpoint = decodeGoogleDecoder(TINY, "tiny.json");
  checkpoint.tensors["model/output/bias"].data[4] = -12;
  const { text, cut } = encodeGoogleDecoder(checkpoint);
  assertEquals(cut, 1);
  assertAlmostEquals(decodeGoogleDecoder(text, "cut.json").tensors["model/output/bias"].data[4], -10, 1e-6);
});

Deno.test("weights that are no numbers are not written: NaN became 0, and was counted as cut", () => {
  for (const bad of [NaN, -Infinity]) {
    const checkpoint = decodeGoogleDecoder(TINY, "tiny.json");
    checkpoint.tensors["model/output/bias"].data[4] = bad;
    const words = `no decoder for sketch-rnn-js can be written: model/output/bias holds ${bad}`;
    assertThrows(() => encodeGoogleDecoder(checkpoint), InputError, words);
  }
  const file = decodeSketchRnnJs(TINY);
  file.tensors.bias.data[3] = NaN;
  const words = "cannot write bias for sketch-rnn-js: it holds NaN";
  assertThrows(() => encodeSketchRnnJs(file), RangeError, words);
});

Deno.test("what is no decoder of Google's is refused in one line", () => {
  const [info, shapes, weights] = JSON.parse(TINY);
  const cases: [string, string][] = [
    ["{", "a.json: not JSON"],
    ["7", "a.json: mode is undefined"],
    [JSON.stringify([{ ...info, mode: 0 }, shapes, weights]), "mode 0, a model with an encoder"],
    [JSON.stringify([{ ...info, max_seq_len: 0 }, shapes, weights]), "max_seq_len is 0"],
    [JSON.stringify([{ ...info, scale_factor: "x" }, shapes, weights]), 'scale_factor is "x"'],
    [TINY.replace('"scale_factor":2.5', '"scale_factor":1e999'), "scale_factor is Infinity"],
    [JSON.stringify([info, shapes, weights.slice(0, 4)]), "bias is missing"],
    [JSON.stringify([info, [...shapes, [1]], [...weights, "AAA="]]), "a.json: 6 tensors, expected 5"],
    [JSON.stringify([info, shapes, [...weights, "AAA="]]), "a.json: 6 tensors, expected 5"],
    [JSON.stringify([{ ...info, mode: 0 }, [[1]], ["AAA=", "AAA="]]), "a.json: 2 tensors, expected 1"],
    [JSON.stringify([info, shapes, ["?", ...weights.slice(1)]]), "output_w is not base64"],
    [JSON.stringify([info, shapes, ["AAA=", ...weights.slice(1)]]), "output_w has 2 bytes, expected 90"],
    [JSON.stringify([info, [shapes[0], [15], [3, 20], ...shapes.slice(3)], weights]), "W_xh is [3,20]"],
  ];
  for (const [text, message] of cases) {
    assertThrows(() => decodeGoogleDecoder(text, "a.json"), InputError, message);
  }
  const { tensors, state } = decodeGoogleDecoder(TINY, "tiny.json");
  const withOptions = (more: object) => {
    const modelOptions = { ...state.settings.modelOptions, ...more };
    return { tensors, state: { ...state, settings: { ...state.settings, modelOptions } } };
  };
  assertThrows(() => encodeGoogleDecoder(withOptions({ conditional: true })), InputError, "the model is conditional");
  assertThrows(() => encodeGoogleDecoder(withOptions({ classCondition: true })), InputError, "told classes");
  assertThrows(
    () => encodeGoogleDecoder(withOptions({ decoderCell: "hyper-lstm" })),
    InputError,
    "its cell is hyper-lstm",
  );
});

interface Expected {
  readonly y0_first_12: number[];
  readonly y5_first_12: number[];
  readonly y_abs_sum: number[];
  readonly L_s: number[];
  readonly L_p: number[];
}

Deno.test({
  name: "Google's own decoders give what numpy found with them",
  ignore: REAL_DATA === undefined,
  fn: async () => {
    await startBackend("wasm");
    const folder = `${REAL_DATA}more/sketchrnn-models`;
    const { models } = JSON.parse(await Deno.readTextFile(`${folder}/expected.json`));
    let seen = 0;
    for (const [name, expected] of Object.entries<Expected>(models)) {
      const path = `${folder}/${name}.gen.json`;
      const text = await Deno.readTextFile(path).catch(() => undefined);
      if (text === undefined) continue; // expected.json knows one more
      seen++;
      const checkpoint = decodeGoogleDecoder(text, path);
      const model = buildTrained(sketchRnn, checkpoint, path);
      const outputs = outputsOf(model);
      expected.y0_first_12.forEach((value, i) => assertAlmostEquals(outputs[0][i], value, 1e-4));
      expected.y5_first_12.forEach((value, i) => assertAlmostEquals(outputs[5][i], value, 1e-4));
      outputs.forEach((row, t) => {
        assertAlmostEquals(row.reduce((sum, value) => sum + Math.abs(value), 0), expected.y_abs_sum[t], 1e-3); // 123 values
      });
      // Their L_s is -ln(p + 1e-6): p alone is what counts here.
      const offsets = expected.L_s.slice(0, 5).reduce((sum, nats) => sum - Math.log(Math.exp(-nats) - 1e-6), 0);
      const nats = offsets + expected.L_p.reduce((sum, value) => sum + value, 0);
      const scale = checkpoint.state.data.statistics!.offsetDeviation;
      const found = natsOf(model, batchOf(scale));
      assertAlmostEquals(found, nats, 6e-4); // eleven parts, each to 5 digits behind the point and 1e-4 of its own
      assertEquals(JSON.parse(encodeGoogleDecoder(checkpoint).text)[2], JSON.parse(text)[2]);
      model.dispose();
    }
    assert(seen >= 3);
  },
});
