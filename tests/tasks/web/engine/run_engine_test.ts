/** An engine in this thread: it names as `loadClassifier` does, bit for bit, and tells by its check that it does. */
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { decodeCheckpoint, encodeCheckpoint } from "../../../../models/checkpoint.ts";
import { fieldsRead } from "../../../../models/model_spec.ts";
import { drawingClassifier } from "../../../../models/zoo/drawing_classifier.ts";
import type { TrainedData, TrainedState } from "../../../../models/zoo/trained_model.ts";
import { InputError } from "../../../../pipelines/base/errors.ts";
import { rasterize } from "../../../../pipelines/strokes/rasterize.ts";
import { renderBitmap } from "../../../../pipelines/render/render.ts";
import type { Drawing } from "../../../../pipelines/strokes/stroke.ts";
import type { Engine } from "../../../../tasks/web/engine/engine.ts";
import { openRunEngine } from "../../../../tasks/web/engine/run_engine.ts";
import { assertNear } from "../../../models/backends.ts";
import { may } from "../../../helpers.ts";
import { COLOURS, DRAWINGS, HOUSE, type Made, makeBuilt, makeSiteRun, PICTURES } from "./site_runs.ts";

const NO_WASM = !may("read");

async function open(made: Made): Promise<Engine> {
  const { run, bytes } = await makeSiteRun(made);
  return await openRunEngine({ name: run.name, bytes, check: run.check, notes: run.notes }, { backend: "wasm" });
}

/** More strokes than the model has frames. */
const SIX: Drawing = [...HOUSE, [[5, 5], [5, 90]], [[60, 90], [130, 130]], [[170, 200], [130, 160]]];

const merging: TrainedData = { ...DRAWINGS, options: { overflow: "merge" } };

for (
  const made of [
    { model: "cnn-lstm" },
    { model: "cnn" },
    { model: "cnn", data: merging },
    { model: "cnn", data: { ...PICTURES, dataset: "quickdraw-bitmap" } },
    { model: "mnist-lstm", data: { ...PICTURES, dataset: "mnist" } },
  ] satisfies Made[]
) {
  const { dataset, options } = made.data ?? DRAWINGS;
  Deno.test({
    name: `${made.model} of ${dataset}${options ? `, ${options.overflow}` : ""}: an engine names as a classifier does`,
    ignore: NO_WASM,
    fn: async () => {
      const { model, spec, state } = await makeBuilt(made);
      const fields = fieldsRead(spec, state.settings.modelOptions, state.data);
      using classifier = drawingClassifier(model, { fields, data: state.data });
      const expected = async (drawing: Drawing, strokes?: number) => {
        const guesses = await classifier.classify(drawing, strokes);
        return classifier.classes.map((name) => guesses.find((guess) => guess.name === name)!.probability);
      };
      using engine = await open(made);
      for (const drawing of [HOUSE, SIX, HOUSE.slice(0, 1)]) {
        const naming = await engine.name(drawing, false);
        assertEquals(naming.drawing, drawing);
        assertEquals(naming.rows, [await expected(drawing)]);
        const { rows, seen } = await engine.name(drawing, true);
        assertEquals(rows.length, seen);
        for (const [i, row] of rows.entries()) {
          // A finished picture has as many prefixes as strokes; of frames, the last one stands for all that follows.
          assertNear([[...row]], [await expected(drawing, i + 1)], 1e-6);
        }
        assertEquals(naming.seen, seen);
      }
    },
  });
}

Deno.test({
  name: "an engine shows what its model sees",
  ignore: NO_WASM,
  fn: async () => {
    using strokes = await open({ model: "cnn-lstm" });
    const seen = await strokes.name(SIX, true);
    const { map } = rasterize(SIX, { size: 32, maxStrokes: 4, overflow: "truncate" });
    assertEquals([seen.raster, seen.grey, seen.seen], [map, false, 4]);
    using pictures = await open({ model: "cnn", data: PICTURES });
    const drawn = await pictures.name(SIX, true);
    assertEquals([drawn.raster, drawn.grey, drawn.seen], [renderBitmap(SIX), true, 6]);
    assertEquals((await pictures.name(SIX, false)).raster, drawn.raster);
  },
});

Deno.test({
  name: "a card says what a run is and can do",
  ignore: NO_WASM,
  fn: async () => {
    const cards: [made: Made, says: object][] = [
      [{ model: "cnn-lstm" }, { naming: { side: 32, frames: 4, overflow: "truncate", explains: true } }],
      [{ model: "cnn", data: merging }, { naming: { side: 32, frames: 4, overflow: "merge", explains: true } }],
      [{ model: "cnn", data: PICTURES }, { naming: { side: 28, frames: 1, explains: true } }],
      [{ model: "mnist-lstm", data: PICTURES }, { naming: { side: 28, frames: 1, explains: false } }],
      [{ model: "sketch-rnn" }, { strokes: { latentSize: 4, told: false } }],
      [{ model: "sketch-rnn", options: { conditional: false } }, { strokes: { latentSize: 0, told: false } }],
      [{ model: "sketch-rnn", options: { classCondition: true } }, { strokes: { latentSize: 4, told: true } }],
      [{ model: "draw", data: PICTURES }, { images: { latentShape: [3, 3], prior: "normal" } }],
      [{ model: "gan", data: COLOURS }, { images: { latentShape: [1, 8], prior: "normal" } }],
      [{ model: "draw", data: PICTURES, options: { convolution: "supervised", readAttention: 0 } }, {
        images: { latentShape: [3, 3], prior: "normal" },
        naming: { side: 28, frames: 1, explains: false },
      }],
    ];
    for (const [made, says] of cards) {
      using engine = await open(made);
      const { naming, strokes, images, ...card } = engine.card;
      const parts = { ...(naming && { naming }), ...(strokes && { strokes }), ...(images && { images }) };
      assertEquals(parts, says, made.model);
      assertEquals(card.model, made.model);
      assertEquals(card.classes, (made.data ?? DRAWINGS).classes);
      assertEquals([card.backend, card.device], ["wasm", "WebAssembly with SIMD, one thread"]);
      assertEquals(card.check, { passed: true, worst: 0 });
      assertEquals(card.notes[0], "small");
      assert(card.loadMs > 0);
    }
  },
});

Deno.test({
  name: "a check finds a weight that is not what it was, in every kind of model",
  ignore: NO_WASM,
  fn: async () => {
    for (
      const made of [
        { model: "cnn-lstm" },
        { model: "cnn", data: PICTURES },
        { model: "sketch-rnn" },
        { model: "sketch-rnn", options: { conditional: false, classCondition: true } },
        { model: "draw", data: PICTURES },
      ] satisfies Made[]
    ) {
      const { run, bytes } = await makeSiteRun(made);
      const { tensors, state } = await decodeCheckpoint<TrainedState>(bytes, "it");
      for (const name of Object.keys(tensors)) {
        if (made.model === "draw" && /^model\/(read|encoder|posterior)/.test(name)) continue; // what draws reads nothing
        const { shape, data } = tensors[name];
        const changed = { ...tensors, [name]: { shape, data: data.map((value, i) => value + i % 2 - 0.4) } };
        const other = await encodeCheckpoint({ tensors: changed, state });
        using engine = await openRunEngine({ name: run.name, bytes: other, check: run.check }, { backend: "wasm" });
        assertEquals(engine.card.check.passed, false, `${made.model}, ${name}`);
        assert(engine.card.check.worst > 1e-4);
      }
    }
  },
});

Deno.test({
  name: "grey pictures that are light come in red, green and blue, the same in each",
  ignore: NO_WASM,
  fn: async () => {
    const { run, bytes } = await makeSiteRun({ model: "draw", data: PICTURES });
    const drawn = async (light: boolean) => {
      using engine = await openRunEngine({ name: run.name, bytes, check: run.check, light }, { backend: "wasm" });
      return (await engine.drawImages({ count: 1, seed: 4 }))[0];
    };
    const [ink, light] = [await drawn(false), await drawn(true)];
    assertEquals([ink.channels, light.channels], [1, 3]);
    assert(new Set(ink.canvases).size > 10);
    assertEquals([...light.canvases], [...ink.canvases].flatMap((level) => [level, level, level]));
  },
});

Deno.test({
  name: "what an engine cannot do is refused in a line, and nothing is left in memory",
  ignore: NO_WASM,
  fn: async () => {
    const { run, bytes } = await makeSiteRun({ model: "cnn-lstm" });
    const other = { ...DRAWINGS, fields: { ...DRAWINGS.fields, image: { dtype: "uint8", shape: [32, 32] } } } as const;
    const large = await makeSiteRun({ model: "cnn", data: { ...other, dataset: "svhn" } });
    assertEquals(large.run.model, "cnn"); // strokes come first
    const before = tf.memory().numTensors;
    {
      using engine = await openRunEngine({ name: run.name, bytes, check: run.check }, { backend: "wasm" });
      await assertRejects(() => engine.name([], true), RangeError, "cannot name the drawing: it is blank");
      await assertRejects(() => engine.name([[[1, 2], [1]]], true), RangeError, "stroke 1 has 2 x and 1 y");
      await assertRejects(() => engine.name([[[], []]], false), RangeError, "stroke 1 has no point");
      await assertRejects(() => engine.name([[[300], [1]]], false), RangeError, "stroke 1 has 300");
      await assertRejects(() => engine.explain(HOUSE, 3), RangeError, "class 3: expected 0 to 2");
      await assertRejects(() => engine.explain([], 0), RangeError, "cannot explain the drawing: it is blank");
      const wish = { count: 1, temperature: 0.5, seed: 1 };
      await assertRejects(() => engine.finish(HOUSE, wish), TypeError, "cnn-lstm-1, cnn-lstm, draws no strokes");
      await assertRejects(() => engine.drawStrokes(wish), TypeError, "draws no strokes");
      await assertRejects(() => engine.drawImages({ count: 1, seed: 1 }), TypeError, "draws no images");
      await engine.name(HOUSE, true);
      await engine.explain(HOUSE, 1);
    }
    const broken = bytes.slice();
    broken[broken.length - 1] ^= 1;
    const openBroken = () => openRunEngine({ name: "it", bytes: broken, check: run.check }, { backend: "wasm" });
    await assertRejects(openBroken, InputError, "its content is not what was written");
    const check = { ...run.check, drawing: [] };
    await assertRejects(
      () => openRunEngine({ name: "it", bytes, check }, { backend: "wasm" }),
      RangeError,
      "it is blank",
    );
    assertEquals(tf.memory().numTensors, before);
    assertNotEquals(before, undefined);
  },
});
