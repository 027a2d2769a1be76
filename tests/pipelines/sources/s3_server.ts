/** A server on 127.0.0.1 that answers as S3 does, keeps what it is given in memory, and checks every signature by itself. */
import { createHash, createHmac } from "node:crypto";

/** Whose signatures are good. */
export const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
  AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  AWS_REGION: "eu-west-3",
} as const;

/** A request as far as its signature is of it. */
export interface Signed {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
}

const sha256 = (text: string | Uint8Array): string => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Uint8Array, text: string): Uint8Array => createHmac("sha256", key).update(text).digest();

/** Percent signs for all but letters, digits and `-._~`. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * The signature that a request should bear, by
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html.
 *
 * @param names The headers that are signed.
 * @param scope `<date>/<region>/s3/aws4_request`.
 */
export function signatureOf({ method, url, headers }: Signed, names: readonly string[], scope: string): string {
  const { pathname, searchParams, host } = new URL(url);
  const query = [...searchParams].map(([name, value]) => `${encoded(name)}=${encoded(value)}`).sort().join("&");
  const values = names.map((name) => `${name}:${name === "host" ? host : headers.get(name)?.trim()}\n`).join("");
  const path = pathname.split("/").map((part) => encoded(decodeURIComponent(part))).join("/");
  const canonical = [method, path, query, values, names.join(";"), headers.get("x-amz-content-sha256")].join("\n");
  const text = ["AWS4-HMAC-SHA256", headers.get("x-amz-date"), scope, sha256(canonical)].join("\n");
  let key: string | Uint8Array = `AWS4${CREDENTIALS.AWS_SECRET_ACCESS_KEY}`;
  for (const part of scope.split("/")) key = hmac(key, part);
  return hmac(key, text).toHex();
}

/** What is kept under a key. */
interface Kept {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sha256: string | null;
}

/** The server; it ends when it is disposed of. */
export class S3Server implements AsyncDisposable {
  /** What is kept, by path, which begins with the bucket. */
  readonly kept = new Map<string, Kept>();
  /** `PUT bucket/key` of every request whose signature was good, in their order. */
  readonly asked: string[] = [];
  /** Answers in place of the server, where it gives an answer; after the signature was found good. */
  instead: (asked: string) => Response | undefined = () => undefined;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  /** @param isPublic Whether who bears no signature may read. */
  constructor(readonly isPublic = false) {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#answer(request),
    );
  }

  /** The server's own address. */
  get endpoint(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** The names under a prefix. */
  namesIn(prefix: string): string[] {
    return [...this.kept.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length)).sort();
  }

  async #answer(request: Request): Promise<Response> {
    const body = new Uint8Array(await request.arrayBuffer());
    const fault = this.#faultOf(request, body);
    if (fault !== undefined) return refusal(403, fault);
    const { method, headers, url } = request;
    const key = decodeURIComponent(new URL(url).pathname.slice(1));
    this.asked.push(`${method} ${key}`);
    const instead = this.instead(`${method} ${key}`);
    if (instead !== undefined) return instead;
    if (method === "PUT") {
      this.kept.set(key, { bytes: body, sha256: headers.get("x-amz-meta-sha256") });
      return new Response(null, { status: 200 });
    }
    if (method === "DELETE") {
      this.kept.delete(key);
      return new Response(null, { status: 204 });
    }
    const kept = this.kept.get(key);
    if (kept === undefined) return method === "HEAD" ? new Response(null, { status: 404 }) : refusal(404, "NoSuchKey");
    const etag = `"${createHash("md5").update(kept.bytes).digest("hex")}"`;
    if (headers.get("if-none-match") === etag) return new Response(null, { status: 304 });
    const about = { etag, ...(kept.sha256 === null ? {} : { "x-amz-meta-sha256": kept.sha256 }) };
    const { length } = kept.bytes;
    if (method === "HEAD") return new Response(null, { headers: { ...about, "content-length": `${length}` } });
    const [, first] = /^bytes=(\d+)-$/.exec(headers.get("range") ?? "") ?? [];
    if (first === undefined) return new Response(kept.bytes, { headers: { ...about, "content-length": `${length}` } });
    const range = {
      "content-range": `bytes ${first}-${length - 1}/${length}`,
      "content-length": `${length - Number(first)}`,
    };
    return new Response(kept.bytes.slice(Number(first)), { status: 206, headers: { ...about, ...range } });
  }

  /** What is wrong with a request's signature, as S3 names it. */
  #faultOf(request: Request, body: Uint8Array): string | undefined {
    const { headers, method } = request;
    const authorization = headers.get("authorization");
    if (authorization === null) return this.isPublic && ["GET", "HEAD"].includes(method) ? undefined : "AccessDenied";
    const [, id, scope, names, signature] =
      /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\S+), SignedHeaders=(\S+), Signature=([0-9a-f]{64})$/.exec(
        authorization,
      ) ?? [];
    if (id !== CREDENTIALS.AWS_ACCESS_KEY_ID) return "InvalidAccessKeyId";
    const date = headers.get("x-amz-date") ?? "";
    if (scope !== `${date.slice(0, 8)}/${CREDENTIALS.AWS_REGION}/s3/aws4_request`) {
      return "AuthorizationHeaderMalformed";
    }
    if (!["host", "x-amz-content-sha256", "x-amz-date"].every((name) => names.split(";").includes(name))) {
      return "AccessDenied";
    }
    if (headers.get("x-amz-content-sha256") !== sha256(body)) return "XAmzContentSHA256Mismatch";
    return signatureOf(request, names.split(";"), scope) === signature ? undefined : "SignatureDoesNotMatch";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

function refusal(status: number, code: string): Response {
  const text = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>No.</Message><Key>secret</Key></Error>`;
  return new Response(text, { status, headers: { "content-type": "application/xml" } });
}
