/** Where samples on the page come from, of a model that draws images and has no prior. */
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import { encodeCheckpoint } from "../../../../models/checkpoint.ts";
import { InputError } from "../../../../pipelines/base/errors.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { readBatches } from "../../../../pipelines/batches/batch.ts";
import { likeCodes } from "../../../../tasks/evaluation/code_neighbourhoods.ts";
import { rowsOf } from "../../../../tasks/evaluation/latent_rows.ts";
import { buildRun, type BuiltRun, partsOf } from "../../../../tasks/web/engine/built_run.ts";
import { drawPageImages } from "../../../../tasks/web/engine/image_work.ts";
import { sampleCodes } from "../../../../tasks/web/site/sample_codes.ts";
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
      const from = { data, learnt: saved.state.data, folder: run, latents: "auto" } as const;
      assertEquals(await sampleCodes(plain, from), { tensors: {}, notes: [] }); // it has a prior

      const built = withoutPrior(plain);
      const before = tf.memory().numTensors;
      const { tensors, notes } = await sampleCodes(built, from);
      assertEquals(tf.memory().numTensors, before);
      assertEquals(notes, [
        `its samples are drawn from the neighbourhoods of the codes of ${examples} training examples`,
      ]);
      // By tfjs, all codes at once, means without noise: [T, N, Z].
      const [batch] = await Array.fromAsync(
        readBatches({ folder: data, split: "train", batchSize: examples, fields: ["image", "label"], epochs: 1 }),
      );
      const each = 3 * 3;
      const { "latents/codes": codes } = tensors;
      tf.tidy(() => {
        const pass = { prng: new Prng(77), training: undefined, firstExample: 0 };
        const { latents } = built.model.images!.reconstruct!(batch, pass, { spread: 0 });
        const expected = tf.reshape(tf.transpose(latents, [1, 0, 2]), [examples, each]);
        assertEquals(codes.shape, [examples, each]);
        assertNear([[...codes.data]], [[...expected.dataSync()]], 1e-4);
        assert(Math.max(...tf.moments(expected, 0).variance.dataSync()) > 1e-6); // or any codes would pass
      });

      // The file brings them back, and the page draws from them.
      const again = withoutPrior(
        await buildRun(await encodeCheckpoint({ ...part, tensors: { ...part.tensors, ...tensors } }), run),
      );
      const page = partsOf(again).images!;
      const images = await drawPageImages(page, { count: 3, seed: 1 });
      const expected = likeCodes({ values: codes.data, size: each }, [3, 3], { count: 3, seed: 1 });
      assertEquals(images.map(({ latent }) => latent), await rowsOf(expected));
      assertNotEquals((await makeSelfCheck(again, HOUSE, 3)).numbers, (await makeSelfCheck(plain, HOUSE, 3)).numbers);
      const { source } = partsOf({ ...plain, codes: { values: codes.data, size: each } }).images!;
      assertEquals([source.isNormal, partsOf(plain).images!.source.isNormal], [false, true]);
      assertEquals(await rowsOf(source.draw(3, 1)), images.map(({ latent }) => latent));
      assertEquals(await sampleCodes(plain, { ...from, latents: "codes" }), { tensors, notes });
      const noPrior = { ...from, latents: "prior" } as const;
      await assertRejects(() => sampleCodes(built, noPrior), InputError, "--latents prior: the model has none");
      assertThrows(() => partsOf(built), InputError, "draw draws no samples without its training pictures");
      again.model.dispose();

      const other = `${folder}/other/data`;
      await Deno.mkdir(`${folder}/other`);
      await colourData(`${folder}/other`, 90);
      const why = `run ${run}: samples of draw on the page need its training pictures: `;
      const cases = [
        [other, `data ${other}: not the shards that ${run} was trained on`],
        [`${folder}/gone`, `data ${folder}/gone: not there any more; put it back, or prepare it there again`],
        ["", "the run came without them"],
      ];
      for (const [data, words] of cases) {
        await assertRejects(() => sampleCodes(built, { ...from, data }), InputError, why + words);
      }
      plain.model.dispose();
    }),
});
