/**
 * Pictures of how a model draws again what it sees.
 *
 * B batch, S cells a side, C channels.
 *
 * @module
 */
import type { ImageDrawer } from "../../models/model.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import type { Batch } from "../../pipelines/dataset.ts";
import { encodePng } from "../../pipelines/images/png.ts";
import { type Tile, tilePicture } from "../../pipelines/images/tiles.ts";
import { readDrawn } from "./drawn_images.ts";
import { stepTile } from "./generation_pictures.ts";
import { inPairs } from "./image_studio.ts";

/** Pictures of images drawn again, PNG. */
export interface ReconstructionPictures {
  /** Rows of images of the split as the model sees them, and below each row what the model draws of it. */
  readonly pairs: Uint8Array;
  /** A row an image of the split: the image, then its canvas after some of the steps, with the windows of each. */
  readonly steps: Uint8Array;
  /** The steps that `steps` shows, 1-based. */
  readonly shownSteps: readonly number[];
  /** How many steps there are. */
  readonly totalSteps: number;
  /** Whose windows it shows. */
  readonly windows: readonly ("read" | "write")[];
}

const PAIRS = { rows: 4, columns: 8 };
const SHOWN_ROWS = 6;
const MOST_STEPS = 12;

/** Pictures of the first images of a batch; undefined for a model that cannot draw them again. */
export async function reconstructionPictures(
  drawer: ImageDrawer,
  batch: Batch,
  seed: number,
): Promise<ReconstructionPictures | undefined> {
  // Both begin with the same generator, so images that are binarized at random are the same in both.
  const pass = () => ({ prng: new Prng(seed, 2), training: undefined, firstExample: 0 });
  const again = drawer.reconstruct?.(batch, pass(), { spread: 0 });
  if (again === undefined) return undefined;
  again.latents.dispose();
  const drawn = await readDrawn(again.images);
  const seen = drawer.see(batch, pass());
  const images = await seen.data<"float32">(); // [B, S, S, C]
  seen.dispose();
  const [steps] = drawer.latentShape;
  const { side } = drawn;
  const values = images.length / batch.size;
  const original = (i: number): Tile => ({ cells: images.subarray(i * values, (i + 1) * values) });

  const last = (i: number): Tile => ({ cells: stepTile(drawn, steps - 1, i).cells });
  const place = Array.from({ length: batch.size }, (_, i) => i);
  const shown = place.slice(0, PAIRS.rows * PAIRS.columns);
  const columns = Math.min(PAIRS.columns, shown.length);
  const shownSteps = spread(steps, MOST_STEPS);
  const rows = place.slice(0, SHOWN_ROWS).flatMap((i) => [
    original(i),
    ...shownSteps.map((step) => stepTile(drawn, step - 1, i)),
  ]);
  const png = (tiles: readonly Tile[], columns: number, scale: number) =>
    encodePng(tilePicture(tiles, { side, columns, scale }));
  return {
    pairs: png(inPairs(shown.map(original), shown.map(last), columns), columns, 2),
    steps: png(rows, shownSteps.length + 1, 3),
    shownSteps,
    totalSteps: steps,
    windows: [...(drawn.reads ? ["read" as const] : []), ...(drawn.writes ? ["write" as const] : [])],
  };
}

/** Up to `most` of the numbers 1 to `total`, evenly, the first and the last among them. */
function spread(total: number, most: number): number[] {
  const count = Math.min(total, most);
  return Array.from({ length: count }, (_, i) => count === 1 ? total : 1 + Math.round(i * (total - 1) / (count - 1)));
}
