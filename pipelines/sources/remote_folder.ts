/**
 * Folders elsewhere: `https://host/folder/`, the address of the `index.json` in it, or `s3://bucket/prefix`. What else must be
 * known is in the address too, so that it goes to Workers and into a run's options as one text: behind `?` of an S3 address
 * its `endpoint` and `region`, behind `#` of any the `cache` on this machine and its `limit` in bytes.
 *
 * @module
 */
import { AwsV4Signer } from "aws4fetch";
import { InputError } from "../base/errors.ts";
import { isRemote, withoutSecrets } from "./address.ts";
import type { RequestHead } from "./http_request.ts";

export { isRemote };

/** Where files from elsewhere are kept. */
export const REMOTE_CACHE = "data/cache/shards";

/** Bytes of them, when nothing else is said. */
export const REMOTE_LIMIT = 10e9;

/** A folder elsewhere. */
export interface RemoteFolder {
  /** As messages name it: what the user named, without options. */
  readonly shown: string;
  /** The host with its port, the only one that is asked. */
  readonly host: string;
  /** The folder on this machine where its files are kept. */
  readonly cache: string;
  /** Bytes of files there, at most. */
  readonly limit: number;
  /** Whether it is of S3, so that files can be put there too. */
  readonly isS3: boolean;
  /** The address of a file in it. */
  urlOf(file: string): string;
  /** What a request must bear: a signature, where it is of S3 and the credentials are known. */
  headersFor(request: RequestHead): Promise<Headers>;
}

/** What the environment says, where it may be asked. */
type Environment = (name: string) => string | undefined;

const machine: Environment = (variable) =>
  Deno.permissions.querySync({ name: "env", variable }).state === "granted" ? Deno.env.get(variable) : undefined;

/**
 * Understands the address of a folder elsewhere.
 *
 * @param environment Gives the variables that begin with AWS_; those of the process when left out, where it may read them.
 * @throws {InputError} When it is none.
 */
export function remoteFolder(address: string, environment: Environment = machine): RemoteFolder {
  const url = URL.parse(address);
  const refuse = (why: string): never => {
    throw new InputError(`data ${withoutSecrets(address)}: ${why}`);
  };
  if (url === null) return refuse("no address; expected https://host/folder/ or s3://bucket/prefix");
  if (url.username !== "" || url.password !== "") return refuse("leave the name and the password out of the address");
  const options = new URLSearchParams(url.hash.slice(1));
  const unread = [...options.keys()].find((name) => !["cache", "limit"].includes(name));
  if (unread !== undefined) return refuse(`behind # there is ${unread}, expected cache or limit`);
  const limit = Number(options.get("limit") ?? REMOTE_LIMIT);
  if (!(limit > 0)) return refuse(`the limit of the cache is ${options.get("limit")}, expected bytes`);
  const place = { cache: options.get("cache") ?? REMOTE_CACHE, limit };
  if (url.protocol === "s3:") return s3Folder(url, place, { environment, refuse });
  if (!["http:", "https:"].includes(url.protocol)) {
    return refuse(`${url.protocol}// is not read; expected https:// or s3://`);
  }
  if (url.search !== "") return refuse("leave out what is behind ?: each file of the folder has an address of its own");
  const base = `${url.origin}${url.pathname.replace(/\/(index\.json)?$/, "")}/`;
  return {
    ...place,
    shown: base,
    host: url.host,
    isS3: false,
    urlOf: (file) => base + encodeURIComponent(file),
    headersFor: () => Promise.resolve(new Headers()),
  };
}

const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** What a path says, where it is well written. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** A bucket, or a folder in it; where no endpoint is named it is Amazon's. */
function s3Folder(
  url: URL,
  place: Pick<RemoteFolder, "cache" | "limit">,
  { environment, refuse }: { readonly environment: Environment; readonly refuse: (why: string) => never },
): RemoteFolder {
  const bucket = url.host;
  if (!/^[a-z0-9][a-z0-9.-]+$/.test(bucket)) {
    return refuse(`bucket "${bucket}": expected small letters, digits, dots and dashes`);
  }
  const unread = [...url.searchParams.keys()].find((name) => !["endpoint", "region"].includes(name));
  if (unread !== undefined) return refuse(`behind ? there is ${unread}, expected endpoint or region`);
  const region = url.searchParams.get("region") ?? environment("AWS_REGION") ?? "us-east-1";
  const endpoint = url.searchParams.get("endpoint") ?? environment("AWS_ENDPOINT_URL") ?? "";
  const isAmazon = endpoint === "";
  const server = URL.parse(isAmazon ? `https://${bucket}.s3.${region}.amazonaws.com` : endpoint);
  if (server && server.username + server.password !== "") {
    return refuse("leave the name and the password out of the endpoint");
  }
  if (server === null || !["http:", "https:"].includes(server.protocol)) {
    return refuse(`endpoint "${withoutSecrets(endpoint)}": expected an address such as http://127.0.0.1:9000`);
  }
  const keys = decoded(url.pathname).split("/").filter((part) => part !== "");
  if (keys.at(-1) === "index.json") keys.pop();
  const root = `${server.origin}${server.pathname.replace(/\/$/, "")}`;
  const [id, secret, token] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"].map(environment);
  return {
    ...place,
    shown: `s3://${[bucket, ...keys].join("/")}`,
    host: server.host,
    isS3: true,
    urlOf: (file) => [root, ...(isAmazon ? [] : [bucket]), ...[...keys, file].map(encodeURIComponent)].join("/"),
    async headersFor({ url, method, sha256 = EMPTY_SHA256, metadata = {} }) {
      if (!id || !secret) return new Headers(metadata); // a public bucket is read without
      const keys = { accessKeyId: id, secretAccessKey: secret, ...(token ? { sessionToken: token } : {}) };
      const headers = { "x-amz-content-sha256": sha256, ...metadata };
      return (await new AwsV4Signer({ ...keys, url, method, headers, service: "s3", region }).sign()).headers;
    },
  };
}

/**
 * An address with what the options of a command say.
 *
 * @param address Of any folder; one of this machine is given back as it is.
 * @param options What is empty or left out is not put in.
 * @throws {InputError} When the address is none.
 */
export function withRemoteOptions(
  address: string,
  options: { readonly endpoint?: string; readonly cache?: string; readonly limit?: number },
): string {
  if (!isRemote(address)) return address;
  const { isS3, shown } = remoteFolder(address);
  const url = new URL(address);
  const { endpoint = "", cache = "", limit } = options;
  if (endpoint !== "" && !isS3) throw new InputError(`--endpoint: of s3:// addresses, and the data are at ${shown}`);
  if (endpoint !== "") url.searchParams.set("endpoint", endpoint);
  const place = new URLSearchParams(url.hash.slice(1));
  if (cache !== "") place.set("cache", cache);
  if (limit !== undefined) place.set("limit", String(limit));
  url.hash = place.toString();
  const text = url.href;
  remoteFolder(text);
  return text;
}
