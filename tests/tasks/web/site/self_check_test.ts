/** How the numbers of a check are compared, and that they are what they are said to be. */
import { assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { InputError } from "../../../../pipelines/base/errors.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { strokeBatch } from "../../../../pipelines/batches/stroke_batch.ts";
import { toStroke3 } from "../../../../pipelines/strokes/stroke.ts";
import { drawingClassifier } from "../../../../models/zoo/drawing_classifier.ts";
import { partsOf } from "../../../../tasks/web/engine/built_run.ts";
import { compareNumbers, makeSelfCheck, selfCheckNumbers } from "../../../../tasks/web/site/self_check.ts";
import { may } from "../../../helpers.ts";
import { COLOURS, DRAWINGS, HOUSE, type Made, makeBuilt, PICTURES } from "../engine/site_runs.ts";

Deno.test("numbers are compared one by one, and others are infinitely far", () => {
  assertEquals(compareNumbers([0.5, 0.25], [0.5, 0.25]), { passed: true, worst: 0 });
  const near = compareNumbers([0.5, 0.25], [0.5, 0.25009]);
  assertEquals(near.passed, true);
  assertAlmostEquals(near.worst, 9e-5, 1e-12);
  assertEquals(compareNumbers([0.5, 0.2502], [0.5, 0.25]).passed, false);
  for (
    const [found, stored] of [[[], []], [[1], [1, 2]], [[1, 2], [1]], [[NaN], [1]], [[1], [NaN]], [[Infinity], [1]]]
  ) {
    assertEquals(compareNumbers(found, stored), { passed: false, worst: Infinity });
  }
});

Deno.test({
  name: "a check survives JSON, and leaves nothing in memory",
  ignore: !may("read"),
  fn: async () => {
    const runs: Made[] = [
      ...[{ model: "cnn-lstm" }, { model: "sketch-rnn" }, { model: "draw", data: PICTURES }],
      { model: "draw", data: COLOURS },
    ];
    for (const made of runs) {
      const built = await makeBuilt(made);
      const before = tf.memory().numTensors;
      const typed = HOUSE.map(([xs, ys]) => [Uint8Array.from(xs), Uint8Array.from(ys)] as const);
      const check = await makeSelfCheck(built, typed, 3);
      assertEquals(tf.memory().numTensors, before);
      assertEquals(JSON.parse(JSON.stringify(check)), check);
      assertEquals(check.drawing, HOUSE);
      assertEquals(check.numbers.every((number) => Number.isFinite(number) && Math.abs(number) < 100), true);
      const again = await selfCheckNumbers(partsOf(built), JSON.parse(JSON.stringify(check)));
      assertEquals(compareNumbers(again, check.numbers), { passed: true, worst: 0 });
      const other = await selfCheckNumbers(partsOf(built), { drawing: HOUSE.slice(1), seed: 4 });
      assertEquals(compareNumbers(other, check.numbers).passed, false);
      built.model.dispose();
    }
  },
});

Deno.test({
  name: "a classifier's numbers are its probabilities, a drawer's its nats",
  ignore: !may("read"),
  fn: async () => {
    const { model, spec } = await makeBuilt({ model: "cnn-lstm" });
    const { numbers } = await makeSelfCheck(await makeBuilt({ model: "cnn-lstm" }), HOUSE, 3);
    using classifier = drawingClassifier(model, { fields: spec.fields, data: DRAWINGS });
    for (const { name, probability } of await classifier.classify(HOUSE)) {
      assertEquals(numbers[DRAWINGS.classes.indexOf(name)], probability);
    }
    const drawer = await makeBuilt({ model: "sketch-rnn", options: { maxLength: 30 } });
    const found = (await makeSelfCheck(drawer, HOUSE, 3)).numbers;
    const rows = toStroke3(HOUSE);
    const score = drawer.model.strokes!.score(strokeBatch([{ rows }]), new Prng(3));
    const nats = [score.offsets, score.pen].map((values) => values.dataSync()[0] / (rows.length / 3));
    assertEquals(found.slice(0, 3), [...nats, score.kl.dataSync()[0] / 4]);
    tf.dispose(score);
    drawer.model.dispose();
  },
});

Deno.test({
  name: "what has nothing to do on a page is refused",
  ignore: !may("read"),
  fn: async () => {
    const large = { ...PICTURES, fields: { ...PICTURES.fields, image: { dtype: "uint8", shape: [32, 32] } } } as const;
    const built = await makeBuilt({ model: "cnn", data: large });
    await assertRejects(() => makeSelfCheck(built, HOUSE, 1), InputError, "the model reads pictures of 32 x 32");
    const { classify: _, frames: __, classifyPrefixes: ___, ...rest } = built.model;
    assertThrows(() => partsOf({ ...built, model: rest }), InputError, "cnn neither names drawings nor draws");
    built.model.dispose();
    const coder = await makeBuilt({ model: "cae", data: COLOURS }); // a file without what its training pictures told
    assertThrows(() => partsOf(coder), InputError, "cae draws no samples without its training pictures");
    const codes = { values: new Float32Array(16), size: 8 };
    assertEquals(partsOf({ ...coder, codes }).images?.drawer.prior, "none");
    coder.model.dispose();
    // What draws as well draws on, and says that it names nothing.
    const both = await makeBuilt({
      model: "draw",
      data: large,
      options: { convolution: "supervised", readAttention: 0 },
    });
    const { naming, images, notes } = partsOf(both);
    assertEquals([naming, images !== undefined, notes.length], [undefined, true, 1]);
    both.model.dispose();
  },
});
