/**
 * From a request to its answer, of the page that shows a run: the page, its script and style, and its events.
 *
 * @module
 */
import { type Answer, type Asked, type Handler, plainAnswer } from "../server/exchange.ts";
import { guarded, refuseMethod } from "../server/guard.ts";
import { ServedFile } from "../server/serve_file.ts";
import { entryOf } from "../site/site.ts";
import type { Feed, Sections } from "./feed.ts";
import { PATHS, WATCH_POLICY, WATCH_STYLE } from "./watch_page.ts";

/** What answers are made from. */
export interface WatchHandling {
  /** Whether a host is this server. */
  readonly isHost: (host: string) => boolean;
  readonly feed: Feed;
  /** The page as it is now. */
  page(): Promise<string>;
  /** Its parts as they are now. */
  sections(): Promise<Sections>;
  /** Is told that a page looks on from now. */
  onListener(): void;
}

/** Makes the handler. */
export async function watchHandler(given: WatchHandling): Promise<Handler> {
  const { isHost, feed, page, sections, onListener } = given;
  const script = await Deno.readTextFile(new URL("./page.js", import.meta.url));
  const files = new Map(
    Object.entries({ [PATHS.script]: script, [PATHS.style]: WATCH_STYLE }).map(([path, text]) => [
      `/${path}`,
      new ServedFile(entryOf(path, text, { part: "page" })),
    ]),
  );
  const respond = async (asked: Asked): Promise<Answer> => {
    const { method, target, headers } = asked;
    const [path] = target.split("?");
    const isEvents = path === `/${PATHS.events}`;
    const file = path === "/" ? undefined : files.get(path);
    if (path !== "/" && !isEvents && file === undefined) return plainAnswer(404, "not found");
    const refused = refuseMethod(method);
    if (refused) return refused;
    if (file) return await file.answer(asked);
    if (!isEvents) return await new ServedFile(entryOf("index.html", await page(), { part: "page" })).answer(asked);
    if (!["same-origin", "none", null].includes(headers.get("sec-fetch-site"))) {
      return plainAnswer(403, "events are for this page alone");
    }
    const first = await sections(); // nothing is waited for between the question for room and its answer's use
    if (!feed.hasRoom) return plainAnswer(503, "too many look on", { "retry-after": "10" });
    const about = { "content-type": "text/event-stream; charset=utf-8", "x-accel-buffering": "no" };
    if (method === "HEAD") return { status: 200, headers: about };
    const stream = feed.listen(first);
    onListener();
    return { status: 200, headers: about, stream };
  };
  return guarded(respond, { isHost, policy: WATCH_POLICY });
}
