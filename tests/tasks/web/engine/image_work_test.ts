/** Images step by step, from latents that are told. */
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { drawPageImages } from "../../../../tasks/web/engine/image_work.ts";
import { may } from "../../../helpers.ts";
import { makeBuilt, PICTURES } from "./site_runs.ts";

for (const [what, options] of [["through windows", {}], ["without windows", { writeAttention: 0 }]] as const) {
  Deno.test({
    name: `images ${what} are those of the model, canvas by canvas`,
    ignore: !may("read"),
    fn: async () => {
      const { model } = await makeBuilt({ model: "draw", data: PICTURES, options });
      const drawer = model.images!;
      const before = tf.memory().numTensors;
      const images = await drawPageImages(drawer, { count: 2, seed: 3 });
      assertEquals(tf.memory().numTensors, before);
      // The model's own, of the latents that were told: [T, N, Z].
      const latents = [0, 1, 2].map((t) => images.map(({ latent }) => [...latent.subarray(3 * t, 3 * t + 3)]));
      const drawn = tf.tidy(() => {
        const { canvases, writes } = drawer.draw(tf.tensor3d(latents));
        return { canvases: tf.sigmoid(canvases).arraySync() as number[][][][][], writes: writes?.arraySync() };
      });
      for (const [n, { canvases, writes, steps, side, channels }] of images.entries()) {
        assertEquals([steps, side, channels], [3, 28, 1]);
        const expected = drawn.canvases.flatMap((step) => step[n].flat(2));
        assertEquals(canvases.length, expected.length);
        assert(canvases.every((grey, i) => Math.abs(grey - 255 * expected[i]) < 0.51));
        assertEquals(writes && [...writes], drawn.writes?.flatMap((step) => step[n]));
      }
      assertNotEquals(images[0].canvases, images[1].canvases);
      const given = images.map(({ latent }) => latent);
      assertEquals(await drawPageImages(drawer, { count: 2, seed: 9, latents: given }), images);
      // An image is the same whichever there are beside it.
      assertEquals((await drawPageImages(drawer, { count: 1, seed: 3 }))[0].latent, images[0].latent);
      const odd = { count: 2, seed: 1, latents: [new Float32Array(9)] };
      await assertRejects(() => drawPageImages(drawer, odd), RangeError, "cannot draw 2 from 1 latents of 9 numbers");
      await assertRejects(() => drawPageImages(drawer, { count: 1.5, seed: 1 }), RangeError, "cannot draw 1.5");
      model.dispose();
    },
  });
}
