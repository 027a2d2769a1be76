/**
 * From a request to its answer: the site's own files and nothing else, for those who ask for this server by its name.
 *
 * @module
 */
import { type Answer, type Asked, type Handler, plainAnswer } from "./exchange.ts";
import { HEADER_POLICY } from "../site/policy.ts";
import { INDEX_FILE, type Site } from "../site/site.ts";
import { isOwnName } from "./hosts.ts";
import { ServedFile } from "./serve_file.ts";
import { DRAWINGS_PATH } from "./take_drawing.ts";

/** What every answer says. */
const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": HEADER_POLICY,
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), midi=(), payment=(), usb=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/** What browsers heed from this machine and by https, and complain about from elsewhere. */
const OWN_HEADERS = { "cross-origin-opener-policy": "same-origin" };

/** What answers are made from. */
export interface Handling {
  readonly site: Site;
  /** Whether a host is this server. */
  readonly isHost: (host: string) => boolean;
  /** Takes drawings; they are not taken when left out. */
  readonly takeDrawing?: Handler | undefined;
}

/** Makes the handler of a site. */
export function siteHandler({ site, isHost, takeDrawing }: Handling): Handler {
  const files = new Map([...site].map(([path, entry]) => [`/${path}`, new ServedFile(entry)]));
  files.set("/", files.get(`/${INDEX_FILE}`)!);
  const respond = async (asked: Asked): Promise<Answer> => {
    const { method, target, headers } = asked;
    if (!isHost(headers.get("host") ?? "")) {
      return plainAnswer(403, "this server is not asked for by that name; --allow-host NAME lets it be");
    }
    const [path] = target.split("?"); // as it is: no path of a file here needs to be decoded
    if (takeDrawing && path === `/${DRAWINGS_PATH}`) return await takeDrawing(asked);
    const file = files.get(path);
    if (file === undefined) return plainAnswer(404, "not found");
    if (!["GET", "HEAD"].includes(method)) return plainAnswer(405, "not allowed", { allow: "GET, HEAD" });
    return await file.answer(asked);
  };
  return async (asked) => {
    const answer = await respond(asked);
    const own = isOwnName(asked.headers.get("host") ?? "") ? OWN_HEADERS : {};
    return { ...answer, headers: { "cache-control": "no-store", ...HEADERS, ...own, ...answer.headers } };
  };
}
