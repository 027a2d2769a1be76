import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { MODELS } from "../../../models/zoo/registry.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import type { DataDescription } from "../../../pipelines/dataset.ts";
import { mergeSettings } from "../../../tasks/runs/settings.ts";
import { checkedModel } from "../../../tasks/training/check_model.ts";
import { checkFits } from "../../../tasks/evaluation/fitting_classifier.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { smallData, tinySettings, trainTiny } from "../runs.ts";

Deno.test({
  name: "a classifier that cannot read what a model will draw is told before that is trained",
  ignore: FAST || !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [data, run] = [`${folder}/data`, `${folder}/reader`];
      const { fields } = await smallData(data);
      await trainTiny(data, run, { loop: { steps: 1 } });
      const fits = async (name: string, ...classes: string[]) => {
        const image = { dtype: "uint8", shape: [28, 28] } as const;
        const described: DataDescription = {
          fields: { ...fields, image },
          classes,
          statistics: { offsetDeviation: 9 },
        };
        const model = MODELS[name].build(MODELS[name].tiny, described, new Prng(0));
        try {
          await checkFits(run, { model, name, data: described });
        } finally {
          model.dispose();
        }
      };
      await fits("sketch-rnn", "line", "sun");
      await assertRejects(() => fits("cnn", "line"), InputError, "--classifier: cnn draws no images");
      const notOfImages = "expected a classifier of images, such as mnist-lstm";
      await assertRejects(() => fits("draw", "line", "sun"), InputError, notOfImages);
      const unknown = `--classifier ${run}: does not know moon`;
      await assertRejects(() => fits("sketch-rnn", "line", "moon"), InputError, unknown);
    }),
});

Deno.test({
  name:
    "the model that a classifier is tried with is built once, with its options checked, and leaves nothing where it is refused",
  ignore: FAST || !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const described = await smallData(`${folder}/data`);
      await startBackend("wasm");
      const settings = mergeSettings(tinySettings(folder, ""));
      let [built, left] = [0, 0];
      const without = (lacks: object): typeof settings.model => ({
        ...settings.model,
        build(...given) {
          built++, left++;
          const whole = settings.model.build(...given);
          return { ...whole, ...lacks, dispose: () => (left--, whole.dispose()) };
        },
      });
      checkedModel({ ...settings, model: without({}) }, described).dispose();
      assertEquals([built, left], [1, 0]);
      const loop = { ...settings.loop, labelSmoothing: 0.1 };
      const lacks = { ...settings, model: without({ classify: undefined }), loop };
      assertThrows(
        () => checkedModel(lacks, described),
        InputError,
        "--train.label-smoothing 0.1: cnn does not classify",
      );
      assertEquals([built, left], [2, 0]);
    }),
});
