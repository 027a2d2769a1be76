/**
 * What an augmentation is: how training drawings are changed, anew in every epoch, before they are rasterized, and images.
 * Browser safe.
 *
 * @module
 */
import type { OptionTable, OptionValues } from "../base/option_table.ts";
import type { Prng } from "../base/prng.ts";
import type { Spec, SpecShape } from "../base/spec_module.ts";
import type { SquareImage } from "../images/augment_image.ts";
import type { Drawing } from "./stroke.ts";

/** A way to change images. */
export interface ImageAugmentation<T extends OptionTable = OptionTable> {
  /** Those of the augmentation's options that concern images. */
  readonly options: readonly (keyof T & string)[];
  /** Whether these options change anything. */
  changes(options: OptionValues<T>): boolean;
  /**
   * Changes an image.
   *
   * @param image Is not written to.
   * @param prng Draws what is random; seeded by the run's seed, the epoch and the example's place.
   * @returns Its pixels, uint8, of the same shape.
   */
  apply(image: SquareImage, options: OptionValues<T>, prng: Prng): Uint8Array<ArrayBuffer>;
}

/** A way to change drawings. It works on the vectors; a turned line is as thin and as whole as a drawn one. */
export interface Augmentation<T extends OptionTable = OptionTable> extends Spec {
  /** One sentence. */
  readonly summary: string;
  /** Its options; with the defaults it changes nothing. */
  readonly options: T;
  /**
   * Checks what the option table cannot say.
   *
   * @throws {RangeError} When options do not go together.
   */
  check?(options: OptionValues<T>): void;
  /** Whether these options change anything. */
  changes(options: OptionValues<T>): boolean;
  /**
   * Changes a drawing.
   *
   * @param drawing Whole coordinates, 0..255, one point or more.
   * @param prng Draws what is random; seeded by the run's seed, the epoch and the drawing's place.
   * @returns Whole coordinates, 0..255, one point or more.
   */
  apply(drawing: Drawing, options: OptionValues<T>, prng: Prng): Drawing;
  /** Those of its options that concern drawings; all when left out. */
  readonly drawingOptions?: readonly (keyof T & string)[];
  /** How it changes images; it changes none when left out. */
  readonly images?: ImageAugmentation<T>;
}

/** What a user's own augmentation must have. */
export const AUGMENTATION_SHAPE: SpecShape = {
  ...{ summary: "string", options: "object", changes: "function", apply: "function" },
};
