/**
 * Grey pictures as the strokes that a hand may have drawn them with: fields of shards, beside the pictures.
 *
 * @module
 */
import type { Fields, NdArray } from "../base/arrays.ts";
import type { OptionTable, OptionValues } from "../base/option_table.ts";
import type { LabelledRow } from "../dataset.ts";
import { encodeDrawing } from "../strokes/drawing_bytes.ts";
import { fillGrid } from "../strokes/fit_grid.ts";
import { RASTER_DEFAULTS } from "../strokes/rasterize.ts";
import { VECTORIZE_OPTIONS, Vectorizer } from "../strokes/vectorize.ts";
import { type FieldOptions, packDrawings, quickdrawFields } from "./quickdraw/quickdraw_fields.ts";

/** The options of a dataset whose pictures become strokes too. */
export const IMAGE_STROKE_OPTIONS = {
  fields: {
    value: [] as readonly string[],
    choices: ["stroke3", "stroke_index", "stroke_count"],
    help:
      "what is made of each picture's lines and written beside it: offsets of a pen, or its strokes on 64 x 64 cells",
  },
  epsilon: {
    ...VECTORIZE_OPTIONS.epsilon,
    help: `with --fields: ${VECTORIZE_OPTIONS.epsilon.help}`,
  },
} as const satisfies OptionTable;

type Options = OptionValues<typeof IMAGE_STROKE_OPTIONS>;

const drawnBy = ({ fields }: Options): FieldOptions => ({
  ...RASTER_DEFAULTS,
  fields,
  frames: "index",
  renderer: "bresenham",
});

/** Those of some things whose names are asked for. */
function asked<T>(things: Readonly<Record<string, T>>, { fields }: Options): Record<string, T> {
  const entries = Object.entries(things);
  return Object.fromEntries(
    entries.filter(([name]) => fields.some((field) => field === name.replace(/_offsets$/, ""))),
  );
}

/** The fields that are asked for. */
export function strokeFields(options: Options): Fields {
  return asked(quickdrawFields(drawnBy(options)), options);
}

let kept: { readonly side: number; readonly epsilon: number; readonly vectorizer: Vectorizer } | undefined;

/**
 * Makes the fields that are asked for.
 *
 * @param rows Their payloads are pictures, uint8 [side, side], 0 paper and 255 ink.
 */
export function packStrokes(
  rows: readonly LabelledRow[],
  { side, options }: { readonly side: number; readonly options: Options },
): Record<string, NdArray> {
  const { fields, epsilon } = options;
  if (fields.length === 0) return {};
  if (kept?.side !== side || kept.epsilon !== epsilon) {
    kept = { side, epsilon, vectorizer: new Vectorizer({ width: side, height: side }, { epsilon }) };
  }
  const { vectorizer } = kept;
  const drawings = rows.map((row) => ({
    ...row,
    payload: encodeDrawing(fillGrid(vectorizer.vectorize(row.payload))),
  }));
  return asked(packDrawings(drawings, drawnBy(options)), options);
}
