/**
 * TensorBoard's events, as bytes: at a step of a run some values, each under a tag. The numbers of the fields are those of
 * event.proto, summary.proto and tensor.proto: https://github.com/tensorflow/tensorboard/tree/master/tensorboard/compat/proto
 *
 * @module
 */
import { concatBytes } from "../../../pipelines/base/bytes.ts";
import { readPngHeader } from "../../../pipelines/images/png_header.ts";
import type { Histogram } from "./histogram.ts";
import { bytesField, doubleField, doublesField, fieldsOf, floatField, wholeField } from "./protobuf.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Where an event belongs. */
export interface EventPlace {
  /** Optimizer steps taken. */
  readonly step: number;
  /** The time of day, in seconds since 1970. */
  readonly time: number;
}

/** The fields of Event. */
const EVENT = { time: 1, step: 2, version: 3, summary: 5, session: 7 } as const;
/** The fields of Summary.Value. */
const VALUE = { tag: 1, number: 2, image: 4, histogram: 5, tensor: 8, metadata: 9 } as const;
/** TensorProto's type of texts, and SessionLog's status of a start. */
const [TEXTS, START] = [7, 1];
/** What an image's pixels are, by what its PNG says: grey, with transparency, colours, those with transparency. */
const COLOURS = { grey: 1, "grey and alpha": 2, RGB: 3, palette: 3, "RGB and alpha": 4 } as const;

function event({ step, time }: EventPlace, what: Bytes): Bytes {
  const steps = step === 0 ? [] : [wholeField(EVENT.step, step)]; // a field that is 0 is left out
  return concatBytes([doubleField(EVENT.time, time), ...steps, what]);
}

/** The event that each file begins with. */
export function versionEvent(time: number): Bytes {
  return event({ step: 0, time }, bytesField(EVENT.version, "brain.Event:2"));
}

/** An event that says that a run goes on: what earlier files say of its step and those after it is not valid. */
export function startEvent(place: EventPlace): Bytes {
  return event(place, bytesField(EVENT.session, wholeField(1, START)));
}

/** An event of values. */
export function summaryEvent(place: EventPlace, values: readonly Bytes[]): Bytes {
  return event(place, bytesField(EVENT.summary, concatBytes(values.map((value) => bytesField(1, value)))));
}

function tagged(tag: string, ...parts: readonly Bytes[]): Bytes {
  return concatBytes([bytesField(VALUE.tag, tag), ...parts]);
}

/** A number, which is kept as float32. */
export function scalarValue(tag: string, value: number): Bytes {
  return tagged(tag, floatField(VALUE.number, value));
}

/** A histogram. */
export function histogramValue(tag: string, histogram: Histogram): Bytes {
  const { min, max, count, sum, sumOfSquares, limits, counts } = histogram;
  const numbers = [min, max, count, sum, sumOfSquares].map((value, i) => doubleField(i + 1, value));
  return tagged(
    tag,
    bytesField(VALUE.histogram, concatBytes([...numbers, doublesField(6, limits), doublesField(7, counts)])),
  );
}

/** A picture, a PNG file. */
export function pictureValue(tag: string, png: Uint8Array): Bytes {
  const { width, height, colour } = readPngHeader(png);
  const numbers = [height, width, COLOURS[colour]].map((value, i) => wholeField(i + 1, value));
  return tagged(tag, bytesField(VALUE.image, concatBytes([...numbers, bytesField(4, png)])));
}

/** A text in Markdown, for TensorBoard's page of texts. */
export function textValue(tag: string, markdown: string): Bytes {
  const shape = bytesField(2, bytesField(2, wholeField(1, 1))); // [1]
  const tensor = concatBytes([wholeField(1, TEXTS), shape, bytesField(8, markdown)]);
  const metadata = bytesField(1, bytesField(1, "text")); // the plugin's name
  return tagged(tag, bytesField(VALUE.tensor, tensor), bytesField(VALUE.metadata, metadata));
}

/** What of an event says whether it stays. */
export interface EventHead {
  readonly step: number;
  /** Whether it has values. */
  readonly hasValues: boolean;
}

/**
 * Reads where an event belongs.
 *
 * @throws {SyntaxError} When it is none.
 */
export function readEventHead(bytes: Uint8Array): EventHead {
  let [step, hasValues] = [0, false];
  for (const { field, whole } of fieldsOf(bytes)) {
    if (field === EVENT.step) step = whole ?? 0;
    if (field === EVENT.summary) hasValues = true;
  }
  return { step, hasValues };
}
