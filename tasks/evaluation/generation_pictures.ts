/**
 * Pictures of what a model draws: samples, the canvas step by step, and its latent space (report "Generative Image Models",
 * section 4.1.1).
 *
 * T steps, N images, S cells a side, C channels, Z size of a latent.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ImageDrawer } from "../../models/model.ts";
import { encodeGif, type PaletteColour } from "../../pipelines/images/gif.ts";
import { toPalette } from "../../pipelines/images/palette.ts";
import { type Box, INK, type Tile, tilePicture } from "../../pipelines/images/tiles.ts";
import { type DrawnArrays, readDrawn } from "./drawn_images.ts";
import { type ImageStudio, pngFile, scaleOf } from "./image_studio.ts";
import type { NamedPicture } from "./sampler.ts";

/** Draws from latents and frees them. */
async function drawFrom(drawer: ImageDrawer, latents: tf.Tensor3D): Promise<DrawnArrays> {
  const drawn = drawer.draw(latents);
  latents.dispose();
  return await readDrawn(drawn);
}

function canvasOf({ canvases, images, side, channels }: DrawnArrays, step: number, image: number): Float32Array {
  const values = side * side * channels;
  const at = (step * images + image) * values;
  return canvases.subarray(at, at + values);
}

/** The canvases of a step, or of the last, as tiles. */
function tilesOf(drawn: DrawnArrays, step: number): Tile[] {
  return Array.from({ length: drawn.images }, (_, i) => ({ cells: canvasOf(drawn, step, i) }));
}

/** Samples, in a square. */
export async function samples(
  { drawer, source, settings: { count, seed } }: ImageStudio,
): Promise<readonly NamedPicture[]> {
  const drawn = await drawFrom(drawer, source.draw(count, seed));
  const options = { side: drawn.side, columns: Math.ceil(Math.sqrt(count)), scale: scaleOf(drawn.side) };
  return [pngFile("samples.png", tilePicture(tilesOf(drawn, drawer.latentShape[0] - 1), options))];
}

/** A canvas with the boxes of its step. */
export function stepTile(drawn: DrawnArrays, step: number, image: number): Tile {
  const box = (boxes: Float32Array | undefined, ink: PaletteColour): Box[] => {
    if (boxes === undefined) return [];
    const [column, row, side] = boxes.subarray(4 * (step * drawn.images + image));
    return [{ column, row, side, ink }];
  };
  return {
    cells: canvasOf(drawn, step, image),
    boxes: [...box(drawn.reads, INK.read), ...box(drawn.writes, INK.write)],
  };
}

/** Rows of images, columns of steps; and the same moving. */
export async function steps(
  { drawer, source, settings: { count, seed } }: ImageStudio,
): Promise<readonly NamedPicture[]> {
  const [total] = drawer.latentShape;
  const images = Math.min(count, 10);
  const drawn = await drawFrom(drawer, source.draw(images, seed));
  const rows = Array.from({ length: images }, (_, i) => Array.from({ length: total }, (_, t) => stepTile(drawn, t, i)));
  const frames = Array.from({ length: total }, (_, t) => {
    const tiles = Array.from({ length: images }, (_, i) => stepTile(drawn, t, i));
    return tilePicture(tiles, { side: drawn.side, columns: 5, scale: 4 });
  });
  const still = tilePicture(tilesOf(drawn, total - 1), { side: drawn.side, columns: 5, scale: 4 });
  const moving = toPalette([...frames, still]);
  const delays = [...frames.map(() => Math.max(80, Math.round(2500 / total))), 1500];
  return [
    pngFile("steps.png", tilePicture(rows.flat(), { side: drawn.side, columns: total, scale: 2 })),
    { file: "steps.gif", bytes: encodeGif(moving.frames, moving.palette, delays) },
  ];
}

/** For each step n, images that share the latent of step n alone: how much does it decide? */
export async function fixedSteps(
  { drawer, source, settings: { count, seed } }: ImageStudio,
): Promise<readonly NamedPicture[]> {
  const [total, size] = drawer.latentShape;
  const digits = String(total).length;
  const pictures: NamedPicture[] = [];
  for (let step = 0; step < total; step++) {
    const latents = tf.tidy(() => {
      const varied = tf.unstack(source.draw(count, seed)) as tf.Tensor2D[]; // T times [N, Z]
      const shared = tf.tile(tf.slice(varied[step], [0, 0], [1, size]), [count, 1]) as tf.Tensor2D; // [N, Z]
      return tf.stack(varied.with(step, shared)) as tf.Tensor3D; // [T, N, Z]
    });
    const drawn = await drawFrom(drawer, latents);
    const options = { side: drawn.side, columns: Math.ceil(Math.sqrt(count)), scale: 1 };
    pictures.push(
      pngFile(`fixed-${String(step + 1).padStart(digits, "0")}.png`, tilePicture(tilesOf(drawn, total - 1), options)),
    );
  }
  return pictures;
}

/** Learned convolution kernels, a row of tiles an input channel, each from its least weight to its greatest. */
export async function kernels({ filters }: ImageDrawer): Promise<readonly NamedPicture[]> {
  const pictures: NamedPicture[] = [];
  for (const [name, variable] of Object.entries(filters)) {
    if (variable.rank !== 4) continue; // a bias
    const [side, , inputs, outputs] = variable.shape;
    const values = await variable.data<"float32">(); // [side, side, inputs, outputs]
    const tiles = Array.from({ length: inputs * outputs }, (_, k): Tile => {
      const cells = Float32Array.from({ length: side * side }, (_, c) => values[c * inputs * outputs + k]);
      const [least, most] = [Math.min(...cells), Math.max(...cells)];
      return { cells: cells.map((value) => most > least ? (value - least) / (most - least) : 0.5) };
    });
    const picture = tilePicture(tiles, { side, columns: outputs, scale: 8 });
    const layer = name.split("/").slice(0, -1); // without the variable's own name
    pictures.push(pngFile(`${["kernels", ...layer].join("-")}.png`, picture));
  }
  return pictures;
}
