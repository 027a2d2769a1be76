/**
 * A run's event files, which TensorBoard shows. Each time that a run goes on it begins a new one, behind the others by
 * name; what the others say of steps that are taken again is cut off. So every step is there once, for a reader that looks
 * at the files, and for a TensorBoard that has read them already: the new file tells it.
 *
 * @module
 */
import { concatBytes } from "../../../pipelines/base/bytes.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { exists, writeAll } from "../../../pipelines/base/files.ts";
import type { Message } from "../protobuf.ts";
import { type EventPlace, readEventHead, startEvent, summaryEvent, versionEvent } from "./event.ts";
import { encodeRecord, readRecords } from "./records.ts";

/** Readers sort the files of a run by name and take all that have tfevents in it. */
const NAME = /^events\.out\.tfevents\.(\d{10})\.strokewise$/;

/** The name of a file that was begun at a time, in seconds since 1970. */
export const eventFileAt = (seconds: number): string =>
  `events.out.tfevents.${`${seconds}`.padStart(10, "0")}.strokewise`;

/** Whether a file of a run's folder is one of these, by its name. */
export function isEventFile(name: string): boolean {
  return NAME.test(name);
}

/** The names of a folder's event files, in the order in which they are read. */
export async function eventFilesIn(folder: string): Promise<string[]> {
  const names = await Array.fromAsync(Deno.readDir(folder), ({ name, isFile }) => isFile ? name : "");
  return names.filter(isEventFile).sort();
}

/**
 * Forgets what was written of a run after a step, and what a kill left half written: a run that resumes there writes it
 * again. A file in which nothing is left is removed.
 *
 * @throws {InputError} When a file is not what was written.
 */
export async function rewindEvents(folder: string, step: number): Promise<void> {
  for (const name of await eventFilesIn(folder)) {
    const path = `${folder}/${name}`;
    const bytes = await Deno.readFile(path);
    const { end, hasValues } = endBefore(path, bytes, step);
    if (!hasValues) await Deno.remove(path);
    else if (end < bytes.length) await Deno.truncate(path, end);
  }
}

/** Where the records end that are of no step after this one, and whether values are among them. */
function endBefore(path: string, bytes: Uint8Array, step: number): { end: number; hasValues: boolean } {
  const kept = { end: 0, hasValues: false };
  try {
    for (const { content, end } of readRecords(bytes)) {
      const event = readEventHead(content);
      if (event.step > step) break;
      kept.end = end;
      kept.hasValues ||= event.hasValues;
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new InputError(
      `${path}: ${error.message}; without the file the run goes on, and deno task export --to tfevents makes it anew`,
    );
  }
  return kept;
}

/** Writes events of one run, from now on; the file is begun with the first of them. */
export class EventWriter {
  readonly #folder: string;
  #path: string | undefined;

  /** @param folder The run's, which must exist. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Writes values, all at once. */
  async write(place: EventPlace, values: readonly Message[]): Promise<void> {
    const begin = this.#path !== undefined && await exists(this.#path) ? [] : await this.#begin(place);
    using file = await Deno.open(this.#path!, { append: true, create: true });
    await writeAll(file, concatBytes([...begin, summaryEvent(place, values)].map(encodeRecord)));
  }

  /** The first events of a new file. */
  async #begin(place: EventPlace): Promise<Uint8Array<ArrayBuffer>[]> {
    const last = (await eventFilesIn(this.#folder)).at(-1);
    const now = Math.floor(Date.now() / 1000);
    const seconds = last === undefined ? now : Math.max(now, Number(NAME.exec(last)![1]) + 1);
    this.#path ??= `${this.#folder}/${eventFileAt(seconds)}`;
    return [versionEvent(place.time), startEvent(place)];
  }
}

/** All of a run's events as one file. */
export function encodeEventFile(
  events: readonly { readonly place: EventPlace; readonly values: readonly Message[] }[],
): Uint8Array<ArrayBuffer> {
  const time = events[0]?.place.time ?? 0;
  return concatBytes(
    [versionEvent(time), ...events.map(({ place, values }) => summaryEvent(place, values))].map(encodeRecord),
  );
}
