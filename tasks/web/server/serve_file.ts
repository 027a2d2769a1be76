/**
 * Answers with a file of the site: compressed where the client takes it, and not at all where it has it.
 *
 * @module
 */
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Answer, Asked } from "./exchange.ts";
import { sha256Of } from "../../../pipelines/base/hash.ts";
import type { SiteEntry } from "../site/site.ts";

/** In order of preference; browsers take `br` from this machine and by https alone. */
const ENCODERS = {
  br: (bytes: Uint8Array) =>
    promisify(brotliCompress)(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }),
  gzip: (bytes: Uint8Array) => promisify(gzip)(bytes, { level: 9 }),
};

type Encoding = keyof typeof ENCODERS;

/** Numbers at random are not made smaller. */
const COMPRESSED = /^text\/|^application\/(json|wasm|manifest\+json)|^image\/svg/;
/** Bytes; less is not worth it. */
const WORTHWHILE = 1000;

/** The encoding that a client takes, of those there are. */
function encodingFor(accepted: string | null): Encoding | undefined {
  const qualities = new Map(
    (accepted ?? "").split(",").map((part) => {
      const [name, ...parameters] = part.trim().toLowerCase().split(/\s*;\s*/);
      const quality = parameters.find((parameter) => parameter.startsWith("q="));
      return [name, quality === undefined ? 1 : Number(quality.slice(2))];
    }),
  );
  return (Object.keys(ENCODERS) as Encoding[]).find((name) => (qualities.get(name) ?? qualities.get("*") ?? 0) > 0);
}

/** Whether the client has what bears a tag. */
function hasIt(ifNoneMatch: string | null, tag: string): boolean {
  return (ifNoneMatch ?? "").split(",").map((part) => part.trim().replace(/^W\//, "")).some((part) =>
    part === "*" || part === tag
  );
}

/** A file that is served; what it is compressed to is kept. */
export class ServedFile {
  readonly #entry: SiteEntry;
  readonly #tag: string;
  readonly #encoded = new Map<Encoding, Promise<Uint8Array<ArrayBuffer>>>();

  constructor(entry: SiteEntry) {
    this.#entry = entry;
    this.#tag = sha256Of(entry.bytes).slice(0, 32);
  }

  /** The answer to a GET or HEAD. */
  async answer({ method, headers }: Pick<Asked, "method" | "headers">): Promise<Answer> {
    const { bytes, type, isImmutable } = this.#entry;
    const isSmaller = COMPRESSED.test(type) && bytes.length >= WORTHWHILE;
    const encoding = isSmaller ? encodingFor(headers.get("accept-encoding")) : undefined;
    const tag = `"${this.#tag}${encoding ? `-${encoding}` : ""}"`;
    const about = {
      etag: tag,
      "cache-control": isImmutable ? "public, max-age=31536000, immutable, no-transform" : "no-cache, no-transform",
      ...(isSmaller ? { vary: "accept-encoding" } : {}),
    };
    if (hasIt(headers.get("if-none-match"), tag)) return { status: 304, headers: about };
    const body = encoding === undefined ? bytes : await this.#encode(encoding);
    return {
      status: 200,
      headers: {
        ...about,
        "content-type": type,
        "content-length": String(body.length),
        ...(encoding ? { "content-encoding": encoding } : {}),
      },
      ...(method === "HEAD" ? {} : { body }),
    };
  }

  #encode(encoding: Encoding): Promise<Uint8Array<ArrayBuffer>> {
    const known = this.#encoded.get(encoding);
    if (known) return known;
    const encoded = ENCODERS[encoding](this.#entry.bytes).then((buffer) => new Uint8Array(buffer));
    this.#encoded.set(encoding, encoded);
    return encoded;
  }
}
