/** Images step by step, from latents that are told. */
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { partsOf } from "../../../../tasks/web/engine/built_run.ts";
import { drawPageImages } from "../../../../tasks/web/engine/image_work.ts";
import { may } from "../../../helpers.ts";
import { COLOURS, makeBuilt, PICTURES } from "./site_runs.ts";

const CASES = [
  { what: "through windows", data: PICTURES, options: {}, size: [28, 1] },
  { what: "without windows", data: PICTURES, options: { writeAttention: 0 }, size: [28, 1] },
  { what: "in colour", data: COLOURS, options: {}, size: [12, 3] },
];

for (const { what, data, options, size } of CASES) {
  Deno.test({
    name: `images ${what} are those of the model, canvas by canvas`,
    ignore: !may("read"),
    fn: async () => {
      const built = await makeBuilt({ model: "draw", data, options });
      const { model } = built;
      const page = partsOf(built).images!;
      const before = tf.memory().numTensors;
      const images = await drawPageImages(page, { count: 2, seed: 3 });
      assertEquals(tf.memory().numTensors, before);
      // The model's own, of the latents that were told: [T, N, Z].
      const latents = [0, 1, 2].map((t) => images.map(({ latent }) => [...latent.subarray(3 * t, 3 * t + 3)]));
      const drawn = tf.tidy(() => {
        const { canvases, writes } = page.drawer.draw(tf.tensor3d(latents));
        return { canvases: tf.sigmoid(canvases).arraySync() as number[][][][][], writes: writes?.arraySync() };
      });
      for (const [n, { canvases, writes, steps, side, channels }] of images.entries()) {
        assertEquals([steps, side, channels], [3, ...size]);
        const expected = drawn.canvases.flatMap((step) => step[n].flat(2));
        assertEquals(canvases.length, expected.length);
        assert(canvases.every((grey, i) => Math.abs(grey - 255 * expected[i]) < 0.51));
        assertEquals(writes && [...writes], drawn.writes?.flatMap((step) => step[n]));
      }
      assertNotEquals(images[0].canvases, images[1].canvases);
      const given = images.map(({ latent }) => latent);
      assertEquals(await drawPageImages(page, { count: 2, seed: 9, latents: given }), images);
      // An image is the same whichever there are beside it.
      assertEquals((await drawPageImages(page, { count: 1, seed: 3 }))[0].latent, images[0].latent);
      const odd = { count: 2, seed: 1, latents: [new Float32Array(9)] };
      await assertRejects(() => drawPageImages(page, odd), RangeError, "cannot draw 2 from 1 latents of 9 numbers");
      await assertRejects(() => drawPageImages(page, { count: 1.5, seed: 1 }), RangeError, "cannot draw 1.5");
      model.dispose();
    },
  });
}

Deno.test({
  name: "images of a GAN are in colour, each of its latent alone",
  ignore: !may("read"),
  fn: async () => {
    const built = await makeBuilt({ model: "gan", data: COLOURS, options: { generatorNorm: "batch" } });
    const page = partsOf(built).images!;
    const images = await drawPageImages(page, { count: 3, seed: 3 });
    assertEquals(images.map(({ steps, side, channels }) => [steps, side, channels]), Array(3).fill([1, 12, 3]));
    const latents = [images[2].latent];
    const [alone] = await drawPageImages(page, { count: 1, seed: 4, latents });
    assert(alone.canvases.every((value, i) => Math.abs(value - images[2].canvases[i]) <= 1));
    assertNotEquals(images[0].canvases, images[2].canvases);
    built.model.dispose();
  },
});
