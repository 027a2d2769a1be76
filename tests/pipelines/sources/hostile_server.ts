/** An HTTP server on 127.0.0.1 that can do everything wrong, below the level that Deno.serve would not let it. */
import { writeAll } from "../../../pipelines/base/files.ts";
import type { DownloadSystem } from "../../../pipelines/sources/http_request.ts";

/** Whether a server can be run here. */
export const MAY_SERVE = Deno.permissions.querySync({ name: "net", host: "127.0.0.1" }).state === "granted";

/** What a client asked for. */
export interface Asked {
  readonly path: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What it gets. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: Uint8Array;
  /** Send so many bytes of the body, then close the connection, or with `stall` say no more. */
  readonly cut?: number;
  readonly stall?: boolean;
}

/** A server; it ends when it is disposed of. */
export class HostileServer implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #connections = new Set<Promise<void>>();
  readonly #open = new Set<Deno.Conn>();
  readonly #accepting: Promise<void>;
  /** Every request so far. */
  readonly asked: Asked[] = [];

  /** @param answer Is called for each request; `count` is 1 for the first. */
  constructor(answer: (asked: Asked, count: number) => Answer) {
    this.#accepting = this.#accept(answer);
  }

  /** The address of a path here. */
  url(path: string): string {
    return `http://127.0.0.1:${this.#listener.addr.port}${path}`;
  }

  /** The ranges that were asked for, "" for a whole file. */
  get ranges(): string[] {
    return this.asked.map(({ headers }) => headers.range ?? "");
  }

  async #accept(answer: (asked: Asked, count: number) => Answer): Promise<void> {
    try {
      for await (const connection of this.#listener) {
        this.#open.add(connection);
        const served = this.#serve(connection, answer).catch(() => {}).finally(() => {
          this.#open.delete(connection);
          this.#connections.delete(served);
          connection.close();
        });
        this.#connections.add(served);
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error; // closed
    }
  }

  async #serve(connection: Deno.Conn, answer: (asked: Asked, count: number) => Answer): Promise<void> {
    const [request, ...lines] = (await readHead(connection)).split("\r\n");
    const headers = Object.fromEntries(
      lines.map((line) => line.split(/:\s*/s)).map(([name, ...value]) => [name.toLowerCase(), value.join(":")]),
    );
    const asked = { path: request.split(" ")[1], headers };
    this.asked.push(asked);
    const { status, headers: given = {}, body = new Uint8Array(), cut = body.length, stall } = answer(
      asked,
      this.asked.length,
    );
    const all = { "content-length": body.length, connection: "close", ...given };
    const head = Object.entries(all).filter(([, value]) => value !== "").map(([name, value]) =>
      `${name}: ${value}\r\n`
    );
    await writeAll(connection, new TextEncoder().encode(`HTTP/1.1 ${status} \r\n${head.join("")}\r\n`));
    await writeAll(connection, body.subarray(0, cut));
    if (stall) await connection.read(new Uint8Array(1)); // until the client has enough
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#accepting;
    for (const connection of this.#open) await connection.closeWrite().catch(() => {});
    await Promise.all(this.#connections);
  }
}

async function readHead(connection: Deno.Conn): Promise<string> {
  let head = "";
  const buffer = new Uint8Array(4096);
  while (!head.endsWith("\r\n\r\n")) {
    const read = await connection.read(buffer);
    if (read === null) throw new Error("the client closed the connection");
    head += new TextDecoder().decode(buffer.subarray(0, read));
  }
  return head.trimEnd();
}

/** What a good server answers: the whole, or the range that was asked for where the ETag is still the same. */
export function answerWith(body: Uint8Array, etag: string, { headers }: Asked): Answer {
  const [, from] = /^bytes=(\d+)-$/.exec(headers.range ?? "") ?? [];
  if (from === undefined || headers["if-range"] !== etag) return { status: 200, headers: { etag }, body };
  const range = `bytes ${from}-${body.length - 1}/${body.length}`;
  return { status: 206, headers: { etag, "content-range": range }, body: body.subarray(Number(from)) };
}

/** Bytes that are like no others of another seed. */
export function content(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => Math.imul(i + seed * 7919, 2654435761) >>> 24);
}

/** A clock that is at the end of every wait at once, and a chance that is none. */
export class FakeSystem implements DownloadSystem {
  #time = 0;
  /** Milliseconds, wait by wait. */
  readonly waits: number[] = [];

  now(): number {
    return this.#time;
  }

  random(): number {
    return 0;
  }

  async sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.waits.push(milliseconds);
    this.#time += milliseconds;
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}
