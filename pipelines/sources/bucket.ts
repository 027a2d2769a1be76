/**
 * Small files in a folder of S3: put, asked for, read and removed, each by one request, with its hash beside it.
 *
 * @module
 */
import { sha256Of } from "../base/hash.ts";
import { InputError } from "../base/errors.ts";
import { ask, MACHINE, type RequestSettings, TIMEOUT, TRIES, type WholeAnswer } from "./http_request.ts";
import type { RemoteFolder } from "./remote_folder.ts";
import { Fault } from "./retry.ts";

/** The metadata that says what a file there is. */
const HASH = "x-amz-meta-sha256";

/** Is put there and removed before the work begins, which may be long: it shows that files can be. */
const PROBE = ".strokewise-writes";

/** Bytes of a refusal, at most. */
const MAX_REFUSAL = 4096;

/** How small things are asked for. */
export const requestSettings = (folder: RemoteFolder): RequestSettings => ({
  ...{ signal: new AbortController().signal, timeout: TIMEOUT, tries: TRIES, system: MACHINE },
  headersFor: folder.headersFor,
});

/** A folder of S3. */
export class Bucket {
  /** @param what Begins messages, before the folder's name: what it is for. */
  constructor(readonly remote: RemoteFolder, readonly what: string) {}

  /** @throws {InputError} When no files can be put there. */
  async check(): Promise<void> {
    await this.put(PROBE, new Uint8Array());
    await this.remove(PROBE);
  }

  /** Puts a file there, in place of one that is. */
  async put(name: string, body: Uint8Array<ArrayBuffer>): Promise<void> {
    const sha256 = sha256Of(body);
    await this.#ask("PUT", name, [200, 201, 204], { body, sha256 });
  }

  /** Whether a file is there that was put there with a hash. */
  async has(name: string, sha256: string): Promise<boolean> {
    const { status, headers } = await this.#ask("HEAD", name, [200, 404]);
    return status === 200 && headers.get(HASH) === sha256;
  }

  /**
   * The bytes of a file; undefined where there is none.
   *
   * @param most Bytes, and a few more: an answer may be a refusal in words.
   */
  async read(name: string, most: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { status, bytes } = await this.#ask("GET", name, [200, 404], { most: most + MAX_REFUSAL });
    return status === 200 ? bytes : undefined;
  }

  /** Removes a file, where it is there. */
  async remove(name: string): Promise<void> {
    await this.#ask("DELETE", name, [200, 204, 404]);
  }

  async #ask(
    method: string,
    name: string,
    expected: readonly number[],
    { body, sha256, most }: {
      readonly body?: Uint8Array<ArrayBuffer>;
      readonly sha256?: string;
      readonly most?: number;
    } = {},
  ): Promise<WholeAnswer> {
    const { remote, what } = this;
    try {
      const head = { url: remote.urlOf(name), method, ...(sha256 ? { sha256, metadata: { [HASH]: sha256 } } : {}) };
      const how = { expected, ...(body ? { body } : {}), ...(most === undefined ? {} : { most }) };
      return await ask(head, how, requestSettings(remote));
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const hint = /\b40[13]\b/.test(error.message)
        ? "; AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION say who may write there"
        : "";
      throw new InputError(`${what} ${remote.shown}: ${method} ${name}: ${error.message}${hint}`);
    }
  }
}
