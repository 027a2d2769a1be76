/** Sums written, then drawn: the writing part from a run of its own, pictures learnt, read by a classifier. */
import { assert, assertEquals } from "@std/assert";
import { arithmetic } from "../../../pipelines/datasets/arithmetic/arithmetic.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import type { Dataset } from "../../../pipelines/dataset.ts";
import { startBackend } from "../../../models/backends/backend.ts";
import { evaluate } from "../../../tasks/evaluation/evaluate.ts";
import { train } from "../../../tasks/training/train.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { prepareTo } from "../prepared.ts";
import { checkpointOf, tinySettings, trainTiny } from "../runs.ts";

const TEXT = { width: 16, heads: 2, hiddenUnits: 16, encoderBlocks: 1, decoderBlocks: 1 };

Deno.test({
  name: "text-to-image: begun with a transformer's run that is kept, trained by the loop, read by a classifier",
  ignore: FAST || !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [digits, sums, reader, text, run] = ["digits", "sums", "reader", "text", "run"]
        .map((name) => `${folder}/${name}`);
      await startBackend("wasm");
      await prepareTo(digits, { dataset: mnist as Dataset });
      await prepareTo(sums, { dataset: arithmetic as Dataset, options: { max: 19 } });
      const modelOptions = { channels: [8, 16], denseUnits: 32 };
      await trainTiny(digits, reader, { modelOptions, loop: { batchSize: 32, steps: 250, learningRate: 0.005 } });
      await trainTiny(sums, text, {
        model: "transformer",
        modelOptions: TEXT,
        loop: { batchSize: 32, steps: 150, learningRate: 0.01 },
      });

      const settings = tinySettings(sums, run, {
        model: "text-to-image",
        modelOptions: { ...TEXT, keepText: true, glyphUnits: 64, latentSize: 4 },
        loop: { batchSize: 32, steps: 250, learningRate: 0.005 },
      });
      await Deno.mkdir(run);
      for await (const _line of train({ ...settings, from: text }));
      const [kept, begun] = [(await checkpointOf(run)).tensors, (await checkpointOf(text, "best")).tensors];
      const written = Object.keys(begun).filter((name) => name.startsWith("model/"));
      assert(written.length > 20);
      for (const name of written) assertEquals(kept[name].data, begun[name].data, name);

      const { evaluation, pictures } = await evaluate({ folder: run, split: "train", classifier: reader });
      const { glyphs, sequences } = evaluation;
      assertEquals(glyphs!.answers, evaluation.examples);
      assertEquals(glyphs!.written.answers, sequences!.answers);
      const { real, meant, drawn } = glyphs!.read!;
      assert(real.characters > 0.9, `real pictures: ${real.characters}`);
      assert(meant.characters > 0.7, `drawn ones: ${meant.characters}`);
      assert(drawn.characters <= meant.characters);
      assert(glyphs!.likeness!.own.drawn > 0.1 && glyphs!.variety.length > 1);
      assertEquals(pictures.glyphs!.shown.length, glyphs!.shown.length);
    }),
});
