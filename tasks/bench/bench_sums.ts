/**
 * The training step of the report's two networks that do sums, at its batch of 10.
 *
 * @module
 */
import { seq2seq } from "../../models/zoo/seq2seq/seq2seq.ts";
import { SEQ2SEQ_PRESETS } from "../../models/zoo/seq2seq/seq2seq_options.ts";
import { QUERY_FIELDS } from "../../models/zoo/sequences/query_reader.ts";
import { elementCount, type FieldArray, type NdArray } from "../../pipelines/base/arrays.ts";
import { defaultsOf } from "../../pipelines/base/option_table.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import { arithmetic } from "../../pipelines/datasets/arithmetic/arithmetic.ts";
import type { DataDescription } from "../../pipelines/dataset.ts";
import type { Subject } from "./subject.ts";

const SUMS: DataDescription = { fields: arithmetic.fields(defaultsOf(arithmetic.options)), classes: ["minus", "plus"] };

/** Both networks; characters and pixels are random, which changes no time. */
export function sumSubjects(size?: number): Subject[] {
  return Object.entries(SEQ2SEQ_PRESETS).map(([preset, { model: options, loop }]) => {
    const batchSize = size ?? loop.batchSize;
    const prng = new Prng(4);
    const randomOf = (name: string, limit: number): NdArray<"uint8"> => {
      const shape = [batchSize, ...SUMS.fields[name].shape];
      return {
        dtype: "uint8",
        shape,
        data: Uint8Array.from({ length: elementCount(shape) }, () => prng.integer(limit)),
      };
    };
    const query = QUERY_FIELDS[options.input];
    const characters = SUMS.fields.answer.max! + 1;
    const fields = {
      [query]: randomOf(query, options.input === "text" ? characters : 256),
      answer: randomOf("answer", characters),
      label: randomOf("label", SUMS.classes.length),
    };
    const name = `${seq2seq.name}, ${preset}, batch ${batchSize}`;
    const batch = {
      size: batchSize,
      fields: Object.fromEntries(
        Object.entries(fields).map(([field, { data }]): [string, FieldArray] => [field, data]),
      ),
    };
    return {
      ...{ name, model: seq2seq, options, data: SUMS, batch, whole: true },
      peer: {
        name,
        model: seq2seq.name,
        classes: SUMS.classes.length,
        fields,
        options: { ...options, query, characters },
      },
    };
  });
}
