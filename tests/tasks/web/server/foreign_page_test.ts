/// <reference lib="dom" />
// What another page, open in the same browser, can do to the server: nothing.
import { assert, assertEquals } from "@std/assert";
import { siteHandler } from "../../../../tasks/web/server/handler.ts";
import { hostCheck } from "../../../../tasks/web/server/hosts.ts";
import { startServer } from "../../../../tasks/web/server/server.ts";
import { drawingTaker } from "../../../../tasks/web/server/take_drawing.ts";
import { CHROMIUM, inChromium, launchChromium } from "../../../chromium.ts";
import { FAST } from "../../../helpers.ts";
import { SMALL_SITE } from "./asking.ts";

const DRAWING = '{"word":"sun","recognized":true,"strokes":[[[0,1],[0,1],[0,9]]]}';

/** Asks for something from inside a page, as far as its browser lets it: the status, or that it could not. */
async function request({ url, type, mode }: Asking): Promise<string> {
  try {
    const init = type === undefined ? {} : { method: "POST", headers: { "content-type": type }, body: "{}" };
    const { status, type: kind } = await fetch(url, { ...init, mode });
    return kind === "opaque" ? "not to be read" : String(status);
  } catch {
    return "blocked";
  }
}

interface Asking {
  readonly url: string;
  readonly mode: "cors" | "no-cors";
  /** Of a POST. */
  readonly type?: string;
}

Deno.test({
  name: inChromium(
    "a foreign page can neither send a drawing, nor read the page, nor frame it; the page itself can send",
  ),
  ignore: FAST || CHROMIUM === undefined,
  fn: async () => {
    const words: string[] = [];
    const file = { append: ({ word }: { readonly word: string }) => Promise.resolve(BigInt(words.push(word))) };
    const takeDrawing = drawingTaker({ file, words: new Set(["sun"]), complain() {} });
    const handler = siteHandler({ site: SMALL_SITE, isHost: hostCheck("127.0.0.1", []), takeDrawing });
    const server = await startServer(handler, { host: "127.0.0.1", port: 0, complain() {} });
    const url = `${server.url}drawings`;
    const form = `<form method="post" enctype="text/plain" action="${url}"><input name='${DRAWING}' value=""></form>`;
    const evil = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      () =>
        new Response(`<title>a game</title>${form}<iframe name="framed" src="${server.url}"></iframe>`, {
          headers: { "content-type": "text/html" },
        }),
    );
    const browser = await launchChromium("--host-resolver-rules=MAP evil.example 127.0.0.1");
    try {
      const foreign = await browser.newPage();
      await foreign.goto(`http://127.0.0.1:${evil.addr.port}/`);
      for (const mode of ["cors", "no-cors"] as const) {
        for (const asking of [{ url, type: "text/plain" }, { url, type: "application/json" }, { url: server.url }]) {
          assertEquals(await foreign.evaluate(request, { mode, ...asking }), "blocked", JSON.stringify([mode, asking]));
        }
      }
      const frame = foreign.frame("framed")!;
      assert(!(await frame.content().catch(() => "")).includes("strokes upon strokes"));
      const [answer] = await Promise.all([
        foreign.waitForResponse(url),
        foreign.evaluate(() => document.forms[0].submit()),
      ]);
      assertEquals(answer.status(), 403);

      const rebound = await browser.newPage(); // its name leads to this machine now
      const page = await rebound.goto(`http://evil.example:${server.port}/`);
      assertEquals(page?.status(), 403);
      const there = {
        url: `http://evil.example:${server.port}/drawings`,
        type: "application/json",
        mode: "cors",
      } as const;
      assertEquals(await rebound.evaluate(request, there), "403");
      assertEquals(words, []);

      const own = await browser.newPage();
      await own.goto(server.url);
      assertEquals(await own.content().then((text) => text.includes("strokes upon strokes")), true);
      const sent = await own.evaluate(
        (body) =>
          fetch("drawings", { method: "POST", headers: { "content-type": "application/json" }, body }).then((
            { status },
          ) => status),
        DRAWING,
      );
      assertEquals([sent, words], [201, ["sun"]]);
      const elsewhere: Asking = { url: `http://127.0.0.1:${evil.addr.port}/`, mode: "no-cors" };
      assertEquals(await own.evaluate(request, elsewhere), "blocked");
    } finally {
      await browser.close();
      await evil.shutdown();
      await server.end();
    }
  },
});
