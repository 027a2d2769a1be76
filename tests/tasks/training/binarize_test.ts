/** DRAW on cells that are drawn at random: each step draws its own, and a run that was cut draws them as the whole one. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { draw } from "../../../models/zoo/draw/draw.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import { train } from "../../../tasks/training/train.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { prepareTo } from "../prepared.ts";
import { checkpointOf, tinySettings, traces, trainTiny } from "../runs.ts";

Deno.test({
  name: "draw, stochastic binarization: whole = cut and resumed, with Workers too; another seed draws others",
  ignore: FAST || !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const data = `${folder}/data`;
      await prepareTo(data, { dataset: mnist });
      const loop = { steps: 5, batchSize: 20, checkpointEvery: 2, logEvery: 1 };
      const given = { model: "draw", modelOptions: { ...draw.tiny, binarize: "stochastic" }, loop };
      for (const workers of [1, 2]) {
        const [whole, parts] = ["whole", "parts"].map((name) => `${folder}/${name}-${workers}`);
        await trainTiny(data, whole, { ...given, workers });
        await trainTiny(data, parts, {
          ...{ ...given, workers },
          until: (line) => line.kind === "step" && line.step === 3,
        });
        const resume = await checkpointOf(parts);
        assert(resume.state.position.step < 5);
        await Array.fromAsync(train(tinySettings(data, parts, { ...given, workers }), { resume }));
        assertEquals(await traces(parts), await traces(whole));
      }
      // Cells cut at a threshold, and those of another seed, are others from the first step on.
      const lossesOf = async (name: string, more: object) => {
        const { lines } = await trainTiny(data, `${folder}/${name}`, { ...given, ...more });
        return lines.flatMap((line) => line.kind === "step" ? [line.train.loss] : []);
      };
      const first = await lossesOf("again", {});
      assertEquals(await lossesOf("once-more", {}), first);
      assertNotEquals(await lossesOf("seed", { seed: 1 }), first);
      assertNotEquals((await lossesOf("threshold", { modelOptions: draw.tiny }))[0], first[0]);
    }),
});
