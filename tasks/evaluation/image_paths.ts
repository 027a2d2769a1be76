/**
 * The ways from one picture to another through a model's latents, still and moving.
 *
 * @module
 */
import { Prng } from "../../pipelines/base/prng.ts";
import type { Batch } from "../../pipelines/dataset.ts";
import type { Image } from "../../pipelines/images/png.ts";
import { type ImageStudio, movingFile, tiled } from "./image_studio.ts";
import { lerp, slerp } from "./latent_paths.ts";
import { picturesOf, rowsOf } from "./latent_rows.ts";
import { codesOf, type Encoder } from "./picture_codes.ts";
import type { NamedPicture } from "./sampler.ts";
import { seenPictures } from "./seen_pictures.ts";

/** Ways, places of each in a still picture, and in a moving one. */
const [WAYS, PLACES, FRAMES] = [8, 11, 24];

/** From one picture's latents to another's, [T Z]. */
export interface Way {
  readonly from: Float32Array;
  readonly to: Float32Array;
  /** The pictures that these were found for, which stand beside them. */
  readonly ends?: readonly [Float32Array, Float32Array];
}

/** Ways between random latents. */
export async function randomWays({ source, settings: { seed } }: ImageStudio): Promise<readonly Way[]> {
  const rows = await rowsOf(source.draw(2 * WAYS, seed));
  return Array.from({ length: WAYS }, (_, i) => ({ from: rows[i], to: rows[WAYS + i] }));
}

/** Ways between the pictures of a batch, two of them each; none of fewer. */
export async function realWays(
  { drawer, settings: { seed } }: Omit<ImageStudio, "source"> & { readonly drawer: Encoder },
  batch: Batch,
): Promise<readonly Way[]> {
  const { values, size } = await codesOf(drawer, batch, seed);
  const { rows, pictures } = await seenPictures(drawer, batch, new Prng(seed, 6));
  rows.dispose();
  const code = (i: number) => values.subarray(i * size, (i + 1) * size);
  return Array.from({ length: Math.min(WAYS, Math.floor(batch.size / 2)) }, (_, i) => ({
    ...{ from: code(2 * i), to: code(2 * i + 1) },
    ends: [pictures[2 * i], pictures[2 * i + 1]] as const,
  }));
}

/** A row a way. */
export async function stillWays(studio: ImageStudio, ways: readonly Way[]): Promise<Image> {
  const drawn = await drawnWays(studio, ways, PLACES);
  const rows = ways.map(({ ends }, way) => ends === undefined ? drawn[way] : [ends[0], ...drawn[way], ends[1]]);
  return tiled(studio.drawer, rows.flat(), { columns: rows[0].length });
}

/** All ways at once, there and back. */
export async function movingWays(studio: ImageStudio, ways: readonly Way[], file: string): Promise<NamedPicture> {
  const drawn = await drawnWays(studio, ways, FRAMES);
  const columns = Math.ceil(ways.length / 2);
  const frames = Array.from(
    { length: FRAMES },
    (_, i) => tiled(studio.drawer, drawn.map((way) => way[i]), { columns }),
  );
  return movingFile(file, frames);
}

/**
 * The pictures of each way in even steps: along great circles where latents are drawn from a normal prior, since a straight
 * line would lead through a middle that none is drawn from; straight ahead where they are not.
 */
async function drawnWays(
  { drawer, source }: ImageStudio,
  ways: readonly Way[],
  places: number,
): Promise<readonly (readonly Float32Array[])[]> {
  const go = source.isNormal ? slerp : lerp;
  const latents = ways.flatMap(({ from, to }) =>
    Array.from({ length: places }, (_, i) => go(from, to, i / (places - 1)))
  );
  const drawn = await picturesOf(drawer, latents);
  return ways.map((_, way) => drawn.slice(way * places, (way + 1) * places));
}
