/**
 * By which names the server may be asked. A foreign page can have its own name lead to this machine (DNS rebinding) and would
 * then be of our origin; it cannot change the name that its browser asks for.
 *
 * @module
 */

const OWN = ["localhost", "127.0.0.1", "[::1]"];
/** Addresses that stand for all of this machine. */
const ALL = ["0.0.0.0", "[::]"];

/** A host name as URLs have it: an IPv6 address in brackets, letters small. Undefined where it is none. */
export function hostNameOf(text: string): string | undefined {
  const url = URL.parse(`http://${text.includes("::") && !text.startsWith("[") ? `[${text}]` : text}/`);
  const isPlain = url !== null && url.username === "" && url.password === "" && url.pathname === "/" &&
    url.search === "" && url.hash === "" && !/[/?#@\\\s]/.test(text) && /^[\w.-]+$|^\[/.test(url.hostname);
  return isPlain ? url.hostname : undefined;
}

/** Whether a server that listens there can be reached at all addresses of its machine. */
export function isAllAddresses(bound: string): boolean {
  return ALL.includes(hostNameOf(bound) ?? "");
}

/** Whether a host is this machine by a name that only its own browser has for it. */
export function isOwnName(host: string): boolean {
  return OWN.includes(hostNameOf(host) ?? "");
}

/** Whether a host name is an address, which no other page can have as its name. */
function isAddress(name: string): boolean {
  return name.startsWith("[") || /^\d+\.\d+\.\d+\.\d+$/.test(name);
}

/**
 * What a host's name is checked by.
 *
 * @param bound What the server listens at, such as `127.0.0.1`; at all of its machine's addresses any address will do.
 * @param others Further names.
 *
 * @example
 * ```ts
 * import { hostCheck } from "./hosts.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const isAllowed = hostCheck("127.0.0.1", ["draw.example"]);
 * const asked = ["localhost:8000", "draw.example", "10.0.0.7:8000", "evil.example"];
 * assertEquals(asked.map(isAllowed), [true, true, false, false]);
 * assertEquals(hostCheck("0.0.0.0", [])("10.0.0.7:8000"), true);
 * ```
 */
export function hostCheck(bound: string, others: readonly string[]): (host: string) => boolean {
  const names = new Set([...OWN, ...[bound, ...others].flatMap((name) => hostNameOf(name) ?? [])]);
  const isBoundToAll = isAllAddresses(bound);
  return (host) => {
    const name = hostNameOf(host);
    return name !== undefined && (names.has(name) || isBoundToAll && isAddress(name));
  };
}
