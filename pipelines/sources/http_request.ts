/**
 * One request over HTTP, watched: it ends when nothing comes for too long, and is redirected within its host alone. What
 * goes wrong is a {@linkcode Fault}. Browser safe.
 *
 * @module
 */
import { concatBytes } from "../base/bytes.ts";
import { backoff, Fault, LONGEST_WAIT, parseRetryAfter } from "./retry.ts";

/** Time and chance; a test passes its own. */
export interface DownloadSystem {
  /** Milliseconds since 1970. */
  now(): number;
  /** Waits so many milliseconds; rejects with the signal's reason when that comes first. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** A number from 0 to below 1. */
  random(): number;
}

/** How requests are made. */
export interface RequestSettings {
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Milliseconds after which a server that sends nothing is given up. */
  readonly timeout: number;
  /** Failures in a row, none of them with a byte more than before, after which a server is given up. */
  readonly tries: number;
  /** Time and chance. */
  readonly system: DownloadSystem;
  /** What a request must bear, such as a signature; nothing when left out. */
  readonly headersFor?: ((request: RequestHead) => Promise<Headers>) | undefined;
}

/** What a request asks for. */
export interface RequestHead {
  /** The address. */
  readonly url: string;
  /** `GET`, `HEAD`, `PUT`, … */
  readonly method: string;
  /** SHA-256 of the body in hexadecimal, where there is one. */
  readonly sha256?: string;
  /** Headers that are kept with what is put there; none when left out. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** How something small is asked for. */
export interface AskHow {
  /** The statuses that are answers. */
  readonly expected: readonly number[];
  /** Headers beside those of the settings. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What is sent. */
  readonly body?: Uint8Array<ArrayBuffer>;
  /** Bytes of an answer, at most; {@linkcode MAX_ANSWER} when left out. */
  readonly most?: number;
}

/** The machine's. */
export const MACHINE: DownloadSystem = {
  now: Date.now,
  random: Math.random,
  sleep: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener("abort", stop);
        resolve();
      }, milliseconds);
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });
    }),
};

/** How long a server may be silent, in milliseconds. */
export const TIMEOUT = 30_000;

/** Failures in a row after which a server is given up. */
export const TRIES = 6;

/** Bytes a millisecond below which what is sent counts as stuck. */
const SLOWEST = 50;

const REDIRECTS = [301, 302, 303, 307, 308];
const MOST_REDIRECTS = 5;
/** Bytes of a whole answer that are held, at most: the index of 700,000 shards has as many. */
const MAX_ANSWER = 2 ** 27;
/** Bytes of an error's body that are looked at. */
const MAX_ERROR = 4096;

/** Watches over a request: it ends when nothing comes for too long, or when all is called off. */
export class Watch implements Disposable {
  readonly #settings: RequestSettings;
  readonly #stalled = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** For the request. */
  readonly signal: AbortSignal;

  constructor(settings: RequestSettings) {
    this.#settings = settings;
    this.signal = AbortSignal.any([settings.signal, this.#stalled.signal]);
  }

  /**
   * Does one step with the network; what goes wrong there becomes a {@linkcode Fault}.
   *
   * @param sent Bytes that go out in it: nobody says how far they are.
   */
  async over<T>(step: () => Promise<T>, sent = 0): Promise<T> {
    const { signal, timeout: silence } = this.#settings;
    const timeout = silence + Math.ceil(sent / SLOWEST);
    this.#timer = setTimeout(() => this.#stalled.abort(), timeout);
    try {
      return await step();
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof Fault) throw error;
      const { name, message, cause } = error as Error;
      if (this.#stalled.signal.aborted) throw new Fault(`nothing came for ${timeout / 1000} s`, { again: true });
      if (name === "NotCapable") throw new Fault(message, { again: false });
      const why = (cause instanceof Error ? cause.message : message).replace(/^error sending request.*?\): /, "");
      throw new Fault(`the connection failed: ${why}`, { again: true });
    } finally {
      clearTimeout(this.#timer);
    }
  }

  /**
   * Sends a request, and follows where the same host redirects it to.
   *
   * @param how Headers beside those of the settings, and a body.
   * @returns The answer, of any status but a redirection.
   */
  async send(
    head: RequestHead,
    { headers: more = {}, body }: Pick<AskHow, "headers" | "body"> = {},
  ): Promise<Response> {
    let { url } = head;
    for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
      const headers = await this.#settings.headersFor?.({ ...head, url }) ?? new Headers();
      for (const [name, value] of Object.entries(more)) headers.set(name, value);
      const init: RequestInit = { method: head.method, headers, redirect: "manual", signal: this.signal };
      const response = await this.over(() => fetch(url, body === undefined ? init : { ...init, body }), body?.length);
      const location = response.headers.get("location");
      if (!REDIRECTS.includes(response.status) || location === null) return response;
      await response.body?.cancel().catch(() => {});
      const next = URL.parse(location, url);
      if (next?.host !== new URL(url).host || next.protocol !== new URL(url).protocol) {
        const named = next === null ? "no address" : `${next.protocol}//${next.host}`;
        throw new Fault(
          `the server redirects to ${named}, which nobody named, so it is not asked${regionHint(response)}`,
          {
            again: false,
          },
        );
      }
      url = next.href;
    }
    throw new Fault("the server redirects without end", { again: false });
  }

  /** All that comes of an answer, however long it takes; a {@linkcode Fault} where that is more than it may be. */
  async bytes({ body }: Response, most: number): Promise<Uint8Array<ArrayBuffer>> {
    const reader = body?.getReader();
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    for (;;) {
      const { value } = await this.over(async () => await reader?.read() ?? { value: undefined });
      if (value === undefined) return concatBytes(parts);
      parts.push(value);
      length += value.length;
      if (length > most) {
        await reader?.cancel().catch(() => {});
        throw new Fault(`the answer goes on after ${most} bytes, the most that are read`, { again: false });
      }
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

/** What an answer of a status that was not wanted says; its body is read for the code that S3 gives. */
export async function faultOfStatus(response: Response, now: number): Promise<Fault> {
  const { status, statusText, headers } = response;
  const again = [408, 416, 425, 429].includes(status) || status >= 500;
  const wait = status === 429 || status === 503 ? parseRetryAfter(headers.get("retry-after"), now) : undefined;
  const code = /\bxml\b/.test(headers.get("content-type") ?? "") ? await codeIn(response) : undefined;
  const answer = `${status} ${statusText}`.trim();
  const what = code === undefined ? answer : `${answer}, ${code}`;
  return new Fault(`the server answers ${what}${status < 400 ? regionHint(response) : ""}`, { again, wait });
}

/** What S3 says to who asks in another region than the bucket's. */
function regionHint({ headers }: Response): string {
  const region = headers.get("x-amz-bucket-region");
  return region === null ? "" : `; the bucket is in the region ${region}, which AWS_REGION must say`;
}

async function codeIn({ body }: Response): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const bytes of body ?? []) {
      text += decoder.decode(bytes, { stream: true });
      if (text.length > MAX_ERROR) break;
    }
  } catch {
    // what came of it may do
  }
  return /<Code>([A-Za-z0-9]{1,60})<\/Code>/.exec(text)?.[1];
}

/** Waits before another attempt, or throws what ends them. */
export async function waitAfter(
  fault: Fault,
  failures: number,
  { tries, system, signal }: RequestSettings,
): Promise<void> {
  const times = failures > 1 ? ` (tried ${failures} times)` : "";
  if (!fault.again || failures >= tries) throw new Fault(fault.message + times, { again: false });
  const wait = fault.wait ?? backoff(failures, system.random);
  if (wait > LONGEST_WAIT) {
    throw new Fault(`${fault.message}, to be tried again in ${Math.ceil(wait / 1000)} s`, { again: false });
  }
  await system.sleep(wait, signal);
}

/** A small answer, whole. */
export interface WholeAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The bytes as UTF-8. */
  readonly text: string;
}

/**
 * Asks for something small, again where that may help.
 *
 * @param head What is asked.
 * @param how The statuses that are answers, headers and a body.
 * @throws {Fault} When no such answer comes.
 */
export async function ask(
  head: RequestHead,
  how: AskHow,
  settings: RequestSettings,
): Promise<WholeAnswer> {
  for (let failures = 1;; failures++) {
    try {
      using watch = new Watch(settings);
      const response = await watch.send(head, how);
      const { status, headers } = response;
      if (!how.expected.includes(status)) {
        const fault = await watch.over(() => faultOfStatus(response, settings.system.now()));
        await response.body?.cancel().catch(() => {});
        throw fault;
      }
      const bytes = await watch.bytes(response, how.most ?? MAX_ANSWER);
      return {
        ...{ status, headers, bytes },
        get text() {
          return new TextDecoder().decode(bytes);
        },
      };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      await waitAfter(error, failures, settings);
    }
  }
}
