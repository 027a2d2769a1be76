/**
 * TensorBoard's events, as bytes: at a step of a run some values, each under a tag. The numbers of the fields are those of
 * event.proto, summary.proto and tensor.proto: https://github.com/tensorflow/tensorboard/tree/master/tensorboard/compat/proto
 *
 * @module
 */
import { readPngHeader } from "../../../pipelines/images/png_header.ts";
import type { Histogram } from "./histogram.ts";
import { fieldsOf, Message } from "../protobuf.ts";

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

function event({ step, time }: EventPlace): Message {
  const message = new Message().double(EVENT.time, time);
  return step === 0 ? message : message.int(EVENT.step, step); // a field that is 0 is left out
}

/** The event that each file begins with. */
export function versionEvent(time: number): Bytes {
  return event({ step: 0, time }).text(EVENT.version, "brain.Event:2").toBytes();
}

/** An event that says that a run goes on: what earlier files say of its step and those after it is not valid. */
export function startEvent(place: EventPlace): Bytes {
  return event(place).message(EVENT.session, new Message().int(1, START)).toBytes();
}

/** An event of values. */
export function summaryEvent(place: EventPlace, values: readonly Message[]): Bytes {
  return event(place).message(EVENT.summary, new Message().messages(1, values)).toBytes();
}

const tagged = (tag: string): Message => new Message().text(VALUE.tag, tag);

/** A number, which is kept as float32. */
export function scalarValue(tag: string, value: number): Message {
  return tagged(tag).float(VALUE.number, value);
}

/** A histogram. */
export function histogramValue(tag: string, histogram: Histogram): Message {
  const { min, max, count, sum, sumOfSquares, limits, counts } = histogram;
  const proto = new Message();
  for (const [i, value] of [min, max, count, sum, sumOfSquares].entries()) proto.double(i + 1, value);
  return tagged(tag).message(VALUE.histogram, proto.doubles(6, limits).doubles(7, counts));
}

/** A picture, a PNG file. */
export function pictureValue(tag: string, png: Uint8Array): Message {
  const { width, height, colour } = readPngHeader(png);
  const image = new Message().int(1, height).int(2, width).int(3, COLOURS[colour]).bytes(4, png);
  return tagged(tag).message(VALUE.image, image);
}

/** A text in Markdown, for TensorBoard's page of texts. */
export function textValue(tag: string, markdown: string): Message {
  const shape = new Message().message(2, new Message().int(1, 1)); // [1]
  const tensor = new Message().int(1, TEXTS).message(2, shape).text(8, markdown);
  const metadata = new Message().message(1, new Message().text(1, "text")); // the plugin's name
  return tagged(tag).message(VALUE.tensor, tensor).message(VALUE.metadata, metadata);
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
