/**
 * What a model's latents stand for: one of them changed, and what sets a class apart given to a picture of another.
 *
 * T steps, N pictures, Z size of a latent, K classes.
 *
 * @module
 */
import { Prng } from "../../pipelines/base/prng.ts";
import type { Batch } from "../../pipelines/dataset.ts";
import { type Captioned, captioned, type ImageStudio } from "./image_studio.ts";
import { transfer } from "./latent_paths.ts";
import { picturesOf, rowsOf } from "./latent_rows.ts";
import { codesOf, type Encoder, type PictureCodes } from "./picture_codes.ts";
import { seenPictures } from "./seen_pictures.ts";
import type { Image } from "../../pipelines/images/png.ts";

/** Latents shown, and how far each is moved to either side, in deviations. */
const [SWEPT, PLACES, FAR] = [8, 11, 3];

/** What moving one latent does to a picture. */
export interface SweptLatent {
  /** Its place among those of all steps, 0-based. */
  readonly place: number;
  /** The mean squared difference of the pictures at two deviations to either side, pixels 0 to 1. */
  readonly effect: number;
}

/**
 * One sample, of which one latent is moved to either side of the middle: a row each, those that change the picture most on
 * top.
 */
export async function sweep(
  { drawer, source, settings: { seed } }: ImageStudio,
): Promise<{ readonly picture: Image; readonly shown: readonly SweptLatent[] }> {
  const [sample] = await rowsOf(source.draw(1, seed));
  const moved = (place: number, by: number) => sample.with(place, source.mean[place] + by * source.deviation[place]);
  const places = [...sample.keys()];
  const pairs = await picturesOf(drawer, places.flatMap((place) => [moved(place, -2), moved(place, 2)]));
  const shown = places.map((place): SweptLatent => {
    const [low, high] = pairs.slice(2 * place, 2 * place + 2);
    return { place, effect: low.reduce((sum, value, i) => sum + (value - high[i]) ** 2, 0) / low.length };
  }).sort((a, b) => b.effect - a.effect).slice(0, SWEPT);
  const steps = Array.from({ length: PLACES }, (_, i) => FAR * (2 * i / (PLACES - 1) - 1));
  const pictures = await picturesOf(drawer, shown.flatMap(({ place }) => steps.map((by) => moved(place, by))));
  const cells = pictures.map((cells, i): Captioned => ({
    cells,
    caption: i % PLACES === 0 ? `z ${shown[i / PLACES].place + 1}` : steps[i % PLACES].toFixed(1),
  }));
  return { picture: captioned(drawer, cells, PLACES), shown };
}

/** Pictures shown, and classes that they are turned into. */
const [ROWS, CLASSES] = [8, 8];

/** What arithmetic needs. */
export interface ArithmeticRequest {
  /** Codes of training examples. */
  readonly codes: PictureCodes;
  /** The labels of the classes that may be shown, and all classes' names. */
  readonly labels: readonly number[];
  readonly names: readonly string[];
}

/**
 * Pictures and what the model draws of them, then of their codes less the mean code of their class plus that of another, a
 * column each. The most frequent classes are taken.
 *
 * @param batch Pictures, with labels.
 * @returns Undefined where fewer than two of the classes have codes, or none of the pictures is of one of them.
 */
export async function arithmetic(
  { drawer, settings: { seed } }: Omit<ImageStudio, "source"> & { readonly drawer: Encoder },
  batch: Batch,
  { codes, labels, names }: ArithmeticRequest,
): Promise<Image | undefined> {
  const means = new Map(
    labels.flatMap((label): [number, Float32Array][] => {
      const mean = meanCode(codes, label);
      return mean === undefined ? [] : [[label, mean]];
    }),
  );
  const count = (label: number) => codes.labels.filter((other) => other === label).length;
  const columns = [...means.keys()].sort((a, b) => count(b) - count(a)).slice(0, CLASSES);
  const found = await codesOf(drawer, batch, seed);
  const rows = found.labels.flatMap((label, i) => columns.includes(label) ? [{ label, i }] : []).slice(0, ROWS);
  if (columns.length < 2 || rows.length === 0) return undefined;
  const { rows: pictures, pictures: seen } = await seenPictures(drawer, batch, new Prng(seed, 6));
  pictures.dispose();
  const latents = rows.flatMap(({ label, i }) => {
    const code = found.values.subarray(i * found.size, (i + 1) * found.size);
    return [code, ...columns.map((other) => transfer(means.get(other)!, means.get(label)!, code))];
  });
  const drawn = await picturesOf(drawer, latents);
  const width = 1 + columns.length;
  const cells = rows.flatMap(({ label, i }, row): Captioned[] => [
    { cells: seen[i], caption: names[label] },
    ...drawn.slice(row * width, (row + 1) * width).map((cells, column) => ({
      cells,
      caption: column === 0 ? "again" : `> ${names[columns[column - 1]]}`,
    })),
  ]);
  return captioned(drawer, cells, 1 + width);
}

/** The mean code of a class; undefined where it has none. */
function meanCode({ values, size, labels }: PictureCodes, label: number): Float32Array | undefined {
  const places = labels.flatMap((other, n) => other === label ? [n] : []);
  if (places.length === 0) return undefined;
  return Float32Array.from(
    { length: size },
    (_, i) => places.reduce((sum, n) => sum + values[n * size + i], 0) / places.length,
  );
}
