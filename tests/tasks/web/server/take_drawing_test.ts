import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Collected, CollectionFull } from "../../../../tasks/web/server/collect.ts";
import { siteHandler } from "../../../../tasks/web/server/handler.ts";
import { hostCheck } from "../../../../tasks/web/server/hosts.ts";
import { drawingTaker, type DrawingTaking } from "../../../../tasks/web/server/take_drawing.ts";
import { ask, type Differing, SMALL_SITE, textOf } from "./asking.ts";

const DRAWING = { word: "sun", recognized: true, strokes: [[[0.25, 0.5], [0.1, 0.1], [0, 80]]] };
const HEADERS = {
  origin: "http://127.0.0.1:8000",
  "sec-fetch-site": "same-origin",
  "content-type": "application/json",
};
const bytes = (text: string) => new TextEncoder().encode(text);

/** A server that takes drawings, and what it took. */
function taking(given: Partial<DrawingTaking> = {}) {
  const [taken, complaints]: [Collected[], string[]] = [[], []];
  const takeDrawing = drawingTaker({
    file: { append: (drawing) => Promise.resolve(BigInt(taken.push(drawing))) },
    words: new Set(["sun", "mill"]),
    complain: (line) => void complaints.push(line),
    now: () => 0,
    ...given,
  });
  const handler = siteHandler({ site: SMALL_SITE, isHost: hostCheck("127.0.0.1", ["draw.example"]), takeDrawing });
  const post = async (body: unknown = DRAWING, differing: Differing = {}) => {
    const sent = body instanceof Uint8Array ? body : bytes(typeof body === "string" ? body : JSON.stringify(body));
    const { headers, ...others } = differing;
    const answer = await handler(
      ask("/drawings", { method: "POST", body: [sent], ...others, headers: { ...HEADERS, ...headers } }),
    );
    return { status: answer.status, headers: answer.headers, ...JSON.parse(textOf(answer)) };
  };
  return { handler, post, taken, complaints };
}

Deno.test("a drawing of the page is taken, simplified; its key comes back", async () => {
  const { post, taken } = taking();
  const answer = await post({ ...DRAWING, word: "mill", recognized: false });
  assertEquals([answer.status, answer.key_id], [201, "1"]);
  assertEquals(answer.headers["content-type"], "application/json; charset=utf-8");
  assertEquals(answer.headers["cache-control"], "no-store");
  assertEquals(taken, [{ word: "mill", recognized: false, drawing: [[[0, 255], [0, 0]]] }]);
});

Deno.test("no other page's drawing is taken, nor one whose origin nobody tells", async () => {
  const { handler, post, taken } = taking();
  const foreign: Record<string, string>[] = [
    { origin: "http://evil.example" },
    { origin: "http://127.0.0.1:8001" },
    { origin: "http://localhost:8000" }, // another origin than 127.0.0.1
    { origin: "null" },
    { origin: "" },
    { origin: "http://127.0.0.1:8000.evil.example" },
    { origin: "http://127.0.0.1:8000@evil.example" },
    { origin: "ftp://127.0.0.1:8000" },
    { origin: "file://" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { "sec-fetch-site": "none" },
  ];
  for (const headers of foreign) assertEquals((await post(DRAWING, { headers })).status, 403, JSON.stringify(headers));
  const { origin: _, ...unsaid } = HEADERS;
  const answer = await handler(ask("/drawings", { method: "POST", headers: unsaid, body: [bytes("{}")] }));
  assertEquals(answer.status, 403);
  const own = { ...HEADERS, host: "evil.example:8000", origin: "http://evil.example:8000" }; // DNS rebinding
  assertEquals((await handler(ask("/drawings", { method: "POST", headers: own, body: [bytes("{}")] }))).status, 403);
  assertEquals(taken, []);
});

Deno.test("behind a proxy with a name of its own the page is of that origin", async () => {
  const { post, taken } = taking();
  for (const origin of ["https://draw.example", "http://draw.example", "https://draw.example:443"]) {
    const { status } = await post(DRAWING, { headers: { host: "draw.example", origin } });
    assertEquals(status, 201, origin);
  }
  assertEquals(taken.length, 3);
});

Deno.test("drawings are sent by POST as JSON, to one path", async () => {
  const { handler, post } = taking();
  for (const method of ["GET", "HEAD", "PUT", "OPTIONS", "post"]) {
    const answer = await handler(ask("/drawings", { method, headers: HEADERS }));
    assertEquals([answer.status, answer.headers.allow], [405, "POST"], method);
  }
  for (
    const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp", ""]
  ) {
    assertEquals((await post(DRAWING, { headers: { "content-type": type } })).status, 415, type);
  }
  assertEquals((await post(DRAWING, { headers: { "content-type": "Application/JSON; charset=utf-8" } })).status, 201);
  for (const target of ["/drawings/", "/drawing", "/", "/index.html"]) {
    const answer = await handler(ask(target, { method: "POST", headers: HEADERS, body: [bytes("{}")] }));
    assert([404, 405].includes(answer.status), `${target}: ${answer.status}`);
  }
});

Deno.test("a server without --collect has no such path", async () => {
  const handler = siteHandler({ site: SMALL_SITE, isHost: hostCheck("127.0.0.1", []) });
  assertEquals((await handler(ask("/drawings", { method: "POST", headers: HEADERS }))).status, 404);
});

Deno.test("a body that is too large is not read to its end, whatever its length is said to be", async () => {
  const { post, handler, taken } = taking();
  let read = 0;
  const endless = (async function* () {
    for (;;) {
      read += 2 ** 16;
      yield new Uint8Array(2 ** 16).fill(0x20);
    }
  })();
  const answer = await handler(ask("/drawings", { method: "POST", headers: HEADERS, body: endless }));
  assertEquals([answer.status, read], [413, 5 * 2 ** 16]);
  read = 0;
  const said = { ...HEADERS, "content-length": "262145" };
  assertEquals((await handler(ask("/drawings", { method: "POST", headers: said, body: endless }))).status, 413);
  assertEquals(read, 0);
  const exact = bytes(JSON.stringify(DRAWING).padEnd(262_144));
  assertEquals((await post(exact)).status, 201);
  assertEquals(taken.length, 1);
});

Deno.test("a body that does not come, or breaks off, is not waited for", async () => {
  const { handler, taken } = taking({ limits: { bytes: 1000, milliseconds: 20 } });
  const held = Promise.withResolvers<void>();
  const slow = (async function* () {
    yield bytes("{");
    await held.promise;
  })();
  const late = await handler(ask("/drawings", { method: "POST", headers: HEADERS, body: slow }));
  held.resolve();
  assertEquals([late.status, textOf(late)], [408, '{"error":"the drawing took too long to come"}']);
  const broken = (async function* () {
    yield bytes(JSON.stringify(DRAWING));
    throw new Error("connection reset");
  })();
  assertEquals((await handler(ask("/drawings", { method: "POST", headers: HEADERS, body: broken }))).status, 400);
  assertEquals(taken, []);
});

Deno.test("what is no drawing is refused, with what is wrong", async () => {
  let now = 0;
  const { post, taken } = taking({ now: () => now });
  const stroke = DRAWING.strokes[0];
  const cases: [body: unknown, says: string][] = [
    ["", "bad JSON"],
    ["{", "bad JSON"],
    [Uint8Array.of(0x22, 0xff, 0x22), "bad JSON"],
    ["[]", "the body is []"],
    ["null", "the body is null"],
    ["7", "the body is 7"],
    [{}, "word is nothing, expected a string"],
    [{ ...DRAWING, word: 7 }, "word is 7"],
    [{ ...DRAWING, word: "evil\n{}" }, 'unknown class: "evil\\n{}"'],
    [{ ...DRAWING, word: "" }, "unknown class"],
    [{ ...DRAWING, word: "__proto__" }, "unknown class"],
    [{ ...DRAWING, recognized: "true" }, 'recognized is "true"'],
    [{ ...DRAWING, key_id: "7" }, "unknown member: key_id"],
    ['{"word":"sun","recognized":true,"strokes":[],"__proto__":{}}', "unknown member: __proto__"],
    [{ ...DRAWING, strokes: undefined }, "drawing is nothing"],
    [{ ...DRAWING, strokes: {} }, "drawing is {}"],
    [{ ...DRAWING, strokes: [] }, "empty drawing"],
    [{ ...DRAWING, strokes: [[[], [], []]] }, "empty drawing: stroke 1 has no points"],
    [{ ...DRAWING, strokes: [[[1], [2]]] }, "no times"],
    [{ ...DRAWING, strokes: [stroke, [[1, 2], [2], [0, 1]]] }, "unequal arrays: stroke 2"],
    [{ ...DRAWING, strokes: [[[1, null], [2, 3], [0, 1]]] }, "x of point 2 is null"],
    [{ ...DRAWING, strokes: [[[1, "2"], [2, 3], [0, 1]]] }, 'x of point 2 is "2"'],
    ['{"word":"sun","recognized":true,"strokes":[[[1e999],[0],[0]]]}', "x of point 1"],
    ['{"word":"sun","recognized":true,"strokes":[[[-1e13],[0],[0]]]}', "x of point 1"],
    [
      { ...DRAWING, strokes: [[Array.from({ length: 400 }, (_, i) => i % 2), Array(400).fill(0), Array(400).fill(0)]] },
      "too long",
    ],
    [`${"[".repeat(50_000)}${"]".repeat(50_000)}`, "the body is [["],
  ];
  for (const [body, says] of cases) {
    now += 10_000;
    const { status, error } = await post(body);
    assertEquals(status, 400, says);
    assertStringIncludes(error, says);
    assert(error.length < 200, error);
  }
  assertEquals(taken, []);
});

Deno.test("who sends too many drawings waits, and so do all when all send too many", async () => {
  let now = 0;
  const { post, taken } = taking({ now: () => now });
  const statuses = async (count: number, address: string) => {
    const answers = [];
    for (let i = 0; i < count; i++) answers.push(await post(DRAWING, { address }));
    return answers;
  };
  const own = await statuses(61, "10.0.0.1");
  assertEquals(own.map(({ status }) => status), [...Array(60).fill(201), 429]);
  assertEquals(own[60].headers["retry-after"], "2");
  assertEquals((await statuses(1, "10.0.0.2"))[0].status, 201);
  now = 2000;
  assertEquals((await statuses(2, "10.0.0.1")).map(({ status }) => status), [201, 429]);
  const before = taken.length;
  for (let i = 10; i < 40; i++) await statuses(10, `10.0.0.${i}`);
  assertEquals(taken.length - before, 248); // 300 in all, 62 were taken, and in 2 seconds there were 10 more
  assertEquals((await post(DRAWING, { headers: { origin: "null" }, address: "10.0.0.99" })).status, 403);
});

Deno.test("what cannot be kept is told to the page in few words, and to the terminal in full", async () => {
  const failing = (error: Error) => taking({ file: { append: () => Promise.reject(error) } });
  const full = failing(new CollectionFull("mine.ndjson has reached its limit"));
  assertEquals((await full.post()).status, 507);
  assertEquals(full.complaints, ["a drawing could not be kept: mine.ndjson has reached its limit"]);
  const gone = failing(new Error("/home/me/mine.ndjson was moved"));
  const { status, error } = await gone.post();
  assertEquals([status, error], [500, "the drawing could not be kept"]);
  assertEquals(gone.complaints, ["a drawing could not be kept: /home/me/mine.ndjson was moved"]);
});
