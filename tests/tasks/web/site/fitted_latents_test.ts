/** Where samples on the page come from, of a model that draws images and has no prior. */
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import { encodeCheckpoint } from "../../../../models/checkpoint.ts";
import { InputError } from "../../../../pipelines/base/errors.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { readBatches } from "../../../../pipelines/batches/batch.ts";
import { buildRun, type BuiltRun, partsOf } from "../../../../tasks/web/engine/built_run.ts";
import { drawPageImages } from "../../../../tasks/web/engine/image_work.ts";
import { fitLatents } from "../../../../tasks/web/site/fitted_latents.ts";
import { pagePart } from "../../../../tasks/web/site/model_file.ts";
import { makeSelfCheck } from "../../../../tasks/web/site/self_check.ts";
import { FAST, inTemporaryFolder, may } from "../../../helpers.ts";
import { assertNear } from "../../../models/backends.ts";
import { colourData } from "../../colour_data.ts";
import { checkpointOf, trainTiny } from "../../runs.ts";
import { HOUSE } from "../engine/site_runs.ts";

/** The same run, of a model whose latents have no prior. */
function withoutPrior(built: BuiltRun): BuiltRun {
  return { ...built, model: { ...built.model, images: { ...built.model.images!, prior: "none" } } };
}

Deno.test({
  name: "samples of a model without a prior come from where the codes of its training pictures are",
  ignore: FAST || !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [data, run] = [`${folder}/data`, `${folder}/run`];
      const { examples } = (await colourData(folder, 150)).splits.train;
      await trainTiny(data, run, { model: "draw", loop: { steps: 3, learningRate: 0.03 } });
      const saved = await checkpointOf(run);
      const part = pagePart(saved, run);
      await startBackend("wasm");
      const plain = await buildRun(await encodeCheckpoint(part), run);
      const from = { data, learnt: saved.state.data, folder: run };
      assertEquals(await fitLatents(plain, from), { tensors: {}, notes: [] }); // it has a prior

      const built = withoutPrior(plain);
      const before = tf.memory().numTensors;
      const { tensors, notes } = await fitLatents(built, from);
      assertEquals(tf.memory().numTensors, before);
      assertEquals(notes, [
        `its samples are drawn from a Gaussian fitted to the codes of ${examples} training pictures`,
      ]);
      // Their mean and variances by tfjs, of all codes at once, from means without noise: [T, N, Z].
      const [batch] = await Array.fromAsync(
        readBatches({ folder: data, split: "train", batchSize: examples, fields: ["image", "label"], epochs: 1 }),
      );
      const each = 3 * 3;
      tf.tidy(() => {
        const pass = { prng: new Prng(77), training: undefined, firstExample: 0 };
        const { latents } = built.model.images!.reconstruct!(batch, pass, { spread: 0 });
        const codes = tf.reshape(tf.transpose(latents, [1, 0, 2]), [examples, each]);
        const { mean, variance } = tf.moments(codes, 0);
        const { "latents/mean": found, "latents/factor": factor } = tensors;
        assertEquals([found.shape, factor.shape], [[each], [each, each]]);
        assertNear([[...found.data]], [[...mean.dataSync()]], 1e-4);
        const squares = tf.sum(tf.square(tf.tensor2d(factor.data, [each, each])), 1).dataSync();
        assertNear([[...squares]], [[...variance.dataSync()]], 1e-3);
        assert(Math.max(...variance.dataSync()) > 1e-6); // or any factor would pass
      });

      // The file brings them back, and the page draws from them.
      const again = withoutPrior(
        await buildRun(await encodeCheckpoint({ ...part, tensors: { ...part.tensors, ...tensors } }), run),
      );
      const page = partsOf(again).images!;
      const images = await drawPageImages(page, { count: 3, seed: 1 });
      const prior = await drawPageImages(partsOf(plain).images!, { count: 3, seed: 1 });
      const { "latents/mean": { data: mean }, "latents/factor": { data: factor } } = tensors;
      images.forEach(({ latent }, n) => {
        // The same noise, once as it is and once shaped.
        const expected = [...mean].map((value, i) =>
          prior[n].latent.reduce((sum, noise, j) => sum + factor[i * each + j] * noise, value)
        );
        assertNear([[...latent]], [expected], 1e-5);
      });
      assertNotEquals((await makeSelfCheck(again, HOUSE, 3)).numbers, (await makeSelfCheck(plain, HOUSE, 3)).numbers);
      assertThrows(() => partsOf(built), InputError, "draw draws no samples without its training pictures");
      again.model.dispose();

      const other = `${folder}/other/data`;
      await Deno.mkdir(`${folder}/other`);
      await colourData(`${folder}/other`, 90);
      const why = `run ${run}: draw has no prior, so that its samples on the page need its training pictures: `;
      const cases = [
        [other, `data ${other}: not the shards that ${run} was trained on`],
        [`${folder}/gone`, `data ${folder}/gone: not there any more; put it back, or prepare it there again`],
        ["", "the run came without them"],
      ];
      for (const [data, words] of cases) {
        await assertRejects(() => fitLatents(built, { ...from, data }), InputError, why + words);
      }
      plain.model.dispose();
    }),
});
