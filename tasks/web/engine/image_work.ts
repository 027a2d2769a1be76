/**
 * What a page has a model of images do. Browser safe.
 *
 * T steps, N images, S cells a side, C channels, Z size of a latent.
 *
 * @module
 */
import { readDrawn } from "../../evaluation/drawn_images.ts";
import { latentsOf } from "../../evaluation/latent_rows.ts";
import type { PageDrawer } from "./built_run.ts";
import type { Engine, ModelImage } from "./engine.ts";
import { checkCount } from "./stroke_work.ts";

/**
 * Draws images, from latents that are told; see {@linkcode Engine.drawImages}.
 *
 * @param isLight Whether grey ones are light, so that they become red, green and blue; not when left out.
 */
export async function drawPageImages(
  { drawer, source }: PageDrawer,
  { count, seed, latents }: Parameters<Engine["drawImages"]>[0],
  isLight = false,
): Promise<ModelImage[]> {
  const [steps, size] = drawer.latentShape;
  checkCount({ count, ...(latents ? { latents } : {}) }, steps * size);
  const z = latents ? latentsOf(latents, drawer.latentShape) : source.draw(count, seed); // [T, N, Z]
  const values = await z.data<"float32">();
  const { canvases, writes, side, channels } = await readDrawn(drawer.draw(z)); // [T, N, S, S, C]
  z.dispose();
  const copies = isLight && channels === 1 ? 3 : 1;
  return Array.from({ length: count }, (_, n) => ({
    canvases: levelsOf(ofImage(canvases, { n, count, steps }), copies),
    ...{ steps, side, channels: copies * channels },
    ...(writes ? { writes: ofImage(writes, { n, count, steps }) } : {}),
    latent: ofImage(values, { n, count, steps }),
  }));
}

/** Brightness 0 to 1 as 0 to 255, each so many times. */
function levelsOf(values: Float32Array, copies: number): Uint8Array<ArrayBuffer> {
  const levels = new Uint8Array(copies * values.length);
  for (let i = 0; i < levels.length; i++) levels[i] = Math.round(255 * values[Math.floor(i / copies)]);
  return levels;
}

/** The part of one image: float32 [T, N, size] -> [T, size]. */
function ofImage(
  values: Float32Array,
  { n, count, steps }: { readonly n: number; readonly count: number; readonly steps: number },
): Float32Array<ArrayBuffer> {
  const size = values.length / (steps * count);
  const part = new Float32Array(steps * size);
  for (let t = 0; t < steps; t++) {
    const at = (t * count + n) * size;
    part.set(values.subarray(at, at + size), t * size);
  }
  return part;
}
