/**
 * Connections to a Redis: one that is not there is told in a line, one that goes away, or hangs, is waited for.
 *
 * @module
 */
import { Redis } from "ioredis";
import { InputError } from "../../../pipelines/base/errors.ts";
import type { RedisAddress } from "./redis_address.ts";

/** Milliseconds that a Redis has to answer a ping, and those between pings. */
const [PATIENCE, PING_EVERY] = [5000, 1000];

/** What a Redis is that hangs. */
const SILENT = `it has not answered for ${PATIENCE / 1000} s`;

/** A connection, and whether there is somebody at its other end. */
export interface RedisLink {
  readonly redis: Redis;
  /** Whether the Redis is connected and answers. */
  isThere(): boolean;
}

/** A connection to a Redis that goes away and comes back. */
const LASTING = {
  maxRetriesPerRequest: null, // a command waits until Redis is back
  retryStrategy: (times: number) => Math.min(200 * times, 2000),
};

/**
 * Connects.
 *
 * @param tell Is told when Redis goes away, and when it is back.
 * @throws {InputError} When it is not there, or does not let us in.
 */
export async function connectRedis(address: RedisAddress, tell: (line: string) => void): Promise<RedisLink> {
  await checkRedis(address);
  const redis = new Redis(address.url, LASTING);
  let isGone = false;
  const leave = (why: string): void => {
    if (!isGone) tell(`redis      ${address.shown} is gone, and waited for: ${why}`);
    isGone = true;
  };
  const back = (): void => {
    if (isGone) tell(`redis      ${address.shown} is back`);
    isGone = false;
  };
  redis.on("error", (error: Error) => leave(reasonOf(error)));
  redis.on("ready", back);
  let isAsked = false;
  // One that hangs keeps its connection, on which all goes on when it answers again.
  const pings = setInterval(async () => {
    if (isAsked || redis.status !== "ready") return;
    isAsked = true;
    const late = setTimeout(() => leave(SILENT), PATIENCE);
    await redis.ping().then(back, () => {}); // a link that is cut is told above
    clearTimeout(late);
    isAsked = false;
  }, PING_EVERY);
  Deno.unrefTimer(pings); // a link that is closed while its Redis is gone never says that it ended
  redis.on("end", () => clearInterval(pings));
  return { redis, isThere: () => redis.status === "ready" && !isGone };
}

/** Asks a Redis for a sign of life. */
async function checkRedis({ url, shown }: RedisAddress): Promise<void> {
  const times = { connectTimeout: PATIENCE, socketTimeout: PATIENCE };
  const options = { ...times, lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null };
  const first = new Redis(url, options);
  let fault: Error | undefined;
  first.on("error", (error: Error) => fault ??= error);
  try {
    await first.connect();
    await first.ping();
  } catch (error) {
    throw new InputError(`redis ${shown}: ${reasonOf(fault ?? error as Error)}${tlsHint(url, fault)}`);
  } finally {
    first.disconnect();
  }
}

/** What is told where one side speaks TLS and the other may not. */
function tlsHint(url: string, { message }: Error = new Error()): string {
  if (!/ECONNRESET|EPIPE|ETIMEDOUT/.test(message)) return "";
  return url.startsWith("rediss:") ? "; redis:// where it has no TLS" : "; rediss:// where it has TLS";
}

/** Why a Redis does not do what it should. */
function reasonOf({ message }: Error): string {
  if (/NOAUTH|WRONGPASS/.test(message)) return "the password is missing or wrong; it belongs into the address";
  if (/certificate/i.test(message)) {
    return `${message.split("\n")[0]}; the variable DENO_CERT names a file of authorities that are trusted, in PEM`;
  }
  return message.startsWith("Socket timeout") ? SILENT : message.split("\n")[0];
}

/**
 * Does something with a Redis; what it refuses is told in a line.
 *
 * @throws {InputError} When Redis refuses a command: it is full, or this user may not.
 */
export async function answered<T>({ shown }: Pick<RedisAddress, "shown">, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw new InputError(`redis ${shown}: ${refusalOf(error)}`);
  }
}

/** What Redis refuses, in words; of several commands that it takes together the first that it did not take. */
export function refusalOf(error: Error): string {
  const [first = error] = (error as { readonly previousErrors?: readonly Error[] }).previousErrors ?? [];
  const said = first.message.split("\n")[0];
  return said.includes("OOM") ? `it is full, its maxmemory is reached (${said})` : said;
}

/** Whether an error is what Redis answered. */
export function isRefusal(error: unknown): error is Error {
  return error instanceof Error &&
    (error.name === "ReplyError" || /^(OOM|READONLY|NOPERM|MISCONF) /.test(error.message));
}
