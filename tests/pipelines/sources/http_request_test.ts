import { assertEquals, assertRejects } from "@std/assert";
import { ask, type RequestSettings } from "../../../pipelines/sources/http_request.ts";
import { Fault } from "../../../pipelines/sources/retry.ts";
import { type Answer, type Asked, FakeSystem, HostileServer, MAY_SERVE } from "./hostile_server.ts";

const TEXT = new TextEncoder().encode("all of it");

function test(
  name: string,
  answer: (asked: Asked, count: number) => Answer,
  fn: (
    server: HostileServer,
    get: (path?: string, more?: Partial<RequestSettings>) => Promise<string>,
  ) => Promise<void>,
): void {
  Deno.test({
    name: `request: ${name}`,
    ignore: !MAY_SERVE,
    fn: async () => {
      await using server = new HostileServer(answer);
      const signal = new AbortController().signal;
      const settings = { signal, timeout: 5000, tries: 3, system: new FakeSystem() };
      await fn(server, async (path = "/a", more = {}) => {
        const head = { url: server.url(path), method: "GET" };
        return (await ask(head, { expected: [200] }, { ...settings, ...more })).text;
      });
    },
  });
}

test("what fails for a moment is asked again", (_, count) => {
  return count === 1
    ? { status: 500 }
    : count === 2
    ? { status: 200, body: TEXT, cut: 3 }
    : { status: 200, body: TEXT };
}, async (server, get) => {
  assertEquals([await get(), server.asked.length], ["all of it", 3]);
});

test("what fails for good is not, and what fails without end is given up", ({ path }) => {
  return { status: path === "/none" ? 404 : 503 };
}, async (server, get) => {
  await assertRejects(() => get("/none"), Fault, "the server answers 404");
  assertEquals(server.asked.length, 1);
  await assertRejects(() => get(), Fault, "the server answers 503 Service Unavailable (tried 3 times)");
  assertEquals(server.asked.length, 4);
});

test("a server that says nothing, or no more", (_, count) => {
  return { status: 200, body: TEXT, stall: true, cut: count === 1 ? 0 : 4 };
}, async (server, get) => {
  await assertRejects(() => get("/a", { timeout: 60 }), Fault, "nothing came for 0.06 s (tried 3 times)");
  assertEquals(server.asked.length, 3);
});

Deno.test({
  name: "request: an answer may come slowly, as long as something comes, and is held up to a size",
  ignore: !MAY_SERVE,
  fn: async () => {
    let sent = 0;
    await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, ({ url }) => {
      const last = url.endsWith("/endless") ? Infinity : 12;
      let number = 0;
      return new Response(
        new ReadableStream({
          async pull(stream) {
            if (number++ === last) return stream.close();
            if (last === 12) await new Promise((resolve) => setTimeout(resolve, 50));
            sent++;
            stream.enqueue(new TextEncoder().encode("some é"));
          },
        }),
      );
    });
    const settings = { signal: new AbortController().signal, timeout: 400, tries: 2, system: new FakeSystem() };
    const get = async (path: string) => {
      const head = { url: `http://127.0.0.1:${server.addr.port}/${path}`, method: "GET" };
      return (await ask(head, { expected: [200], most: 84 }, settings)).text;
    };
    assertEquals([await get("slow"), sent], ["some é".repeat(12), 12]);
    await assertRejects(() => get("endless"), Fault, "the answer goes on after 84 bytes, the most that are read");
  },
});

test("it is called off at once", () => ({ status: 200, body: TEXT, stall: true, cut: 2 }), async (_, get) => {
  const ending = new AbortController();
  const asked = get("/a", { signal: ending.signal });
  setTimeout(() => ending.abort(new Error("enough")), 30);
  await assertRejects(() => asked, Error, "enough");
});

test("S3 in another region says where the bucket is", ({ path }) => {
  const headers = { "x-amz-bucket-region": "eu-west-3", "content-type": "application/xml" };
  const body = new TextEncoder().encode("<Error><Code>PermanentRedirect</Code><Message>m</Message></Error>");
  if (path === "/moved") return { status: 301, headers, body };
  return { status: 307, headers: { ...headers, location: "http://127.0.0.2:9/x" } };
}, async (server, get) => {
  const where = "; the bucket is in the region eu-west-3, which AWS_REGION must say";
  await assertRejects(() => get("/moved"), Fault, `, PermanentRedirect${where}`);
  await assertRejects(
    () => get("/x"),
    Fault,
    `redirects to http://127.0.0.2:9, which nobody named, so it is not asked${where}`,
  );
  assertEquals(server.asked.length, 2);
});
