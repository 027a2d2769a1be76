// Drawings by the decoder: seeds, beginnings, classes, ends, and what is refused.
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import type { Model } from "../../../../models/model.ts";
import type { StrokeRequest } from "../../../../models/stroke_drawer.ts";
import { sketchRnn } from "../../../../models/zoo/sketch_rnn/sketch_rnn.ts";
import type { SketchRnnOptions } from "../../../../models/zoo/sketch_rnn/sketch_rnn_options.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { describeDrawings } from "../../../../tasks/bench/random_drawings.ts";
import { CAN } from "../../backends.ts";

const DATA = describeDrawings({ side: 16, frames: 4, classes: 3 });

function modelOf(options: Partial<SketchRnnOptions> = {}): Model {
  return sketchRnn.build({ ...sketchRnn.tiny, ...options }, DATA, new Prng(1));
}

async function using(options: Partial<SketchRnnOptions>, test: (model: Model) => Promise<void>): Promise<void> {
  await startBackend("cpu");
  const before = tf.memory().numTensors;
  const model = modelOf(options);
  await test(model);
  model.dispose();
  assertEquals(tf.memory().numTensors, before);
}

/** Has a model give the pen's states these logits, whatever else it sees. */
function say({ variables }: Model, logits: number[]): void {
  const bias = variables["output/bias"];
  const values = bias.dataSync().slice();
  values.set(logits);
  tf.tidy(() => bias.assign(tf.tensor(values)));
}

const rowsOf = async ({ strokes }: Model, request: Partial<StrokeRequest> & { readonly count: number }) =>
  (await strokes!.draw({ prng: new Prng(4), ...request })).map(({ rows }) => [...rows]);

for (const options of [{}, { conditional: false }]) {
  const kind = "conditional" in options ? "unconditional" : "conditional";
  Deno.test({
    name: `${kind}: a model draws the same by the same seed, each drawing on its own, and leaves no tensor`,
    ignore: !CAN.cpu,
    fn: () =>
      using(options, async (model) => {
        const five = await rowsOf(model, { count: 5 });
        const two = await rowsOf(model, { count: 2 });
        // A product of five rows is rounded otherwise than one of two.
        two.forEach((rows, n) => {
          assertEquals(rows.length, five[n].length);
          rows.forEach((value, i) => assertAlmostEquals(value, five[n][i], 1e-2));
        });
        assertEquals(await rowsOf(model, { count: 5 }), five);
        assertNotEquals(await rowsOf(model, { count: 5, prng: new Prng(5) }), five);
        for (const rows of five) {
          assertEquals(rows.slice(0, 2), [0, 0]);
          assertEquals(rows.at(-1), 1);
          assert(rows.length <= 3 * (model.strokes!.maxLength + 1));
        }
      }),
  });
}

Deno.test({
  name: "a beginning stays as it was given, and the model goes on from it",
  ignore: !CAN.cpu,
  fn: () =>
    using({ conditional: false }, async (model) => {
      const given = [40, 50, 0, 7, -3, 0, 2, 9, 1, 30, 0, 0];
      const prefixes = [given, [], given];
      const drawn = await rowsOf(model, { count: 3, prefixes });
      for (const rows of [drawn[0], drawn[2]]) assertEquals(rows.slice(0, 11), given.slice(0, 11));
      assertNotEquals(drawn[0].slice(12), drawn[2].slice(12));
      assertEquals(drawn[1].slice(0, 2), [0, 0]);
      const cut = await model.strokes!.draw({ count: 1, prng: new Prng(4), prefixes: [given], maxPoints: 3 });
      assertEquals(cut, [{ rows: Float32Array.from(given.slice(0, 9)), ended: false }]);
    }),
});

Deno.test({
  name: "a beginning changes what comes next as it does in scoring: the state is that of reading it",
  ignore: !CAN.cpu,
  fn: () =>
    using({ conditional: false, numMixtures: 1 }, async (model) => {
      // At temperature near 0 the next point is the density's mean; the mean minimizes the score of that point.
      const given = [0, 0, 0, 30, -10, 0, 5, 25, 1];
      const [{ rows }] = await model.strokes!.draw({
        ...{ count: 1, prng: new Prng(4), prefixes: [given], temperature: 1e-10, maxPoints: 4 },
      });
      if (rows.length < 12) throw new Error("it ended: choose another seed");
      const scoreOf = (dx: number, dy: number) => {
        const stroke3 = Float32Array.from([...given, dx, dy, 1]);
        const batch = { size: 1, fields: { stroke3, stroke3_offsets: Int32Array.of(0, 4) } };
        return tf.tidy(() => model.strokes!.score(batch, new Prng(1)).offsets.dataSync()[0]);
      };
      const best = scoreOf(rows[9], rows[10]);
      for (const [x, y] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) assert(scoreOf(rows[9] + x, rows[10] + y) > best);
    }),
});

Deno.test({
  name: "an output that says the end, or never does, is heard",
  ignore: !CAN.cpu,
  fn: () =>
    using({ conditional: false, maxLength: 8 }, async (model) => {
      say(model, [0, 0, 60]);
      assertEquals(
        await model.strokes!.draw({ count: 2, prng: new Prng(1) }),
        Array(2).fill({
          ...{ rows: Float32Array.of(0, 0, 1), ended: true },
        }),
      );
      say(model, [60, 0, 0]);
      const [{ rows, ended }] = await model.strokes!.draw({ count: 1, prng: new Prng(1) });
      assertEquals([rows.length, ended], [27, false]);
      assertEquals(rows.filter((_, i) => i % 3 === 2), Float32Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1));
    }),
});

Deno.test({
  name: "latents and classes decide what is drawn",
  ignore: !CAN.cpu,
  fn: () =>
    using({ classCondition: true }, async (model) => {
      say(model, [60, 0, 0]);
      // Larger weights, so that a model that has learnt nothing makes a difference of them.
      for (const name of ["initial/weights", "decoder/contextKernel"]) {
        const variable = model.variables[name];
        tf.tidy(() => variable.assign(tf.reshape(tf.sin(tf.range(0, variable.size)), variable.shape)));
      }
      const latents = tf.tensor2d([[1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 3, 0]]);
      const first = async (labels: number[]) =>
        (await rowsOf(model, { count: 3, latents, labels, temperature: 1e-14, maxPoints: 2 })).map((rows) => rows[3]);
      const [a, b, c] = await first([0, 0, 0]);
      assertAlmostEquals(a, b, 1e-4);
      assert(Math.abs(a - c) > 1e-2);
      const [d, e] = await first([0, 2, 0]);
      assertAlmostEquals(d, a, 1e-4);
      assert(Math.abs(e - a) > 1e-2);
      latents.dispose();
    }),
});

Deno.test({
  name: "what cannot be drawn is refused, and no tensor is left",
  ignore: !CAN.cpu,
  fn: async () => {
    const refused = async (options: Partial<SketchRnnOptions>, request: Partial<StrokeRequest>, message: string) => {
      await using(options, async (model) => {
        const draw = () => model.strokes!.draw({ count: 2, prng: new Prng(1), ...request });
        await assertRejects(draw, RangeError, message);
      });
    };
    await refused({}, { count: 0 }, "0 drawings");
    await refused({}, { temperature: 0 }, "a temperature of 0");
    await refused({}, { temperature: NaN }, "a temperature of NaN");
    await refused({}, { maxPoints: 0 }, "0 points");
    await refused({}, { labels: [0, 0] }, "not told classes");
    await refused({}, { prefixes: [[]] }, "1 beginnings, expected 2");
    await refused({}, { prefixes: [[], [1, 2]] }, "2 numbers, which are not rows of 3");
    await refused({ classCondition: true }, {}, "the classes of 0 drawings, expected 2");
    await refused({ classCondition: true }, { labels: [0, 3] }, "class 3, expected 0 to 2");
    const latents = tf.zeros<tf.Rank.R2>([2, 3]);
    await refused({}, { latents }, "latents [2, 3], expected [2, 4]");
    await refused({ conditional: false }, { latents }, "the model takes no latents");
    latents.dispose();
  },
});
