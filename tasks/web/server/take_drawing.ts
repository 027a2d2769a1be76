/**
 * Takes the drawings that the page sends: from itself alone, not too large, not too often, and only what is a drawing.
 *
 * @module
 */
import { Reject } from "../../../pipelines/base/errors.ts";
import { type CollectedFile, CollectionFull } from "./collect.ts";
import { type Answer, type Asked, type Handler, jsonAnswer } from "./exchange.ts";
import { parsePostedDrawing } from "./posted_drawing.ts";
import { RateLimit } from "./rate_limit.ts";
import { readBody } from "./read_body.ts";

/** The path to which drawings are sent. */
export const DRAWINGS_PATH = "drawings";

/** Bytes and milliseconds; a drawing has some ten thousand bytes. */
const LIMITS = { bytes: 256 * 1024, milliseconds: 10_000 };

/** A game has a drawing in twenty seconds, and who has kept some sends them all; a class of pupils is all at once. */
const RATES = { each: { burst: 60, perSecond: 0.5 }, all: { burst: 300, perSecond: 5 } };

/** What is needed to take drawings. */
export interface DrawingTaking {
  readonly file: Pick<CollectedFile, "append">;
  /** The classes that are known. */
  readonly words: ReadonlySet<string>;
  /** Is told what goes wrong here. */
  readonly complain: (line: string) => void;
  /** Milliseconds; the clock when left out. */
  readonly now?: () => number;
  /** Bytes and milliseconds of a body. */
  readonly limits?: typeof LIMITS;
}

/** Whether a request comes from the page itself: a browser says so, and no other page can have it say so. */
function isFromPage({ headers }: Pick<Asked, "headers">): boolean {
  const site = headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin") return false;
  const origin = URL.parse(headers.get("origin") ?? "");
  return origin !== null && /^https?:$/.test(origin.protocol) &&
    origin.host === hostOf(origin.protocol, headers.get("host"));
}

/** A host as an origin has it: without the port that goes without saying. */
function hostOf(protocol: string, host: string | null): string | undefined {
  return URL.parse(`${protocol}//${host ?? ""}/`)?.host;
}

/**
 * Takes drawings.
 *
 * @returns Answers what is asked of {@linkcode DRAWINGS_PATH}.
 */
export function drawingTaker(
  { file, words, complain, now = () => performance.now(), limits = LIMITS }: DrawingTaking,
): Handler {
  const rate = new RateLimit(RATES, now());
  const refuse = (status: number, error: string, headers: Answer["headers"] = {}) =>
    jsonAnswer(status, { error }, headers);
  return async (asked) => {
    const { method, headers, address } = asked;
    if (method !== "POST") return refuse(405, "drawings are sent by POST", { allow: "POST" });
    if (!isFromPage(asked)) return refuse(403, "drawings are taken from this page alone");
    if (!/^application\/json *(;|$)/i.test(headers.get("content-type") ?? "")) {
      return refuse(415, "expected application/json");
    }
    const seconds = rate.ask(address, now());
    if (seconds > 0) return refuse(429, "too many drawings at once", { "retry-after": String(Math.ceil(seconds)) });
    const body = await readBody(asked, limits);
    if (body === "too large") return refuse(413, `a drawing has at most ${limits.bytes} bytes`);
    if (body === "too slow") return refuse(408, "the drawing took too long to come");
    if (body === "broken off") return refuse(400, "the drawing broke off");
    try {
      const keyId = await file.append(parsePostedDrawing(body, words));
      return jsonAnswer(201, { key_id: String(keyId) });
    } catch (error) {
      if (error instanceof Reject) return refuse(400, error.message);
      complain(`a drawing could not be kept: ${(error as Error).message}`);
      return error instanceof CollectionFull
        ? refuse(507, "there is no room for further drawings")
        : refuse(500, "the drawing could not be kept");
    }
  };
}
