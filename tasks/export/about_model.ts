/**
 * What a file for another program says of the model in it: texts by name, the same in every format.
 *
 * @module
 */
import { fieldsRead } from "../../models/model_spec.ts";
import { overflowOf, rasterOf } from "../../pipelines/batches/batch_fields.ts";
import type { TrainedData } from "../../models/zoo/trained_model.ts";
import { VERSION } from "../runs/provenance.ts";
import type { SavedModel } from "../runs/saved_model.ts";

/** Who writes files, as they say it. */
export const PRODUCER = "strokewise";

/**
 * Describes a model.
 *
 * @param license That of its weights; nothing is said of it when empty.
 * @returns `classes`, `preprocessing` and `options` are JSON.
 */
export function aboutModel({ spec, state }: SavedModel, license: string): Record<string, string> {
  const { data, settings: { modelOptions }, position } = state;
  const fields = fieldsRead(spec, modelOptions, data);
  return {
    producer: `${PRODUCER} ${VERSION}`,
    producer_license: "Apache-2.0",
    ...(license === "" ? {} : { license }),
    model: spec.name,
    summary: spec.summary,
    ...(data.dataset === undefined ? {} : { dataset: data.dataset }),
    classes: JSON.stringify(data.classes),
    preprocessing: JSON.stringify(Object.fromEntries(
      fields.filter((name) => Object.hasOwn(PREPROCESSING, name)).map((name) => [name, PREPROCESSING[name](data)]),
    )),
    options: JSON.stringify(modelOptions),
    steps: String(position.step),
  };
}

/** What was done to an example before a model saw it, by the field that it became. */
const PREPROCESSING: Readonly<Record<string, (data: TrainedData) => Readonly<Record<string, unknown>>>> = {
  stroke_index(data) {
    const { size, maxStrokes } = rasterOf(data);
    const further = overflowOf(data.options);
    return {
      ...{ canvas: [256, 256], lines: "Bresenham", size: [size, size], cell: `floor(x * ${size} / 256)` },
      ...(256 % size === 0 ? { max_pool: 256 / size } : {}),
      strokes: maxStrokes,
      ...(further === undefined ? {} : { further_strokes: further }),
      range: [0, maxStrokes],
    };
  },
  image: ({ fields: { image }, options = {} }) => ({
    ...{ size: image.shape.slice(0, 2), channels: image.shape[2] ?? 1, range: [0, 255], options },
  }),
  stroke3: ({ statistics }) => ({ offsets_divided_by: statistics?.offsetDeviation ?? 1, order: ["dx", "dy", "pen"] }),
};
