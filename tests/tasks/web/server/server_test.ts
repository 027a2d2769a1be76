// Over TCP: what a handler does not see, but its clients do.
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { InputError } from "../../../../pipelines/base/errors.ts";
import { type Answer, type Asked, type Handler, plainAnswer } from "../../../../tasks/web/server/exchange.ts";
import { siteHandler } from "../../../../tasks/web/server/handler.ts";
import { hostCheck } from "../../../../tasks/web/server/hosts.ts";
import { type RunningServer, type ServerSettings, startServer } from "../../../../tasks/web/server/server.ts";
import { FAST, may } from "../../../helpers.ts";
import { MAY_SERVE } from "../../../pipelines/sources/hostile_server.ts";
import { LONG_TEXT, SMALL_SITE } from "./asking.ts";

const siteOf: Handler = siteHandler({ site: SMALL_SITE, isHost: hostCheck("127.0.0.1", []) });

function test(name: string, fn: () => Promise<void>, isSlow = false): void {
  Deno.test({ name, ignore: !MAY_SERVE || !may("env") || isSlow && FAST, fn });
}

/** Starts a server, and ends it when it is disposed of. */
async function serving(
  handler: Handler = siteOf,
  limits: ServerSettings["limits"] = {},
): Promise<RunningServer & AsyncDisposable & { readonly complaints: string[] }> {
  const complaints: string[] = [];
  const complain = (line: string) => void complaints.push(line);
  const server = await startServer(handler, { host: "127.0.0.1", port: 0, complain, limits });
  return { ...server, complaints, [Symbol.asyncDispose]: () => server.end() };
}

/** Sends bytes as they are, and gives what comes back until the server closes the connection. */
async function send(port: number, text: string, { isHeld = false } = {}): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(text));
  if (!isHeld) await connection.closeWrite();
  const parts: string[] = [];
  const buffer = new Uint8Array(2 ** 16);
  try {
    for (;;) {
      const length = await connection.read(buffer);
      if (length === null) break;
      parts.push(new TextDecoder().decode(buffer.subarray(0, length)));
    }
  } catch {
    // reset
  }
  return parts.join("");
}

const HOST = "Host: 127.0.0.1\r\n";
const statusOf = (answer: string) => /^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1];

test("a page goes over the wire, HEAD without its body", async () => {
  await using server = await serving();
  const response = await fetch(server.url);
  assertEquals([response.status, await response.text()], [200, LONG_TEXT]);
  assertEquals(response.headers.get("content-encoding"), "br");
  const head = await send(server.port, `HEAD / HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`);
  assertStringIncludes(head, `content-length: ${LONG_TEXT.length}\r\n`);
  assert(head.endsWith("\r\n\r\n"));
  const absent = await send(server.port, `HEAD /none HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`);
  assertEquals([statusOf(absent), absent.endsWith("\r\n\r\n")], ["404", true]);
});

test("what no browser sends is refused, and the server goes on", async () => {
  await using server = await serving();
  const cases: [sent: string, status: string | undefined][] = [
    ["GET / HTTP/1.0\r\n\r\n", "403"],
    ["GET / HTTP/1.1\r\n\r\n", "400"],
    [`GET / HTTP/1.1\r\n${HOST}Host: evil.example\r\nConnection: close\r\n\r\n`, "403"],
    [`GET / HTTP/1.1\r\nHost: evil.example\r\n${HOST}Connection: close\r\n\r\n`, "403"],
    [`GET http://evil.example/ HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`, "404"],
    [`GET /../../etc/passwd HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`, "404"],
    [`GET /%2e%2e/deno.json HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`, "404"],
    [`OPTIONS * HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`, "404"],
    [`POST / HTTP/1.1\r\n${HOST}Content-Length: 5\r\nConnection: close\r\n\r\nhello`, "405"],
    ["\x16\x03\x01\x02\x00\x01\x00\x01", undefined], // TLS
    ["CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n", undefined],
    [`GET / HTTP/1.1\r\n${HOST}X: ${"a".repeat(100_000)}\r\n\r\n`, undefined],
    ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", undefined],
  ];
  for (const [sent, status] of cases) {
    const answer = await send(server.port, sent);
    if (status === undefined) assert(!answer.includes(" 200 "), answer);
    else assertEquals(statusOf(answer), status, sent);
    assert(!answer.includes("root:"), sent);
  }
  assertEquals((await (await fetch(server.url)).text()).length, LONG_TEXT.length);
  assertEquals(server.complaints, []);
});

test("a busy port is told in one line, with one that is free", async () => {
  await using server = await serving();
  const again = () => startServer(siteOf, { host: "127.0.0.1", port: server.port, complain() {} });
  const error = await assertRejects(again, InputError, `--port ${server.port}: something else listens there already`);
  const [, free] = /--port (\d+) is free$/.exec(error.message)!;
  const other = await startServer(siteOf, { host: "127.0.0.1", port: Number(free), complain() {} });
  assertEquals(other.port, Number(free));
  await other.end();
});

test("who sends half a head, or half a body, is not waited for", async () => {
  const handler: Handler = async ({ body }) => {
    for await (const _part of body);
    return plainAnswer(200, "all came");
  };
  await using server = await serving(handler, { patience: { head: 300, request: 600 } });
  const begun = performance.now();
  const [head, body] = await Promise.all([
    send(server.port, `GET / HTTP/1.1\r\n${HOST}X: `, { isHeld: true }),
    send(server.port, `POST / HTTP/1.1\r\n${HOST}Content-Length: 9\r\n\r\nhalf`, { isHeld: true }),
  ]);
  assert(performance.now() - begun < 5000);
  assert(![head, body].some((answer) => answer.includes(" 200 ")));
}, true);

test("a client has so many connections at once, and others when he lets go of them", async () => {
  await using server = await serving(siteOf, { most: { each: 5 } });
  const held = await Promise.all(
    Array.from({ length: 12 }, () => Deno.connect({ hostname: "127.0.0.1", port: server.port })),
  );
  const ends = held.map(async (connection) => {
    try {
      return await connection.read(new Uint8Array(1));
    } catch {
      return null;
    }
  });
  const first = await Promise.all(ends.slice(5));
  assertEquals(first, Array(7).fill(null)); // they were closed
  await assertRejects(() => fetch(server.url)); // the same client, who has all of his
  for (const connection of held) connection.close();
  await Promise.all(ends.slice(0, 5));
  for (let attempt = 1;; attempt++) { // until the server has seen that they are closed
    const response = await fetch(server.url).catch(() => undefined);
    if (response) return assertEquals(await response.text(), LONG_TEXT);
    assert(attempt < 100);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}, true);

test("an answer before the body has come ends the connection", async () => {
  const early: Handler = () => Promise.resolve(plainAnswer(413, "too large"));
  await using server = await serving(early);
  const answer = await send(server.port, `POST / HTTP/1.1\r\n${HOST}Content-Length: 999999\r\n\r\nbegin`, {
    isHeld: true,
  });
  assertEquals(statusOf(answer), "413");
  assertStringIncludes(answer.toLowerCase(), "connection: close");
});

test("a defect of a handler is an answer of a few words, and told here in full", async () => {
  const failing = (): Promise<Answer> => Promise.reject(new Error("secret"));
  await using server = await serving(failing);
  const response = await fetch(server.url);
  assertEquals([response.status, await response.text()], [500, "something went wrong here\n"]);
  assertStringIncludes(server.complaints[0], "secret");
});

test("at its end the server finishes what is asked already, and waits for no one else", async () => {
  const [asked, go] = [Promise.withResolvers<Asked>(), Promise.withResolvers<void>()];
  const server = await serving(async (request) => {
    asked.resolve(request);
    await go.promise;
    return plainAnswer(200, "done");
  });
  const idle = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  const half = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  await half.write(new TextEncoder().encode("GET / HT"));
  const answer = fetch(server.url);
  await asked.promise;
  const begun = performance.now();
  const ended = server.end();
  setTimeout(go.resolve, 100);
  assertEquals(await (await answer).text(), "done\n");
  await ended;
  assert(performance.now() - begun < 4000);
  await assertRejects(() => fetch(server.url));
  for (const connection of [idle, half]) connection.close();
}, true);

test("a stream is sent as it comes, until it ends or the client has gone", async () => {
  const returned = Promise.withResolvers<void>();
  const stream = (async function* () {
    try {
      for (let i = 0;; i++) {
        yield new TextEncoder().encode(`${i} `);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    } finally {
      returned.resolve();
    }
  })();
  const three = (async function* () {
    for (const text of ["a", "b", "c"]) yield new TextEncoder().encode(text);
  })();
  const headers = { "content-type": "text/plain" };
  await using server = await serving(({ target }) =>
    Promise.resolve({ status: 200, headers, stream: target === "/three" ? three : stream })
  );
  assertEquals(await (await fetch(`${server.url}three`)).text(), "abc");
  const stop = new AbortController();
  const { body } = await fetch(server.url, { signal: stop.signal });
  let text = "";
  for await (const part of body!.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.includes("3 ")) break;
  }
  assert(text.startsWith("0 1 2 3 "), text);
  stop.abort();
  await returned.promise;
  assertEquals(server.complaints, []);
});

test("streams that are asked for on one connection, one behind the other, all end when the client has gone", async () => {
  const [all, asked] = [12, Promise.withResolvers<void>()];
  let [begun, returned] = [0, 0];
  const gone = Promise.withResolvers<void>();
  const stream = (): AsyncIterableIterator<Uint8Array<ArrayBuffer>> => ({
    next: () => gone.promise.then(() => ({ done: true, value: undefined })),
    return() {
      if (++returned === all) gone.resolve();
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      if (++begun === all) asked.resolve();
      return this;
    },
  });
  await using server = await serving(() => Promise.resolve({ status: 200, headers: {}, stream: stream() }));
  const client = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  await client.write(new TextEncoder().encode(`GET / HTTP/1.1\r\n${HOST}\r\n`.repeat(all)));
  await asked.promise;
  assertEquals(returned, 0);
  client.close();
  const timer = setTimeout(gone.resolve, 5000);
  await gone.promise;
  clearTimeout(timer);
  assertEquals(returned, all);
});
