/**
 * What every server of ours does: it answers those alone who ask for it by its name, with headers that keep others out.
 *
 * @module
 */
import { type Answer, type Handler, plainAnswer } from "./exchange.ts";
import { isOwnName } from "./hosts.ts";

/** What every answer says. */
const HEADERS: Readonly<Record<string, string>> = {
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), midi=(), payment=(), usb=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/** What browsers heed from this machine and by https, and complain about from elsewhere. */
const OWN_HEADERS = { "cross-origin-opener-policy": "same-origin" };

/** What answers are guarded by. */
export interface Guard {
  /** Whether a host is this server. */
  readonly isHost: (host: string) => boolean;
  /** The content security policy. */
  readonly policy: string;
}

/** Guards a handler. */
export function guarded(respond: Handler, { isHost, policy }: Guard): Handler {
  return async (asked) => {
    const host = asked.headers.get("host") ?? "";
    const answer = isHost(host)
      ? await respond(asked)
      : plainAnswer(403, "this server is not asked for by that name; --allow-host NAME lets it be");
    const own = isOwnName(host) ? OWN_HEADERS : {};
    const headers = { "cache-control": "no-store", "content-security-policy": policy, ...HEADERS, ...own };
    return { ...answer, headers: { ...headers, ...answer.headers } };
  };
}

/** The answer to a method that reads nothing; undefined to one that does. */
export function refuseMethod(method: string): Answer | undefined {
  return ["GET", "HEAD"].includes(method) ? undefined : plainAnswer(405, "not allowed", { allow: "GET, HEAD" });
}
