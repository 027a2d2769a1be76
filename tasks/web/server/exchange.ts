/**
 * What is asked of the server and what it answers, as plain data.
 *
 * @module
 */

/** A request. */
export interface Asked {
  readonly method: string;
  /** As it was sent: a path with its query, or whatever else a client writes there. */
  readonly target: string;
  /** Several of one name are one, with commas between them. */
  readonly headers: Headers;
  /** The address of the client. */
  readonly address: string;
  readonly body: AsyncIterable<Uint8Array>;
}

/** An answer. */
export interface Answer {
  readonly status: number;
  /** By names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
  /** A body that goes on: sent as it comes, until it ends, or the client goes and it is told to `return`. */
  readonly stream?: AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/** Answers a request. */
export type Handler = (asked: Asked) => Promise<Answer>;

/** An answer of a line of text. */
export function plainAnswer(status: number, text: string, headers: Answer["headers"] = {}): Answer {
  const body = new TextEncoder().encode(`${text}\n`);
  return { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers }, body };
}

/** An answer for a script. */
export function jsonAnswer(
  status: number,
  content: Readonly<Record<string, string>>,
  headers: Answer["headers"] = {},
): Answer {
  const body = new TextEncoder().encode(JSON.stringify(content));
  return { status, headers: { "content-type": "application/json; charset=utf-8", ...headers }, body };
}
