/** Checkpoints of earlier versions. */
import { assertEquals } from "@std/assert";
import { defaultsOf } from "../../../pipelines/base/option_table.ts";
import { AUGMENT_OPTIONS } from "../../../pipelines/strokes/augment.ts";
import { type RunState, upgradeState } from "../../../tasks/runs/run_state.ts";
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
