/**
 * Addresses of Redis, which may hold a password.
 *
 * @module
 */
import { UsageError } from "../../cli/option_values.ts";

/** Where a Redis is. */
export interface RedisAddress {
  /** The whole address; not to be shown. */
  readonly url: string;
  /** The host and port that a connection reaches, such as `127.0.0.1:6379`. */
  readonly host: string;
  /** The address as it may be shown: without its password. */
  readonly shown: string;
}

/** The port where none is told. */
const PORT = "6379";

/**
 * Reads an address.
 *
 * @param text Such as `redis://127.0.0.1`, or `rediss://name:password@host:6380/1` for a database of its own through TLS.
 * @param where Begins the message of an error: the flag.
 * @throws {UsageError} When it is none; the message does not repeat it, for it may hold a password.
 *
 * @example
 * ```ts
 * import { redisAddress } from "./redis_address.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { host, shown } = redisAddress("rediss://:secret@queue.example/1", "--redis");
 * assertEquals([host, shown], ["queue.example:6379", "rediss://***@queue.example:6379/1"]);
 * ```
 */
export function redisAddress(text: string, where: string): RedisAddress {
  const url = URL.parse(text);
  const isOne = url !== null && /^rediss?:$/.test(url.protocol) && url.hostname !== "" &&
    /^(\/\d*)?$/.test(url.pathname) && url.search === "" && url.hash === "";
  if (!isOne) {
    throw new UsageError(
      `${where}: expected redis:// or rediss:// with NAME:PASSWORD@ where it has one, HOST:PORT and ` +
        "/DATABASE where it is not 0; letters such as / and @ in a password as %2F and %40",
    );
  }
  const host = `${url.hostname}:${url.port || PORT}`;
  const secret = url.username !== "" || url.password !== "" ? "***@" : "";
  return { url: text, host, shown: `${url.protocol}//${secret}${host}${url.pathname.replace(/^\/$/, "")}` };
}
