import { assert, assertEquals, assertRejects } from "@std/assert";
import { createHash } from "node:crypto";
import {
  type Download,
  downloadFiles,
  type DownloadProgress,
  type DownloadSettings,
} from "../../../pipelines/sources/download.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";
import {
  type Answer,
  answerWith,
  type Asked,
  content,
  FakeSystem,
  HostileServer,
  MAY_SERVE,
} from "./hostile_server.ts";
import { CAN_MOUNT, leave, onSmallDisk } from "../../small_disk.ts";

const BODY = content(10_000);
const ETAG = '"one"';

const hash = (algorithm: string, bytes: Uint8Array) => createHash(algorithm).update(bytes).digest("hex");

/** A server, a folder, and downloads from one to the other. */
class Bench {
  readonly system = new FakeSystem();
  readonly progress: DownloadProgress[] = [];

  constructor(readonly server: HostileServer, readonly folder: string) {}

  /** Fetches `cat.bin` from the server's paths `/a`, `/b`, … */
  fetch(more: Partial<Download> = {}, settings: Partial<DownloadSettings> = {}) {
    const download = { name: "cat.bin", mirrors: [this.server.url("/a")], ...more };
    const all = { folder: this.folder, system: this.system, ...settings };
    return downloadFiles([download], all, (now) => this.progress.push(now));
  }

  /** The names in the folder, in order. */
  async names(): Promise<string[]> {
    return (await Array.fromAsync(Deno.readDir(this.folder), ({ name }) => name)).sort();
  }

  /** Nothing is there but the whole file and what is known of it. */
  async isWhole(body: Uint8Array = BODY): Promise<void> {
    assertEquals(await this.names(), ["cat.bin", "cat.bin.json"]);
    assertEquals(await Deno.readFile(`${this.folder}/cat.bin`), body);
  }
}

function test(
  name: string,
  answer: (asked: Asked, count: number) => Answer,
  fn: (bench: Bench) => Promise<void>,
): void {
  Deno.test({
    name: `download: ${name}`,
    ignore: !may("read", "write") || !MAY_SERVE,
    sanitizeOps: true,
    sanitizeResources: true,
    fn: () =>
      inTemporaryFolder(async (folder) => {
        await using server = new HostileServer(answer);
        await fn(new Bench(server, folder));
      }),
  });
}

const good = (asked: Asked) => answerWith(BODY, ETAG, asked);
const wrong = (status: number, headers = {}): Answer => ({ status, headers });

test("a file, what is known of it, and no second request", good, async (bench) => {
  const path = `${bench.folder}/cat.bin`;
  const file = { path, bytes: 10_000, sha256: hash("sha256", BODY) };
  assertEquals(await bench.fetch(), [{ ...file, isNew: true }]);
  await bench.isWhole();
  const { url, etag, bytes, sha256 } = JSON.parse(await Deno.readTextFile(`${path}.json`));
  assertEquals([url, etag, bytes, sha256], [bench.server.url("/a"), ETAG, 10_000, file.sha256]);
  assertEquals(bench.progress.at(-1), { bytes: 10_000, totalBytes: 10_000, files: 1, totalFiles: 1 });
  assertEquals(await bench.fetch(), [{ ...file, isNew: false }]);
  assertEquals(bench.progress.at(-1), { bytes: 0, totalBytes: 0, files: 1, totalFiles: 1 });
  assertEquals([bench.server.asked.length, bench.server.asked[0].headers["accept-encoding"]], [1, "identity"]);
});

test("what is in the cache is fetched anew when it is cut short or not what is expected", good, async (bench) => {
  await bench.fetch();
  await Deno.truncate(`${bench.folder}/cat.bin`, 9_999);
  assertEquals((await bench.fetch())[0].isNew, true);
  await bench.isWhole();
  await assertRejects(() => bench.fetch({ sha256: "0".repeat(64) }), InputError, "the sha256 is");
  assertEquals((await bench.fetch({ sha256: hash("sha256", BODY) }))[0].isNew, true);
  await bench.isWhole();
  await assertRejects(() => bench.fetch({ md5: "0".repeat(32) }), InputError, "the md5 is");
  assertEquals((await bench.fetch({ md5: hash("md5", BODY) }))[0].isNew, true);
  assertEquals((await bench.fetch({ md5: hash("md5", BODY) }))[0].isNew, false);
  await bench.isWhole();
  await Deno.writeTextFile(`${bench.folder}/cat.bin.json`, "{");
  assertEquals((await bench.fetch())[0].isNew, true);
  await Deno.writeFile(`${bench.folder}/cat.bin`, BODY.map((byte, i) => i === 5000 ? byte ^ 1 : byte));
  assertEquals((await bench.fetch())[0].isNew, true, "as long as before, but for one bit the same");
  await bench.isWhole();
});

test("a connection that is cut again and again", (asked, count) => {
  return { ...good(asked), ...(count < 9 ? { cut: 1000 } : {}) };
}, async (bench) => {
  await bench.fetch({ sha256: hash("sha256", BODY), md5: hash("md5", BODY) });
  await bench.isWhole();
  assertEquals(bench.server.ranges, ["", ...[1, 2, 3, 4, 5, 6, 7, 8].map((k) => `bytes=${k}000-`)]);
  assertEquals(bench.system.waits, Array(8).fill(250)); // each attempt brought something, so no wait grows
  const held = bench.progress.map(({ bytes }) => bytes);
  assertEquals(held, held.toSorted((a, b) => a - b));
});

test("a connection that is cut before the first byte", () => ({ status: 200, body: BODY, cut: 0 }), async (bench) => {
  await assertRejects(() => bench.fetch(), InputError, "at byte 0 of 10000 (tried 6 times)");
  assertEquals(bench.system.waits, [250, 500, 1000, 2000, 4000]);
  assertEquals(await bench.names(), []);
});

test("a length that is too long", (asked) => {
  const { body, ...answer } = good(asked);
  const length = (body?.length ?? 0) + 5;
  return asked.headers.range === "bytes=10000-"
    ? wrong(416, { "content-range": "bytes */10000" })
    : { ...answer, headers: { ...answer.headers, "content-length": length }, ...(body ? { body } : {}) };
}, async (bench) => {
  await assertRejects(() => bench.fetch(), InputError, "/a: ");
  assert(bench.server.asked.length <= 12, `${bench.server.asked.length} requests`);
  assert(!(await bench.names()).includes("cat.bin"));
});

test("a length that is too short", () => {
  return { status: 200, headers: { "content-length": 9000 }, body: BODY };
}, async (bench) => {
  await assertRejects(() => bench.fetch({ bytes: 10_000 }), InputError, "9000 bytes, expected 10000");
  await assertRejects(() => bench.fetch({ sha256: hash("sha256", BODY) }), InputError, "the sha256 is");
  assertEquals(await bench.names(), []);
});

test("a range that is longer than the file", (asked) => {
  const answer = good(asked);
  if (answer.status === 200) return { ...answer, cut: 4000 };
  return { ...answer, body: new Uint8Array([...answer.body!, 0]) };
}, async (bench) => {
  await assertRejects(() => bench.fetch(), InputError, "more than the 10000 bytes");
  assertEquals((await bench.names()).includes("cat.bin"), false);
});

for (const status of [401, 403, 404, 410]) {
  test(`${status}: once, and the next mirror`, ({ path, headers }) => {
    return path === "/a" ? wrong(status) : good({ path, headers });
  }, async (bench) => {
    const [a, b] = [bench.server.url("/a"), bench.server.url("/b")];
    await assertRejects(() => bench.fetch(), InputError, `download of cat.bin: ${a}: the server answers ${status}`);
    await bench.fetch({ mirrors: [a, b] });
    assertEquals(bench.server.asked.map(({ path }) => path), ["/a", "/a", "/b"]);
    await bench.isWhole();
  });
}

for (const status of [408, 429, 500, 502, 503, 504]) {
  test(
    `${status} for a while, then the file`,
    (asked, count) => count < 4 ? wrong(status) : good(asked),
    async (bench) => {
      await bench.fetch();
      assertEquals(bench.system.waits, [250, 500, 1000]);
      await bench.isWhole();
    },
  );
}

test("500 without end: the next mirror, then the end", () => wrong(500), async (bench) => {
  const [a, b] = [bench.server.url("/a"), bench.server.url("/b")];
  const says = "the server answers 500 Internal Server Error (tried 3 times)";
  await assertRejects(
    () => bench.fetch({ mirrors: [a, b] }, { tries: 3 }),
    InputError,
    `download of cat.bin: ${a}: ${says}; ${b}: ${says}`,
  );
  assertEquals(bench.server.asked.map(({ path }) => path), ["/a", "/a", "/a", "/b", "/b", "/b"]);
});

test("Retry-After in seconds and as a date is kept to", (asked, count) => {
  if (count === 1) return wrong(429, { "retry-after": 7 });
  return count === 2 ? wrong(503, { "retry-after": "Thu, 01 Jan 1970 00:00:20 GMT" }) : good(asked);
}, async (bench) => {
  await bench.fetch();
  assertEquals(bench.system.waits, [7000, 13_000]);
});

test("Retry-After of an hour is not waited for", () => wrong(429, { "retry-after": 3600 }), async (bench) => {
  await assertRejects(() => bench.fetch(), InputError, "429 Too Many Requests, to be tried again in 3600 s");
  assertEquals([bench.system.waits, bench.server.asked.length], [[], 1]);
});

test("a server that knows no ranges", (_, count) => {
  return { status: 200, headers: { etag: ETAG }, body: BODY, ...(count < 3 ? { cut: 3000 * count } : {}) };
}, async (bench) => {
  await bench.fetch();
  await bench.isWhole();
  assertEquals(bench.server.ranges, ["", "bytes=3000-", "bytes=6000-"]);
});

test("without an ETag or a date nothing is resumed; with a date it is", ({ path, headers }, count) => {
  const date = "Thu, 01 Jan 1970 00:00:20 GMT";
  const answer = path === "/a" ? { status: 200, body: BODY } : answerWith(BODY, date, { path, headers });
  const { etag: _, ...rest }: Record<string, string | number> = { ...answer.headers, "last-modified": date };
  return { ...answer, headers: path === "/a" ? {} : rest, ...(count % 2 ? { cut: 5000 } : {}) };
}, async (bench) => {
  await bench.fetch();
  await bench.isWhole();
  await bench.fetch({ name: "b", mirrors: [bench.server.url("/b")] });
  assertEquals(bench.server.ranges, ["", "", "", "bytes=5000-"]);
  assertEquals(await Deno.readFile(`${bench.folder}/b`), BODY);
});

for (const heedsIfRange of [true, false]) {
  const other = content(8000, 2);
  test(`a file that changes in the middle, If-Range ${heedsIfRange ? "heeded" : "passed over"}`, (asked, count) => {
    if (count === 1) return { ...good(asked), cut: 3000 };
    const headers = heedsIfRange ? asked.headers : { ...asked.headers, "if-range": '"two"' };
    return answerWith(other, '"two"', { ...asked, headers });
  }, async (bench) => {
    await bench.fetch();
    await bench.isWhole(other);
    assertEquals(bench.server.ranges, ["", "bytes=3000-", ...(heedsIfRange ? [] : [""])]);
  });
}

test("a file that changes in the middle under the same ETag is told by its hash", (asked, count) => {
  return count === 1 ? { ...answerWith(content(10_000, 2), ETAG, asked), cut: 3000 } : good(asked);
}, async (bench) => {
  await bench.fetch({ sha256: hash("sha256", BODY) });
  await bench.isWhole();
  assertEquals(bench.server.ranges, ["", "bytes=3000-", ""]);
});

test("a file that changes without end", (_, count) => {
  return { status: 200, headers: { etag: `"${count}"` }, body: BODY, cut: 3000 };
}, async (bench) => {
  await assertRejects(() => bench.fetch(), InputError, "at byte 3000 of 10000 (tried 6 times)");
  assertEquals(bench.server.asked.length, 6);
});

test("a wrong hash, published or the server's own: the next mirror", ({ path, headers }) => {
  const md5 = createHash("md5").update(BODY).digest("base64");
  const answer = answerWith(path === "/a" ? content(10_000, 2) : BODY, ETAG, { path, headers });
  return { ...answer, headers: { ...answer.headers, "x-goog-hash": `crc32c=AAAAAA==, md5=${md5}` } };
}, async (bench) => {
  const mirrors = [bench.server.url("/a"), bench.server.url("/b")];
  await assertRejects(() => bench.fetch(), InputError, `the md5 is ${hash("md5", content(10_000, 2))}, expected`);
  assertEquals(await bench.names(), []);
  await bench.fetch({ mirrors, md5: hash("md5", BODY), sha256: hash("sha256", BODY) });
  await bench.isWhole();
  assertEquals(bench.server.asked.map(({ path }) => path), ["/a", "/a", "/b"]);
});

test("redirects are followed, not without end", ({ path, headers }) => {
  if (path === "/a") return wrong(302, { location: "/b" });
  return path === "/round" ? wrong(301, { location: "/round" }) : good({ path, headers });
}, async (bench) => {
  await bench.fetch();
  await bench.isWhole();
  const round = { name: "round", mirrors: [bench.server.url("/round")] };
  await assertRejects(() => bench.fetch(round, { tries: 1 }), InputError, "/round: the server redirects without end");
});

const REFUSED: [what: string, answer: Answer, says: string][] = [
  ["an empty file", { status: 200 }, "the file there is empty"],
  ["no length", { status: 200, headers: { "content-length": "" }, body: BODY }, "does not say how long"],
  ["a web page", { status: 200, headers: { "content-type": "text/html; charset=utf-8" }, body: BODY }, "is a web page"],
  ["a packed file", { status: 200, headers: { "content-encoding": "gzip" }, body: BODY }, "is packed as gzip"],
  ["no HTTP", { status: 99 }, "the connection failed: "],
  ["no content", { status: 204, headers: { "content-length": "" } }, "the server answers 204"],
  ["a range that was not asked for", { status: 206, body: BODY }, "the server answers 206"],
];
for (const [what, answer, says] of REFUSED) {
  test(`${what} is refused`, () => answer, async (bench) => {
    await assertRejects(() => bench.fetch({}, { tries: 1 }), InputError, says);
    assertEquals(await bench.names(), []);
  });
}

test("a server that falls silent", (asked, count) => {
  return count === 1 ? { ...good(asked), cut: 4000, stall: true } : good(asked);
}, async (bench) => {
  await bench.fetch({}, { timeout: 100 });
  await bench.isWhole();
  assertEquals(bench.server.ranges, ["", "bytes=4000-"]);
  const silent = new HostileServer(() => ({ status: 200, body: BODY, cut: 0, stall: true }));
  await using _ = silent;
  const fetch = () => bench.fetch({ name: "b", mirrors: [silent.url("/")] }, { timeout: 50, tries: 1 });
  await assertRejects(fetch, InputError, "nothing came for 0.05 s at byte 0 of 10000");
});

test("what was begun goes on in the next run, at the mirror where it was begun", ({ path, headers }, count) => {
  if (path === "/a") return wrong(500);
  return { ...good({ path, headers }), ...(count === 2 ? { cut: 6000 } : {}) };
}, async (bench) => {
  const mirrors = [bench.server.url("/a"), bench.server.url("/b")];
  await assertRejects(() => bench.fetch({ mirrors }, { tries: 1 }), InputError, "at byte 6000 of 10000");
  assertEquals(await bench.names(), ["cat.bin.json", "cat.bin.partial"]);
  await bench.fetch({ mirrors });
  await bench.isWhole();
  assertEquals(bench.server.asked.map(({ path }) => path), ["/a", "/b", "/b"]);
  assertEquals(bench.server.ranges.at(-1), "bytes=6000-");
});

test("all of it here, but killed before it had its name: no request", good, async (bench) => {
  await bench.fetch();
  await Deno.rename(`${bench.folder}/cat.bin`, `${bench.folder}/cat.bin.partial`);
  await bench.fetch();
  await bench.isWhole();
  assertEquals(bench.server.asked.length, 1);
});

test("a part of which nothing is known is not built on", good, async (bench) => {
  await Deno.writeFile(`${bench.folder}/cat.bin.partial`, content(5000, 3));
  await bench.fetch();
  await bench.isWhole();
  assertEquals(bench.server.ranges, [""]);
});

test("called off: at once, and what has come stays", (asked) => {
  return { ...good(asked), cut: 4000, stall: true };
}, async (bench) => {
  const calling = new AbortController();
  const { signal } = calling;
  const download = { name: "cat.bin", mirrors: [bench.server.url("/a")] };
  const fetched = downloadFiles([download], { folder: bench.folder, signal }, ({ bytes }) => {
    if (bytes === 4000) calling.abort();
  });
  await assertRejects(() => fetched, DOMException, "abort");
  assertEquals(await bench.names(), ["cat.bin.json", "cat.bin.partial"]);
  await assertRejects(() => bench.fetch({}, { signal }), DOMException, "abort");
  assertEquals(bench.server.asked.length, 1);
});

test("called off during a wait", () => wrong(500), async ({ server, folder }) => {
  const download = { name: "cat.bin", mirrors: [server.url("/a")] };
  const signal = AbortSignal.timeout(50);
  await assertRejects(() => downloadFiles([download], { folder, signal }), DOMException, "timeout");
});

test("two runs fetch the same file at once: one request", good, async (bench) => {
  const [one, two] = await Promise.all([bench.fetch(), bench.fetch()]);
  assertEquals([one[0].isNew, two[0].isNew].sort(), [false, true]);
  assertEquals(bench.server.asked.length, 1);
  await bench.isWhole();
});

test("two runs at once, of which the first fails: the second goes on", (asked, count) => {
  return count === 1 ? { ...good(asked), cut: 2000 } : good(asked);
}, async (bench) => {
  const ends = await Promise.allSettled([bench.fetch({}, { tries: 1 }), bench.fetch({}, { tries: 1 })]);
  assertEquals(ends.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  assertEquals(bench.server.ranges, ["", "bytes=2000-"]);
  await bench.isWhole();
});

test("many files, four at a time, in their order", ({ path, headers }) => {
  return answerWith(content(100 * Number(path.slice(1))), ETAG, { path, headers });
}, async ({ server, folder, system }) => {
  const sizes = Array.from({ length: 30 }, (_, i) => i + 1);
  const downloads = sizes.map((k) => ({ name: `${k} of many.bin`, mirrors: [server.url(`/${k}`)] }));
  const progress: DownloadProgress[] = [];
  const files = await downloadFiles(downloads, { folder, system }, (now) => progress.push(now));
  assertEquals(files.map(({ bytes }) => bytes), sizes.map((k) => 100 * k));
  assertEquals(progress.at(-1), { bytes: 46_500, totalBytes: 46_500, files: 30, totalFiles: 30 });
  assertEquals(progress[0].totalBytes, undefined);
  for (const [i, { path }] of files.entries()) assertEquals(await Deno.readFile(path), content(100 * (i + 1)));
});

test("many files, of which one is not there: that one's line, and what is whole stays", ({ path, headers }) => {
  return path === "/3" ? wrong(404) : good({ path, headers });
}, async (bench) => {
  const downloads = [1, 2, 3, 4].map((k) => ({ name: `${k}.bin`, mirrors: [bench.server.url(`/${k}`)] }));
  const fetch = () => downloadFiles(downloads, { folder: bench.folder, concurrency: 1, system: bench.system });
  await assertRejects(fetch, InputError, "download of 3.bin: ");
  assertEquals(await bench.names(), ["1.bin", "1.bin.json", "2.bin", "2.bin.json"]);
});

Deno.test({
  name: "download: a disk that is full: the file is named, and nothing looks whole",
  ignore: !MAY_SERVE || !CAN_MOUNT,
  fn: () =>
    onSmallDisk(async (folder) => {
      await using server = new HostileServer(good);
      for (const [requests, space] of [0, 8192].entries()) { // not even what is known of it, some of it
        const bench = new Bench(server, folder);
        await leave(folder, space);
        await assertRejects(
          () => bench.fetch(),
          InputError,
          `${folder}/cat.bin.partial: cannot be written: No space left`,
        );
        assertEquals((await bench.names()).includes("cat.bin"), false);
        assertEquals(server.asked.length, requests + 1); // another attempt would not help
      }
    }),
});
