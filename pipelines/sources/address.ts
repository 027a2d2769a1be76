/**
 * Names of files and folders that are addresses elsewhere. Browser safe.
 *
 * @module
 */

/** Whether a name is an address elsewhere. */
export function isRemote(name: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(name);
}

/** An address as it may be shown and kept: without a name, a password, or what is behind ? and #. */
export function withoutSecrets(address: string): string {
  return address.replace(/[?#].*$/s, "").replace(/:\/\/[^/]*@/, "://");
}

/**
 * A text with the addresses of data in it as they were named: without the options of their cache and server, which this
 * program puts behind them. An address in quotes is of a command, and stays whole.
 *
 * @example
 * ```ts
 * import { withoutOptions } from "./address.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const address = "s3://bucket/x?endpoint=http%3A%2F%2Fh#cache=c&limit=9";
 * assertEquals(withoutOptions(`data ${address}: it is gone`), "data s3://bucket/x: it is gone");
 * assertEquals(withoutOptions(`train --data '${address}'`), `train --data '${address}'`);
 * ```
 */
export function withoutOptions(text: string): string {
  return text.replace(
    /(?<!['\w])((?:s3|https?):\/\/[^\s'"?#]*)((?:[?#&](?:endpoint|region|cache|limit)=[\w%+.*~-]*)+)/g,
    "$1",
  );
}
