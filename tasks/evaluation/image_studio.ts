/**
 * What every picture of images is made by: a model, where its latents come from, and how pictures lie side by side.
 *
 * S cells a side, C channels, T steps, Z size of a latent.
 *
 * @module
 */
import type { ImageDrawer } from "../../models/model.ts";
import { contactSheet } from "../../pipelines/images/contact_sheet.ts";
import { encodeGif } from "../../pipelines/images/gif.ts";
import { toPalette } from "../../pipelines/images/palette.ts";
import { encodePng, type Image } from "../../pipelines/images/png.ts";
import { tilePicture } from "../../pipelines/images/tiles.ts";
import type { LatentSource } from "./latent_source.ts";
import type { NamedPicture, PictureSettings } from "./sampler.ts";

/** A model, and how it is shown. */
export interface ImageStudio {
  readonly drawer: ImageDrawer;
  readonly source: LatentSource;
  readonly settings: PictureSettings;
}

/** A picture, 0 to 1, [S S C], and what stands under it. */
export interface Captioned {
  readonly cells: ArrayLike<number>;
  readonly caption?: string;
}

/** S of a picture, [S S C]. */
export function sideOfPicture({ channels }: Pick<ImageDrawer, "channels">, cells: ArrayLike<number>): number {
  return Math.sqrt(cells.length / channels);
}

/** Pixels a cell, so that small pictures can be seen. */
export function scaleOf(side: number): number {
  return Math.max(1, Math.round(56 / side));
}

/** A PNG file. */
export function pngFile(file: string, picture: Image): NamedPicture {
  return { file, bytes: encodePng(picture) };
}

/** Pictures side by side. */
export function tiled(
  { channels }: Pick<ImageDrawer, "channels">,
  pictures: readonly ArrayLike<number>[],
  { columns, scale }: { readonly columns: number; readonly scale?: number },
): Image {
  const side = sideOfPicture({ channels }, pictures[0]);
  return tilePicture(pictures.map((cells) => ({ cells })), { side, columns, scale: scale ?? scaleOf(side) });
}

/** Rows of pictures, and below each row what belongs to them; of both as many as fill whole rows. */
export function inPairs<T>(above: readonly T[], below: readonly T[], columns: number): T[] {
  const across = Math.min(columns, above.length);
  return Array.from({ length: Math.floor(above.length / across) }, (_, row) => [
    ...above.slice(row * across, (row + 1) * across),
    ...below.slice(row * across, (row + 1) * across),
  ]).flat();
}

/** Pictures side by side with what stands under them. */
export function captioned(
  { channels }: Pick<ImageDrawer, "channels">,
  pictures: readonly Captioned[],
  columns: number,
): Image {
  const size = sideOfPicture({ channels }, pictures[0].cells);
  const drawings = pictures.map(({ cells, caption = "" }) => ({
    map: coloursOf(cells, channels),
    colour: true,
    caption,
  }));
  return contactSheet(drawings, { size, columns, scale: scaleOf(size) });
}

/** Red, green and blue, uint8 [S S 3], of a picture [S S C]. */
function coloursOf(cells: ArrayLike<number>, channels: number): Uint8Array {
  const level = (i: number) => Math.round(255 * Math.min(1, Math.max(0, cells[i])));
  return Uint8Array.from(
    { length: cells.length * 3 / channels },
    (_, i) => level(channels === 3 ? i : Math.floor(i / 3)),
  );
}

/** Frames that go to the last and back, those at the ends a while longer, as a GIF file. */
export function movingFile(file: string, frames: readonly Image[]): NamedPicture {
  const { frames: indexed, palette } = toPalette(frames);
  const last = frames.length - 1;
  const order = [...indexed.keys(), ...Array.from({ length: Math.max(0, last - 1) }, (_, i) => last - 1 - i)];
  const delays = order.map((i) => i === 0 || i === last ? 700 : 70);
  return { file, bytes: encodeGif(order.map((i) => indexed[i]), palette, delays) };
}
