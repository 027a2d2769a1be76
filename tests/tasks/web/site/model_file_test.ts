/** The file that a page loads: the weights by which the run is judged, and nothing that nobody needs. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "../../../../models/checkpoint.ts";
import type { TrainedState } from "../../../../models/zoo/trained_model.ts";
import { InputError } from "../../../../pipelines/base/errors.ts";
import { loadClassifier } from "../../../../tasks/runs/classifier.ts";
import { openRunEngine } from "../../../../tasks/web/engine/run_engine.ts";
import { buildRun } from "../../../../tasks/web/engine/built_run.ts";
import { pagePart, readModelFile } from "../../../../tasks/web/site/model_file.ts";
import { makeSelfCheck } from "../../../../tasks/web/site/self_check.ts";
import { FAST, inTemporaryFolder, may } from "../../../helpers.ts";
import { smallData, trainTiny } from "../../runs.ts";
import { DRAWINGS, HOUSE } from "../engine/site_runs.ts";

const array = (...values: number[]) => ({ shape: [values.length], data: Float32Array.from(values) });

const STATE = {
  settings: {
    ...{ model: { name: "cnn" }, modelOptions: { channels: [2] }, seed: 4 },
    ...{ data: "/home/me/data", folder: "/home/me/runs/cnn-1", loop: { batchSize: 32 } },
  },
  data: { ...DRAWINGS, identity: "0123" },
  position: { step: 7 },
  origin: { checkpoint: "/home/me/runs/cnn-0/best.safetensors" },
} as unknown as TrainedState;

const CHECKPOINT: Checkpoint<TrainedState> = {
  tensors: {
    "model/a": array(1, 2),
    "model/b": array(3),
    "optimizer/nll/a/m": array(5, 6),
    "ema/a/average": array(1.5, 2.5),
  },
  state: STATE,
};

Deno.test("a page's file has the weights that are judged, and what the model is built from", () => {
  assertEquals(pagePart(CHECKPOINT, "it"), {
    tensors: { "model/a": array(1.5, 2.5), "model/b": array(3) },
    state: { settings: { model: { name: "cnn" }, modelOptions: { channels: [2] }, seed: 4 }, data: DRAWINGS },
  });
});

Deno.test("a model of one's own, or a number that is none, is refused", () => {
  const settings = { ...STATE.settings, model: { name: "mine", url: "file:///home/me/mine.ts" } };
  assertThrows(
    () => pagePart({ ...CHECKPOINT, state: { ...STATE, settings } }, "runs/mine-1"),
    InputError,
    "runs/mine-1: its model mine is one of your own, from file:///home/me/mine.ts; the page has the built-in ones alone",
  );
  const tensors = { "model/a": array(1, NaN) };
  assertThrows(() => pagePart({ tensors, state: STATE }, "it"), InputError, "checkpoint it: model/a holds NaN");
});

Deno.test({
  name: "a run's file names drawings as the run's classifier does",
  ignore: FAST || !may("read", "write"),
  fn: async () => {
    await inTemporaryFolder(async (folder) => {
      await smallData(`${folder}/data`);
      const run = `${folder}/run`;
      await trainTiny(`${folder}/data`, run, { loop: { epochs: 2, emaDecay: 0.9 } });
      const { bytes, notes } = await readModelFile(run);
      assertEquals(notes, []);
      const { tensors, state } = await decodeCheckpoint<TrainedState>(bytes, "it");
      assertEquals(Object.keys(tensors).filter((name) => !name.startsWith("model/")), []);
      assertEquals(JSON.stringify(state).includes(folder), false);
      const built = await buildRun(bytes, "it");
      const check = await makeSelfCheck(built, HOUSE, 1);
      built.model.dispose();
      using engine = await openRunEngine({ name: "run", bytes, check, notes: [] }, { backend: "wasm" });
      using classifier = await loadClassifier(run);
      const { rows: [row] } = await engine.name(HOUSE, false);
      const guesses = await classifier.classify(HOUSE);
      assertEquals(row, engine.card.classes.map((name) => guesses.find((guess) => guess.name === name)!.probability));
      assertEquals(check.numbers.slice(0, row.length), row);

      await Deno.remove(`${run}/best.safetensors`);
      await assertRejects(() => readModelFile(run), InputError, "not there any more");
      assertEquals((await readModelFile(run, { checkpoint: "last" })).notes, []);
      await assertRejects(() => readModelFile(`${folder}/none`), InputError, "no such folder");
    });
  },
});

Deno.test({
  name: "a file of no model that is built in, or of none at all, is refused",
  fn: async () => {
    const settings = { ...STATE.settings, model: { name: "cnm" } };
    const bytes = await encodeCheckpoint({ tensors: {}, state: { ...STATE, settings } });
    await assertRejects(
      () => buildRun(bytes, "it"),
      InputError,
      "it: its model cnm is unknown here; there are cae, cnn, cnn-lstm",
    );
    await assertRejects(() => buildRun(Uint8Array.of(1, 2), "it"), InputError, "2 bytes, too short for a header");
  },
});
