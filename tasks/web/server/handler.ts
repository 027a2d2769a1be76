/**
 * From a request to its answer: the site's own files and nothing else, for those who ask for this server by its name.
 *
 * @module
 */
import { type Answer, type Asked, type Handler, plainAnswer } from "./exchange.ts";
import { HEADER_POLICY } from "../site/policy.ts";
import { INDEX_FILE, type Site } from "../site/site.ts";
import { guarded, refuseMethod } from "./guard.ts";
import { ServedFile } from "./serve_file.ts";
import { DRAWINGS_PATH } from "./take_drawing.ts";

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
    const { method, target } = asked;
    const [path] = target.split("?"); // as it is: no path of a file here needs to be decoded
    if (takeDrawing && path === `/${DRAWINGS_PATH}`) return await takeDrawing(asked);
    const file = files.get(path);
    if (file === undefined) return plainAnswer(404, "not found");
    return refuseMethod(method) ?? await file.answer(asked);
  };
  return guarded(respond, { isHost, policy: HEADER_POLICY });
}
