/**
 * One file over HTTP: resumed where it stopped, tried again where that may help, from the next mirror where it does not.
 *
 * Range requests and their answers: RFC 9110, sections 13.1.5, 14 and 15.3.7.
 *
 * @module
 */
import type { CacheRecord, Expected, PartialFile, WholeRecord } from "./cached_file.ts";
import { InputError } from "../base/errors.ts";
import { faultOfStatus, type RequestSettings, waitAfter, Watch } from "./http_request.ts";
import { Fault } from "./retry.ts";

/** How a file is fetched. */
export interface FetchSettings extends RequestSettings {
  /** Is called with each change: bytes that are here, of how many. */
  onBytes(held: number, total: number): void;
}

/** A file to fetch. */
export interface Wanted extends Expected {
  /** For messages. */
  readonly name: string;
  /** Addresses in the order of preference. */
  readonly mirrors: readonly string[];
}

/**
 * Fetches a file into its place in the cache.
 *
 * @returns What is known of it now.
 * @throws {InputError} When no mirror gives it, or it cannot be written; the message says what each mirror did.
 */
export async function fetchFile(file: PartialFile, wanted: Wanted, settings: FetchSettings): Promise<WholeRecord> {
  const begun = file.record?.url;
  const mirrors = wanted.mirrors.toSorted((a, b) => Number(b === begun) - Number(a === begun));
  const faults: string[] = [];
  for (const url of mirrors) {
    try {
      return await fetchFrom(url, file, wanted, settings);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      faults.push(`${url}: ${error.message}`);
    }
  }
  throw new InputError(`download of ${wanted.name}: ${faults.join("; ")}`);
}

/** Tries one address until it gives the file or up. */
async function fetchFrom(
  url: string,
  file: PartialFile,
  wanted: Wanted,
  settings: FetchSettings,
): Promise<WholeRecord> {
  if (file.held > 0 && !isResumable(file, url, wanted)) await file.forget();
  let [failures, farthest] = [0, file.held];
  for (;;) {
    try {
      if (file.record === undefined || file.held < file.record.bytes) await receive(url, file, wanted, settings);
      return await file.finish(wanted);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      if (file.held > farthest) [failures, farthest] = [0, file.held];
      await waitAfter(error, ++failures, settings);
    }
  }
}

/** Whether the rest of what is here can be asked for: it is of this address, and a change there would be noticed. */
function isResumable({ record, held }: PartialFile, url: string, { bytes }: Expected): boolean {
  return record !== undefined && record.url === url && record.etag !== undefined && held <= record.bytes &&
    (bytes === undefined || bytes === record.bytes);
}

/** Makes one request and takes what comes. */
async function receive(url: string, file: PartialFile, wanted: Wanted, settings: FetchSettings): Promise<void> {
  if (!isResumable(file, url, wanted)) await file.forget();
  const resuming = file.held > 0 ? { range: `bytes=${file.held}-`, "if-range": file.record!.etag! } : undefined;
  using watch = new Watch(settings);
  const headers = { "accept-encoding": "identity", ...resuming };
  const response = await watch.send({ url, method: "GET" }, { headers });
  const reader = response.body?.getReader();
  try {
    await takeHead(url, response, { file, wanted, now: settings.system.now() });
    const { bytes } = file.record!;
    settings.onBytes(file.held, bytes);
    while (reader !== undefined) {
      const { done, value } = await watch.over(() => reader.read()).catch((error) => {
        throw error instanceof Fault ? new Fault(`${error.message} at byte ${file.held} of ${bytes}`, error) : error;
      });
      if (done) break;
      if (file.held + value.length > bytes) {
        await file.forget();
        throw new Fault(`more than the ${bytes} bytes that were announced`, { again: true });
      }
      await file.append(value);
      settings.onBytes(file.held, bytes);
    }
    if (file.held < bytes) throw new Fault(`the answer ended at byte ${file.held} of ${bytes}`, { again: true });
  } finally {
    await reader?.cancel().catch(() => {}); // nothing is lost with an answer that is not wanted
  }
}

/** Judges an answer by its head, and makes the file ready for its body. */
async function takeHead(
  url: string,
  response: Response,
  { file, wanted, now }: { file: PartialFile; wanted: Wanted; now: number },
): Promise<void> {
  const { status, headers } = response;
  if (status === 206 && file.held > 0) {
    const [, first, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get("content-range") ?? "") ?? [];
    const etag = validatorOf(headers);
    const { held, record } = file;
    if (Number(first) === held && Number(total) === record!.bytes && (etag === undefined || etag === record!.etag)) {
      return file.resume();
    }
    await file.forget();
    throw new Fault(`the file there changed when ${held} bytes of it were here`, { again: true });
  }
  if (status === 416) await file.forget();
  if (status !== 200) throw await faultOfStatus(response, now);
  const packed = headers.get("content-encoding") ?? "identity";
  const length = headers.get("content-length");
  const total = length === null ? wanted.bytes : Number(length);
  const refuse = (message: string) => new Fault(message, { again: false });
  if (packed !== "identity") throw refuse(`the answer is packed as ${packed}, which was not asked for`);
  if (/^text\/html\b/i.test(headers.get("content-type") ?? "")) throw refuse("the answer is a web page");
  if (total === undefined) throw refuse("the answer does not say how long the file is");
  if (total !== (wanted.bytes ?? total)) throw refuse(`${total} bytes, expected ${wanted.bytes}`);
  if (total === 0 && wanted.bytes !== 0) throw refuse("the file there is empty");
  const [etag, md5] = [validatorOf(headers), md5Of(headers)];
  const record: CacheRecord = {
    ...{ url, bytes: total },
    ...(etag === undefined ? {} : { etag }),
    ...(md5 === undefined ? {} : { md5 }),
  };
  await file.begin(record);
}

/** What says whether the content there is the same: a strong ETag, else when it was last modified. */
function validatorOf(headers: Headers): string | undefined {
  const etag = headers.get("etag");
  return (etag?.startsWith('"') ? etag : undefined) ?? headers.get("last-modified") ?? undefined;
}

/** The MD5 that Google's storage tells, in base64 there: https://cloud.google.com/storage/docs/xml-api/reference-headers */
function md5Of(headers: Headers): string | undefined {
  const [, base64] = /\bmd5=([A-Za-z0-9+/]{22}==)/.exec(headers.get("x-goog-hash") ?? "") ?? [];
  return base64 === undefined ? undefined : Uint8Array.fromBase64(base64).toHex();
}
