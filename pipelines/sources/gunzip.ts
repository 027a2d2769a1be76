/**
 * Bytes gunzipped as they come, up to the last good one where they are cut or broken.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createGunzip } from "node:zlib";
import { Reject } from "../base/errors.ts";

/**
 * Passes bytes on, gunzipped when the first two are gzip's magic bytes.
 *
 * @param stored Bytes in pieces of any size.
 * @param again The stored bytes once more, for the last good ones before a damage; none where they come only once.
 * @returns The bytes up to the damage, where there is one.
 * @throws {Reject} `truncated gzip` or `broken gzip`.
 */
export async function* gunzipped(
  stored: AsyncGenerator<Uint8Array>,
  again?: () => AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let head = new Uint8Array(0);
  while (head.length < 2) {
    const { done, value } = await stored.next();
    if (done) break;
    head = Buffer.concat([head, value]);
  }
  if (head[0] === 0x1f && head[1] === 0x8b) {
    yield* gunzip(prepend(head, stored), again);
  } else {
    yield* prepend(head, stored);
  }
}

async function* prepend(head: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (head.length > 0) yield head;
    yield* rest;
  } finally {
    await rest.return(undefined); // closes the file for a reader that stops at the head
  }
}

/**
 * Gunzips a stream, members one after another. node:zlib and not DecompressionStream: that one refuses a second member,
 * and tells a truncated stream from a corrupt one only by its checksum.
 */
async function* gunzip(
  stored: AsyncIterable<Uint8Array>,
  again?: () => AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const inflater = new Inflater();
  let [written, given] = [0, 0];
  for await (const bytes of stored) {
    for (const ready of await inflater.write(bytes)) {
      given += ready.length;
      yield ready;
    }
    if (inflater.failure !== undefined) break;
    written += bytes.length;
  }
  const isBroken = inflater.failure !== undefined;
  for (const ready of await inflater.end()) {
    given += ready.length;
    yield ready;
  }
  if (isBroken && again !== undefined) yield* lastGood(again(), written, given);
  if (inflater.failure !== undefined) {
    const { message } = inflater.failure;
    throw /unexpected end/.test(message)
      ? new Reject("truncated gzip", "the data ends too soon")
      : new Reject("broken gzip", message);
  }
}

/** zlib throws away what the bytes before a damage gave with the same write: so they are written one by one. */
async function* lastGood(stored: AsyncGenerator<Uint8Array>, written: number, given: number) {
  const inflater = new Inflater();
  let at = 0;
  for await (const bytes of stored) {
    const whole = Math.min(bytes.length, Math.max(0, written - at));
    at += bytes.length;
    for (let from = 0; from < bytes.length && inflater.failure === undefined;) {
      const to = from < whole ? whole : from + 1;
      for (const ready of await inflater.write(bytes.subarray(from, to))) {
        const skipped = Math.min(given, ready.length);
        given -= skipped;
        if (skipped < ready.length) yield ready.subarray(skipped);
      }
      from = to;
    }
    if (inflater.failure !== undefined) break;
  }
  await inflater.end();
}

/** Inflates what is written to it, until that fails. */
class Inflater {
  failure: Error | undefined;
  readonly #inflate = createGunzip({ chunkSize: 2 ** 18 });
  #inflated: Uint8Array[] = [];
  readonly #failed: Promise<void>;
  readonly #ended: Promise<void>;

  constructor() {
    this.#inflate.on("data", (bytes: Uint8Array) => this.#inflated.push(bytes));
    this.#failed = new Promise((resolve) => {
      this.#inflate.on("error", (error: Error) => {
        this.failure = error;
        resolve();
      });
    });
    this.#ended = new Promise((resolve) => this.#inflate.on("end", resolve));
  }

  /** What came out meanwhile. */
  async write(bytes: Uint8Array): Promise<Uint8Array[]> {
    const written = new Promise<void>((resolve) => this.#inflate.write(bytes, () => resolve()));
    await Promise.race([written, this.#failed]);
    return this.#taken();
  }

  async end(): Promise<Uint8Array[]> {
    this.#inflate.end();
    await Promise.race([this.#ended, this.#failed]);
    return this.#taken();
  }

  #taken(): Uint8Array[] {
    const ready = this.#inflated;
    this.#inflated = [];
    return ready;
  }
}
