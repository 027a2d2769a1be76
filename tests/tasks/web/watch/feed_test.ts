import { assertEquals } from "@std/assert";
import { Feed } from "../../../../tasks/web/watch/feed.ts";

/** What a page is sent, an event or a sign of life each. */
async function next(events: AsyncIterator<Uint8Array>): Promise<string | undefined> {
  const { done, value } = await events.next();
  return done ? undefined : new TextDecoder().decode(value);
}

const sections = (content: unknown) => `event: sections\ndata: ${JSON.stringify(content)}\n\n`;

Deno.test("feed: a page is told first what there is, then what changes, and why nothing more comes", async () => {
  const feed = new Feed();
  const events = feed.listen({ head: "a\nb", work: "" })[Symbol.asyncIterator]();
  assertEquals([feed.count, await next(events)], [1, sections({ head: "a\nb", work: "" })]);
  const waiting = next(events);
  feed.tell({ head: "c" });
  assertEquals(await waiting, sections({ head: "c" }));
  feed.tell({ curves: "x" });
  feed.end("it is over");
  assertEquals(await next(events), sections({ curves: "x" }));
  assertEquals(await next(events), 'event: end\ndata: {"why":"it is over"}\n\n');
  assertEquals([await next(events), await next(events), feed.count], [undefined, undefined, 0]);
});

Deno.test("feed: who is slow gets the newest of each part, once", async () => {
  const feed = new Feed();
  const [slow, quick] = [feed.listen({}), feed.listen({})].map((events) => events[Symbol.asyncIterator]());
  for (const [i, name] of ["head", "work", "head"].entries()) {
    feed.tell({ [name]: String(i) });
    assertEquals(await next(quick), sections({ [name]: String(i) }));
  }
  assertEquals(await next(slow), sections({ head: "2", work: "1" }));
  feed.end("");
  for (const events of [slow, quick]) assertEquals((await next(events))?.startsWith("event: end"), true);
});

Deno.test("feed: a sign of life comes while nothing changes; who goes is forgotten, also while he waits", async () => {
  const feed = new Feed(5);
  const events = feed.listen({})[Symbol.asyncIterator]();
  assertEquals([await next(events), await next(events)], [":\n\n", ":\n\n"]);
  const long = new Feed(1e6);
  const other = long.listen({})[Symbol.asyncIterator]();
  const waiting = next(other);
  await other.return!();
  await events.return!();
  assertEquals([await waiting, await next(other), feed.count, long.count], [undefined, undefined, 0, 0]);
});

Deno.test("feed: there is room for so many", async () => {
  const feed = new Feed();
  const open: AsyncIterator<Uint8Array>[] = [];
  while (feed.hasRoom) open.push(feed.listen({})[Symbol.asyncIterator]());
  assertEquals(open.length, 32);
  await open[3].return!();
  assertEquals(feed.hasRoom, true);
});
