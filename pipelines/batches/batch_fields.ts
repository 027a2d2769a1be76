/**
 * The fields of a batch by name, and of data what a model must know of a field. Browser safe.
 *
 * @module
 */
import type { FieldArray } from "../base/arrays.ts";
import type { OptionValue } from "../base/option_table.ts";
import { type Batch, type DataDescription, pictureForm } from "../dataset.ts";
import { type Overflow, RASTER_DEFAULTS, type RasterOptions } from "../strokes/rasterize.ts";

/**
 * A field of a batch.
 *
 * @throws {TypeError} If the batch does not have it.
 */
export function fieldOf(batch: Batch, name: string): Exclude<FieldArray, BigUint64Array | BigInt64Array> {
  const values = batch.fields[name];
  if (values === undefined) {
    throw new TypeError(`The model needs the field "${name}"; the batch has ${Object.keys(batch.fields).join(", ")}`);
  }
  if (values instanceof BigUint64Array || values instanceof BigInt64Array) {
    throw new TypeError(`The model needs numbers in the field "${name}", found 64-bit integers`);
  }
  return values;
}

/**
 * The side of a field that is a square map or picture, [S, S].
 *
 * @throws {RangeError} When its shape is another.
 */
export function sideOf({ fields }: DataDescription, name: string): number {
  const { shape } = fields[name];
  if (shape.length === 2 && shape[0] === shape[1] && shape[0] > 0) return shape[0];
  throw new RangeError(`field ${name} is [${shape}], expected a square, [S, S]`);
}

/** The size of a square picture. */
export interface ImageSize {
  /** S, cells a side. */
  readonly side: number;
  /** C: 1 of grey pictures, 3 of those in red, green and blue. */
  readonly channels: 1 | 3;
}

/**
 * The shape of a field of pictures of a size: [S, S] or [S, S, 3].
 *
 * @example
 * ```ts
 * import { imageShape } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(imageShape({ side: 64, channels: 3 }), [64, 64, 3]);
 * assertEquals(imageShape({ side: 28, channels: 1 }), [28, 28]);
 * ```
 */
export function imageShape({ side, channels }: ImageSize): readonly number[] {
  return channels === 1 ? [side, side] : [side, side, channels];
}

/**
 * The side and the channels of a field that is a square picture, grey or in red, green and blue: uint8 [S, S] or [S, S, 3].
 *
 * @throws {RangeError} When it is of another dtype or shape.
 *
 * @example
 * ```ts
 * import { imageSizeOf } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const data = { fields: { image: { dtype: "uint8", shape: [64, 64, 3] } }, classes: ["face"] } as const;
 * assertEquals(imageSizeOf(data, "image"), { side: 64, channels: 3 });
 * ```
 */
export function imageSizeOf({ fields }: DataDescription, name: string): ImageSize {
  const form = pictureForm(fields[name]);
  if (form?.count === 1) return { side: form.side, channels: form.colour ? 3 : 1 };
  const { dtype, shape } = fields[name];
  throw new RangeError(`field ${name} is ${dtype} [${shape}], expected a square picture, uint8 [S, S] or [S, S, 3]`);
}

/**
 * The height and width of a field that is a grey picture, uint8 [H, W].
 *
 * @throws {RangeError} When it is of another dtype or shape.
 */
export function greyShapeOf({ fields }: DataDescription, name: string): readonly [height: number, width: number] {
  const { dtype, shape: [height, width, ...more] } = fields[name];
  if (dtype === "uint8" && height > 0 && width > 0 && more.length === 0) return [height, width];
  throw new RangeError(`field ${name} is ${dtype} [${fields[name].shape}], expected a grey picture, uint8 [H, W]`);
}

/**
 * The largest value that a field can hold.
 *
 * @throws {RangeError} When the data does not say.
 */
export function maximumOf({ fields }: DataDescription, name: string): number {
  const { max } = fields[name];
  if (max === undefined) throw new RangeError(`field ${name} does not say its largest value`);
  return max;
}

/** What is done with further strokes, of data that says so by an option of that name. */
export function overflowOf(options: Readonly<Record<string, OptionValue>> = {}): Overflow | undefined {
  return (["truncate", "merge", "drop"] as const).find((overflow) => overflow === options.overflow);
}

/**
 * How the drawings of data were made into stroke-index maps: size and number of frames as the field says; what was done
 * with further strokes as an option says, {@linkcode RASTER_DEFAULTS} where none does.
 *
 * @throws {RangeError} When `stroke_index` is no square, or does not say its largest value.
 */
export function rasterOf(
  data: DataDescription & { readonly options?: Readonly<Record<string, OptionValue>> },
): RasterOptions {
  return {
    size: sideOf(data, "stroke_index"),
    maxStrokes: maximumOf(data, "stroke_index"),
    overflow: overflowOf(data.options) ?? RASTER_DEFAULTS.overflow,
  };
}
