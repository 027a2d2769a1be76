/** Checkpoints of earlier versions, and those that lack what a run goes on from. */
import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { startBackend } from "../../../models/backends/backend.ts";
import type { Checkpoint } from "../../../models/checkpoint.ts";
import { cnn } from "../../../models/zoo/stroke_classifier/stroke_classifier.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { defaultsOf } from "../../../pipelines/base/option_table.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { AUGMENT_OPTIONS } from "../../../pipelines/strokes/augment.ts";
import { describeDrawings } from "../../../tasks/bench/random_drawings.ts";
import { restore, type RunState, snapshot, traineeOf, upgradeState } from "../../../tasks/runs/run_state.ts";
import { LOOP_OPTIONS } from "../../../tasks/runs/settings.ts";

Deno.test("a checkpoint in which models were names and data a size is read as one of today", () => {
  const { weightDecay: _, ...loop } = defaultsOf(LOOP_OPTIONS);
  const old = {
    settings: {
      data: "d",
      folder: "f",
      model: "cnn",
      modelOptions: {},
      loop,
      augment: defaultsOf(AUGMENT_OPTIONS),
      seed: 3,
    },
    data: { classes: ["a", "b"], size: 40, frames: 5, dataset: "quickdraw", identity: "0" },
    backend: "wasm",
    position: { step: 1, epoch: 0, seen: 9, prng: [1, 2, 3, 4], best: null, sinceBest: 0, seconds: 1 },
  };
  const { settings, data, ...rest } = upgradeState(old as unknown as RunState);
  assertEquals([settings.model, settings.augmentation, settings.workers], [{ name: "cnn" }, { name: "affine" }, 1]);
  assertEquals(settings.loop, defaultsOf(LOOP_OPTIONS));
  assertEquals(data.fields.stroke_index, { dtype: "uint8", shape: [40, 40], max: 5 });
  assertEquals([data.classes, data.dataset, data.identity], [["a", "b"], "quickdraw", "0"]);
  assertEquals(rest, { backend: old.backend, position: old.position as never });
  const today = { settings, data, ...rest } as RunState;
  assertEquals(upgradeState(today), today);
});

Deno.test("a run goes on from all that its optimizer and its running mean have kept, and from nothing less", async () => {
  await startBackend("cpu");
  const model = cnn.build(cnn.tiny, describeDrawings({ side: 16, frames: 4, classes: 2 }), new Prng(0));
  using trainee = traineeOf(model, { ...defaultsOf(LOOP_OPTIONS), emaDecay: 0.9 });
  const stateAt = (step: number) => ({ position: { step } }) as RunState;
  restore(trainee, await snapshot(trainee, stateAt(0))); // before the first step nothing is kept
  const { trains, name: objective } = model.objectives[0];
  const gradients = Object.fromEntries(trains.map((name) => [name, tf.onesLike(model.variables[name])]));
  trainee.optimizers[0].apply(model.variables, gradients);
  tf.dispose(gradients);
  const whole = await snapshot(trainee, stateAt(1));
  restore(trainee, whole);
  const again = await snapshot(trainee, stateAt(1));
  assertEquals(again, whole);

  const [first] = trains;
  const [slot, shape] = [`optimizer/${objective}/${first}/m`, `${model.variables[first].shape}`];
  const without = (prefix: string) =>
    Object.fromEntries(Object.entries(whole.tensors).filter(([name]) => !name.startsWith(prefix)));
  const short = { shape: [3], data: new Float32Array(3) };
  const wrong: [tensors: Checkpoint<RunState>["tensors"], says: string][] = [
    [without("optimizer/"), `the checkpoint has ${slot} [missing], the model [${shape}]: there is no going on from it`],
    [{ ...whole.tensors, [slot]: short }, `${slot} [3], the model [${shape}]`],
    [{ ...whole.tensors, [`optimizer/${objective}/x/m`]: short }, `optimizer/${objective}/x/m, which nothing reads`],
    [without("ema/"), "/average [missing], the model"],
    [{ ...whole.tensors, [`ema/${first}/average`]: short }, `ema/${first}/average [3], the model [${shape}]`],
  ];
  for (const [tensors, says] of wrong) {
    assertThrows(() => restore(trainee, { tensors, state: stateAt(1) }), InputError, says);
  }
});
