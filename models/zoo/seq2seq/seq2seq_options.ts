/**
 * The options of the sequence-to-sequence model, and the report's two networks as settings with a name.
 *
 * @module
 */
import type { OptionValues } from "../../../pipelines/base/option_table.ts";
import { INPUT_OPTIONS } from "../sequences/query_reader.ts";

/** The options of {@linkcode seq2seq}. */
export const SEQ2SEQ_OPTIONS = {
  ...INPUT_OPTIONS,
  cell: { value: "lstm", choices: ["lstm", "gru", "layer-norm-lstm"], help: "the recurrent cell" },
  encoderUnits: {
    value: [256] as readonly number[],
    help: "units of each layer of the encoder, and of each direction, 1 or more each",
    min: 1,
    whole: true,
  },
  decoderUnits: {
    value: [128] as readonly number[],
    help: "units of each layer of the decoder, 1 or more each",
    min: 1,
    whole: true,
  },
  bidirectional: { value: false, help: "a second network of each layer of the encoder reads the other way" },
  attention: { value: false, help: "the decoder looks at all states of the encoder, not at the last one alone" },
  reverseQuery: { value: false, help: "queries are read from their last character to the first" },
  reverseAnswer: { value: false, help: "answers are written from their last character to the first, as by hand" },
  teacherForcing: {
    value: false,
    help: "the decoder is told the character before, the right one in training and its own when it writes",
  },
  dropoutRate: {
    value: 0,
    help:
      "probability of dropping a unit of what a layer hands to the next, but for what the query's last state hands to the " +
      "answer, in training; 0 to 0.95",
    min: 0,
    max: 0.95,
    inTraining: true,
  },
} as const;

/** The values of {@linkcode SEQ2SEQ_OPTIONS}. */
export type Seq2seqOptions = OptionValues<typeof SEQ2SEQ_OPTIONS>;

/** The report's networks and how long they were trained. */
export const SEQ2SEQ_PRESETS = {
  "text-to-text": {
    summary: "the report's network for characters, 475,277 parameters, 5 epochs at batch 10",
    model: { input: "text", encoderUnits: [256], decoderUnits: [128] },
    loop: { epochs: 5, batchSize: 10 },
  },
  "image-to-text": {
    summary: "the report's network for pictures, 3,972,365 parameters, 20 epochs at batch 10",
    model: { input: "pixels", encoderUnits: [512, 256], decoderUnits: [256] },
    loop: { epochs: 20, batchSize: 10 },
  },
} as const;
