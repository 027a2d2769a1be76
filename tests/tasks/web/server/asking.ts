/** What the tests of the server share: requests as a browser sends them, and a small site. */
import type { Asked } from "../../../../tasks/web/server/exchange.ts";
import { entryOf, type Site } from "../../../../tasks/web/site/site.ts";

/** Text whose compression pays. */
export const LONG_TEXT = "<p>strokes upon strokes</p>".repeat(100);

/** A page, a script and the numbers of a model. */
export const SMALL_SITE: Site = new Map([
  ["index.html", entryOf("index.html", LONG_TEXT, { part: "page" })],
  ["scripts/main-1234.js", entryOf("main.js", "1;", { part: "scripts", isImmutable: true })],
  [
    "models/cnn-1.safetensors",
    entryOf("a.safetensors", new Uint8Array(5000), { part: "models", isImmutable: true }),
  ],
]);

/** What differs from a GET of the page by its name. */
export interface Differing {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly address?: string;
  readonly body?: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** A request. */
export function ask(
  target: string,
  { method = "GET", headers = {}, address = "127.0.0.1", body = [] }: Differing = {},
): Asked {
  return {
    ...{ method, target, address },
    headers: new Headers({ host: "127.0.0.1:8000", ...headers }),
    body: (async function* () {
      yield* body;
    })(),
  };
}

/** The text of an answer's body. */
export function textOf({ body }: { readonly body?: Uint8Array }): string {
  return new TextDecoder().decode(body);
}
