import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Handler } from "../../../../tasks/web/server/exchange.ts";
import { hostCheck } from "../../../../tasks/web/server/hosts.ts";
import { Feed } from "../../../../tasks/web/watch/feed.ts";
import { watchHandler } from "../../../../tasks/web/watch/watch_handler.ts";
import { may } from "../../../helpers.ts";
import { ask, textOf } from "../server/asking.ts";

function test(name: string, fn: (handler: Handler, feed: Feed) => Promise<void>): void {
  Deno.test({
    name: `watch: ${name}`,
    ignore: !may("read"),
    async fn() {
      const feed = new Feed();
      const sections = () => Promise.resolve({ head: "<h1>a run</h1>" });
      const page = () => Promise.resolve("<!DOCTYPE html>the page");
      await fn(
        await watchHandler({ isHost: hostCheck("127.0.0.1", []), feed, page, sections, onListener() {} }),
        feed,
      );
    },
  });
}

test("the page, its script and style are there, and nothing else", async (handler) => {
  const types = { "/": "text/html", "/?x": "text/html", "/watch.js": "text/javascript", "/watch.css": "text/css" };
  for (const [target, type] of Object.entries(types)) {
    const { status, headers } = await handler(ask(target));
    assertEquals([status, headers["content-type"]], [200, `${type}; charset=utf-8`], target);
  }
  assertStringIncludes(textOf(await handler(ask("/"))), "the page");
  for (const target of ["/index.html", "/../deno.json", "/%2e%2e/deno.json", "/events/", "//", "", "*", "/site.json"]) {
    assertEquals((await handler(ask(target))).status, 404, target);
  }
});

test(
  "only who reads is answered, by a name of this server's, and the page may load its own alone",
  async (handler, feed) => {
    for (const target of ["/", "/watch.js", "/events"]) {
      for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
        assertEquals((await handler(ask(target, { method }))).status, 405, `${method} ${target}`);
      }
      const foreign = await handler(ask(target, { headers: { host: "evil.example:8001" } }));
      assertEquals([foreign.status, foreign.stream], [403, undefined]);
      const { headers } = await handler(ask(target, { method: "HEAD" }));
      const directives = headers["content-security-policy"].split("; ");
      assertEquals(directives[0], "default-src 'none'");
      assert(directives.includes("script-src 'self'") && directives.includes("frame-ancestors 'none'"));
      assertEquals(directives.filter((directive) => /unsafe|\*|https?:/.test(directive)), [
        "style-src-attr 'unsafe-inline'",
      ]);
      assertEquals([headers["x-content-type-options"], headers["x-frame-options"]], ["nosniff", "DENY"]);
    }
    assertEquals(feed.count, 0);
  },
);

test("events are for the page itself, as many as there is room for", async (handler, feed) => {
  for (
    const [site, status] of [["cross-site", 403], ["same-site", 403], ["same-origin", 200], ["none", 200]] as const
  ) {
    const answer = await handler(ask("/events", { headers: { "sec-fetch-site": site } }));
    assertEquals([answer.status, answer.stream === undefined], [status, status === 403], site);
  }
  assertEquals(feed.count, 2);
  const { status, headers, stream } = await handler(ask("/events"));
  assertEquals([status, headers["content-type"]], [200, "text/event-stream; charset=utf-8"]);
  assertEquals(headers["cache-control"], "no-store");
  const first = await stream![Symbol.asyncIterator]().next();
  assertEquals(new TextDecoder().decode(first.value), 'event: sections\ndata: {"head":"<h1>a run</h1>"}\n\n');
  while (feed.hasRoom) await handler(ask("/events"));
  assertEquals((await handler(ask("/events"))).status, 503);
});

test("pages that begin to look on at the same time are no more than there is room for", async (handler, feed) => {
  const answers = await Promise.all(Array.from({ length: 40 }, () => handler(ask("/events"))));
  assertEquals([answers.filter(({ status }) => status === 200).length, feed.count], [32, 32]);
  assertEquals(answers.filter(({ status, stream }) => status === 503 && stream === undefined).length, 8);
});
