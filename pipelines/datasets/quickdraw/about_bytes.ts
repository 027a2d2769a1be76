/**
 * What is known of a drawing beside its strokes, its class and its key, as bytes after the strokes in a row's payload:
 * the country's two letters, or 0 twice; whether it was recognized, 0 or 1, or 255; the microseconds since 1970 (int64,
 * little-endian), or numpy's NaT. Browser safe.
 *
 * @module
 */
import { Reject } from "../../base/errors.ts";
import { microsecondsOf, timestampOfMicroseconds } from "../../formats/quickdraw/timestamp.ts";
import type { NdArray } from "../../base/arrays.ts";
import type { DrawingAbout } from "../../formats/quickdraw/drawing_record.ts";

/** Bytes after the strokes. */
export const ABOUT_BYTES = 11;

/** The fields that are made of them. */
export const ABOUT_FIELDS: readonly string[] = ["country", "timestamp", "recognized"];

/** Whether the rows' payloads end with what is known beside the strokes. */
export function wantsAbout({ fields }: { readonly fields: readonly string[] }): boolean {
  return ABOUT_FIELDS.some((name) => fields.includes(name));
}

/** What of {@linkcode DrawingAbout} the bytes hold. */
type About = Pick<DrawingAbout, "countryCode" | "timestamp" | "recognized">;
/** The same, where what is not known may be said to be so. */
type MaybeAbout = { readonly [K in keyof About]: About[K] | undefined };

/** A time that is not known, as numpy's datetime64 has it. */
const NOT_A_TIME = -(2n ** 63n);
/** What a date of JavaScript can be, in microseconds to either side of 1970. */
const MAX_TIME = 8_640_000_000_000_000_000n;
const UNKNOWN = 255;

/**
 * Writes what is known.
 *
 * @param out Has room for {@linkcode ABOUT_BYTES} from `at` on.
 * @throws {Reject} `wrong type`, when the country is not two letters or the timestamp none that can be read.
 */
export function putAbout(
  out: Uint8Array<ArrayBuffer>,
  at: number,
  { countryCode, timestamp, recognized }: MaybeAbout,
): void {
  if (countryCode !== undefined && !/^[A-Za-z]{2}$/.test(countryCode)) {
    throw new Reject("wrong type", `countrycode is ${JSON.stringify(countryCode)}, expected two letters`);
  }
  const time = timestamp === undefined ? NOT_A_TIME : microsecondsOf(timestamp);
  if (time === undefined) {
    const found = JSON.stringify(timestamp).slice(0, 60);
    throw new Reject("wrong type", `timestamp is ${found}, expected one like 2017-01-25 03:11:35.55071 UTC`);
  }
  out[at] = countryCode?.charCodeAt(0) ?? 0;
  out[at + 1] = countryCode?.charCodeAt(1) ?? 0;
  out[at + 2] = recognized === undefined ? UNKNOWN : Number(recognized);
  new DataView(out.buffer).setBigInt64(out.byteOffset + at + 3, time, true);
}

/** What the fields hold of a drawing: country uint8 [2], recognized uint8, timestamp int64. */
export interface AboutValues {
  readonly country: Uint8Array;
  readonly recognized: number;
  readonly timestamp: bigint;
}

/** Reads a payload's last bytes. */
export function aboutValues(payload: Uint8Array<ArrayBuffer>): AboutValues {
  const at = payload.length - ABOUT_BYTES;
  const timestamp = new DataView(payload.buffer, payload.byteOffset).getBigInt64(at + 3, true);
  return { country: payload.subarray(at, at + 2), recognized: payload[at + 2], timestamp };
}

/**
 * What a shard's arrays say of a drawing; what another dataset calls by these names is left alone.
 *
 * @param arrays By field.
 * @param i The drawing's place in them.
 */
export function aboutOf({ country, recognized, timestamp }: Readonly<Record<string, NdArray>>, i: number): About {
  const letters = country?.dtype === "uint8" && country.shape[1] === 2 ? country.data.slice(2 * i, 2 * i + 2) : [0];
  const is = recognized?.dtype === "uint8" ? recognized.data[i] : UNKNOWN;
  const time = timestamp?.dtype === "int64" ? timestamp.data[i] as bigint : NOT_A_TIME;
  return {
    ...(letters[0] === 0 ? {} : { countryCode: String.fromCharCode(...letters as Uint8Array) }),
    ...(is === 0 || is === 1 ? { recognized: is === 1 } : {}),
    ...(time > -MAX_TIME && time < MAX_TIME ? { timestamp: timestampOfMicroseconds(time) } : {}),
  };
}
