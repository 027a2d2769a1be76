/**
 * Drawings sent to the server that collects them. Browser safe.
 *
 * @module
 */
import { type KeptDrawing, rawStrokes } from "./collect_files.ts";

/** Where drawings are sent to, relative to the page. */
const ADDRESS = "drawings";

/** Why a drawing cannot be sent; undefined where it can: models learn from what hands drew, and need to know what it is. */
export function refusalOf({ strokes, word }: KeptDrawing): string | undefined {
  if (strokes.length === 0) return "There is no drawing.";
  if (strokes.some(({ by }) => by !== "hand")) {
    return "A model drew part of it: only what hands draw is collected.";
  }
  return (word ?? "").trim() === "" ? "Say what it is." : undefined;
}

/**
 * Sends drawings, one after another, and stops at the first that the server does not take.
 *
 * @param drawings All can be sent, by {@linkcode refusalOf}.
 * @param post As `fetch`.
 * @returns How many it took, and why no more; what it said is shown as it is.
 */
export async function sendDrawings(
  drawings: readonly KeptDrawing[],
  post: (address: string, init: RequestInit) => Promise<Response> = (address, init) => fetch(address, init),
): Promise<{ readonly taken: number; readonly fault?: string }> {
  let taken = 0;
  for (const { strokes, word = "", recognized = false } of drawings) {
    const body = JSON.stringify({ word: word.trim(), recognized, strokes: rawStrokes(strokes) });
    const headers = { "content-type": "application/json" };
    let answer: Response;
    try {
      answer = await post(ADDRESS, { method: "POST", headers, body });
    } catch {
      return { taken, fault: "The server does not answer. Is it still running?" };
    }
    if (!answer.ok) return { taken, fault: await faultOf(answer) };
    await answer.body?.cancel();
    taken++;
  }
  return { taken };
}

/** What a server said of a drawing that it did not take. */
async function faultOf(answer: Response): Promise<string> {
  const text = (await answer.text().catch(() => "")).trim();
  const said = /json/.test(answer.headers.get("content-type") ?? "") ? messageOf(text) : text;
  return said === "" || said.startsWith("<") ? `The server did not take it (${answer.status}).` : said.slice(0, 300);
}

function messageOf(text: string): string {
  try {
    const { error } = JSON.parse(text) as { readonly error?: unknown };
    return typeof error === "string" ? error : "";
  } catch {
    return "";
  }
}
