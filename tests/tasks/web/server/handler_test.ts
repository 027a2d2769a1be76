import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { siteHandler } from "../../../../tasks/web/server/handler.ts";
import { hostCheck } from "../../../../tasks/web/server/hosts.ts";
import { ask, LONG_TEXT, SMALL_SITE, textOf } from "./asking.ts";

const handler = siteHandler({ site: SMALL_SITE, isHost: hostCheck("127.0.0.1", []) });
const statusOf = async (...args: Parameters<typeof ask>) => (await handler(ask(...args))).status;

Deno.test("the page is at / and by its name; a query does not matter; what is not of the site is not there", async () => {
  for (const target of ["/", "/index.html", "/?run=cnn", "/index.html?"]) {
    const answer = await handler(ask(target));
    assertEquals([answer.status, textOf(answer)], [200, LONG_TEXT], target);
  }
  const absent = ["/index", "/scripts/", "/scripts", "/main-1234.js", "/site.json", "/drawings", "", "*", "index.html"];
  for (const target of absent) assertEquals(await statusOf(target), 404, target);
});

Deno.test("no path leads out of the site, however it is written", async () => {
  const ways = [
    ...["/../deno.json", "/scripts/../index.html", "/./index.html", "//index.html", "/scripts//main-1234.js"],
    ...["/%2e%2e/deno.json", "/..%2fdeno.json", "/%2e%2e%2fdeno.json", "/..%5cdeno.json", "/..\\deno.json"],
    ...["/%252e%252e/deno.json", "/scripts/%2e%2e/index.html", "/index.html%00", "/index.html%00.js", "/%69ndex.html"],
    ...[
      "/etc/passwd",
      "//etc/passwd",
      "/file:///etc/passwd",
      "http://127.0.0.1:8000/../etc/passwd",
      "/C:/Windows/win.ini",
    ],
    ...["/__proto__", "/constructor", "/toString", "/INDEX.HTML", "/index.html/", "/index.html#a", "/;/index.html"],
  ];
  for (const target of ways) {
    const answer = await handler(ask(target));
    assertEquals([answer.status, textOf(answer)], [404, "not found\n"], target);
  }
});

Deno.test("who asks for the server by another name than its own is refused", async () => {
  for (const host of ["127.0.0.1:8000", "127.0.0.1", "localhost:8000", "LOCALHOST", "[::1]:9"]) {
    assertEquals(await statusOf("/", { headers: { host } }), 200, host);
  }
  const foreign = [
    ...["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1:8000", ""],
    ...[
      "127.0.0.1:8000@evil.example",
      "evil.example/127.0.0.1",
      "127.0.0.1, evil.example",
      "127.0.0.1 evil",
      "127.0.0.1:x",
    ],
    ...["[::2]:8000", "0.0.0.0:8000", "evil\\127.0.0.1", "evil.example#127.0.0.1", "127.0.0.1?"],
  ];
  for (const host of foreign) {
    const answer = await handler(ask("/", { headers: { host } }));
    assertEquals(answer.status, 403, host);
    assertStringIncludes(textOf(answer), "--allow-host");
  }
});

Deno.test("a server at all addresses is asked for by any address, and by the names that it is told", () => {
  const isHost = hostCheck("0.0.0.0", ["Draw.Example", "b\u00fccher.example"]);
  const allowed = ["192.168.1.20:8000", "[fe80::1]:8000", "draw.example", "DRAW.example:443", "xn--bcher-kva.example"];
  assertEquals(allowed.filter((host) => !isHost(host)), []);
  assertEquals(["evil.example", "draw.example.evil", "x.draw.example", "a.1.2.3"].filter(isHost), []);
  assertEquals(["10.0.0.7:80", "10.0.0.8", "localhost"].map(hostCheck("10.0.0.7", [])), [true, false, true]);
  assertEquals(["[::1]", "[::2]"].map(hostCheck("::2", [])), [true, true]);
});

Deno.test("only GET and HEAD are taken; HEAD says what GET would, without it", async () => {
  for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get", "PROPFIND", ""]) {
    const answer = await handler(ask("/", { method }));
    assertEquals([answer.status, answer.headers.allow], [405, "GET, HEAD"], method);
  }
  for (const headers of [{}, { "accept-encoding": "br" }]) {
    const [get, head] = [await handler(ask("/", { headers })), await handler(ask("/", { headers, method: "HEAD" }))];
    assertEquals(head.headers, get.headers);
    assertEquals([head.body, get.headers["content-length"]], [undefined, String(get.body!.length)]);
  }
});

Deno.test("every answer bears the headers that keep others out", async () => {
  for (
    const answer of [await handler(ask("/")), await handler(ask("/none")), await handler(ask("/", { method: "PUT" }))]
  ) {
    const { "content-security-policy": policy, ...headers } = answer.headers;
    const directives = policy.split("; ");
    assertEquals(directives[0], "default-src 'none'");
    assertEquals(directives.filter((directive) => /unsafe-(inline|eval)'|\*|https?:/.test(directive)), [
      "script-src 'self' 'wasm-unsafe-eval'",
    ]);
    for (const name of ["frame-ancestors", "base-uri", "form-action"]) {
      assert(directives.includes(`${name} 'none'`), name);
    }
    assertEquals(headers["x-content-type-options"], "nosniff");
    assertEquals(headers["referrer-policy"], "no-referrer");
    assertEquals(headers["cross-origin-opener-policy"], "same-origin");
    assertEquals(headers["cross-origin-resource-policy"], "same-origin");
    assertEquals(headers["x-frame-options"], "DENY");
    assertStringIncludes(headers["permissions-policy"], "camera=()");
    assertEquals(Object.keys(headers).filter((name) => name.startsWith("access-control")), []);
  }
});

Deno.test("what browsers complain about over plain HTTP is said to this machine's own alone", async () => {
  const everywhere = siteHandler({ site: SMALL_SITE, isHost: hostCheck("0.0.0.0", []) });
  for (const [host, policy] of [["localhost:8000", "same-origin"], ["192.168.1.20:8000", undefined]] as const) {
    assertEquals((await everywhere(ask("/", { headers: { host } }))).headers["cross-origin-opener-policy"], policy);
  }
});

Deno.test("text is compressed as the client takes it, and what was compressed is the file", async () => {
  const encodingOf = async (accepted: string) => {
    const answer = await handler(ask("/", { headers: { "accept-encoding": accepted } }));
    const encoding = answer.headers["content-encoding"];
    const decode = { br: brotliDecompressSync, gzip: gunzipSync }[encoding];
    assertEquals(new TextDecoder().decode(decode ? decode(answer.body!) : answer.body), LONG_TEXT);
    assertEquals([answer.headers.vary, answer.body!.length < 300], ["accept-encoding", encoding !== undefined]);
    return encoding;
  };
  assertEquals(await encodingOf("gzip, deflate, br, zstd"), "br");
  assertEquals(await encodingOf("gzip, deflate"), "gzip");
  assertEquals(await encodingOf("br;q=0, gzip;q=0.5"), "gzip");
  assertEquals(await encodingOf("*"), "br");
  assertEquals(await encodingOf("*;q=0"), undefined);
  assertEquals(await encodingOf("identity"), undefined);
  assertEquals(await encodingOf("brgzip, ;;q, gzip;q=none"), undefined);
  const model = await handler(ask("/models/cnn-1.safetensors", { headers: { "accept-encoding": "br" } }));
  assertEquals([model.headers["content-encoding"], model.body!.length], [undefined, 5000]);
});

Deno.test("what the client has is not sent again; what bears its hash in its name is kept for good", async () => {
  const { headers: { etag } } = await handler(ask("/"));
  const { headers: { etag: packed } } = await handler(ask("/", { headers: { "accept-encoding": "br" } }));
  assert(etag !== packed, "two encodings, two tags");
  for (const have of [etag, `"other", ${etag}`, `W/${etag}`, "*"]) {
    const answer = await handler(ask("/", { headers: { "if-none-match": have } }));
    assertEquals([answer.status, answer.body, answer.headers.etag], [304, undefined, etag], have);
  }
  for (const have of ['"other"', etag.replaceAll('"', ""), packed, ""]) {
    assertEquals(await statusOf("/", { headers: { "if-none-match": have } }), 200, have);
  }
  const cached = async (target: string) => (await handler(ask(target))).headers["cache-control"];
  assertStringIncludes(await cached("/"), "no-cache");
  assertStringIncludes(await cached("/scripts/main-1234.js"), "immutable");
  assertEquals(await cached("/none"), "no-store");
});
