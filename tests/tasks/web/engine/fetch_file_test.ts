/** Files of a site: their hash is checked, whether they come from the server or were kept. */
import { assertEquals, assertRejects } from "@std/assert";
import { sha256 } from "../../../../pipelines/base/sha256.ts";
import { fetchSiteFile } from "../../../../tasks/web/engine/fetch_file.ts";
import type { SiteFile } from "../../../../tasks/web/site/manifest.ts";
import { MAY_SERVE } from "../../../pipelines/sources/hostile_server.ts";

const CONTENT = new TextEncoder().encode("weights");

/** A browser's cache in memory; `broken` has no room. */
class FakeCache {
  readonly files = new Map<string, Uint8Array<ArrayBuffer>>();
  constructor(readonly broken = false) {}
  match(url: string): Promise<Response | undefined> {
    const bytes = this.files.get(url);
    return Promise.resolve(bytes && new Response(bytes));
  }
  async put(url: string, response: Response): Promise<void> {
    if (this.broken) throw new DOMException("no room", "QuotaExceededError");
    this.files.set(url, new Uint8Array(await response.arrayBuffer()));
  }
  delete(url: string): Promise<boolean> {
    return Promise.resolve(this.files.delete(url));
  }
  keys(): Promise<string[]> {
    return Promise.resolve([...this.files.keys()]);
  }
}

/** Serves files, with `cache` in the place of the browser's. */
async function withServer(
  { files, cache }: { files: Record<string, Uint8Array<ArrayBuffer>>; cache: FakeCache | "none" | "forbidden" },
  test: (base: URL, asked: string[]) => Promise<void>,
): Promise<void> {
  const asked: string[] = [];
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, ({ url }) => {
    const { pathname } = new URL(url);
    asked.push(pathname);
    return pathname in files ? new Response(files[pathname]) : new Response("no", { status: 404 });
  });
  const own = Object.getOwnPropertyDescriptor(globalThis, "caches")!;
  const open = () => cache instanceof FakeCache ? Promise.resolve(cache) : Promise.reject(new DOMException("no"));
  const value = cache === "none" ? undefined : { open };
  Object.defineProperty(globalThis, "caches", { value, configurable: true });
  try {
    await test(new URL(`http://127.0.0.1:${server.addr.port}/site/`), asked);
  } finally {
    Object.defineProperty(globalThis, "caches", own);
  }
}

const fileOf = async (bytes: Uint8Array<ArrayBuffer>, path = "a.bin"): Promise<SiteFile> => {
  return { path, size: bytes.length, sha256: await sha256(bytes) };
};

Deno.test({
  name: "a file is fetched once and kept; where nothing can be kept, it is fetched again",
  ignore: !MAY_SERVE,
  fn: async () => {
    for (
      const [cache, times] of [[new FakeCache(), 1], [new FakeCache(true), 2], ["none", 2], ["forbidden", 2]] as const
    ) {
      await withServer({ files: { "/site/a.bin": CONTENT }, cache }, async (base, asked) => {
        const file = await fileOf(CONTENT);
        for (let i = 0; i < 2; i++) assertEquals(await fetchSiteFile(file, base), CONTENT);
        assertEquals(asked.length, times);
      });
    }
  },
});

Deno.test({
  name: "another file is refused and not kept; a kept one that has changed is fetched anew",
  ignore: !MAY_SERVE,
  fn: async () => {
    const cache = new FakeCache();
    const other = new TextEncoder().encode("weight!");
    await withServer({ files: { "/site/a.bin": other }, cache }, async (base) => {
      await assertRejects(
        async () => await fetchSiteFile(await fileOf(CONTENT), base),
        Error,
        "a.bin is not the file that this page was made for: 7 bytes with SHA-256 ",
      );
      assertEquals(cache.files.size, 0);
    });
    await withServer({ files: { "/site/a.bin": CONTENT }, cache }, async (base, asked) => {
      cache.files.set(new URL("a.bin", base).href, other);
      assertEquals(await fetchSiteFile(await fileOf(CONTENT), base), CONTENT);
      assertEquals([asked.length, cache.files.get(new URL("a.bin", base).href)], [1, CONTENT]);
    });
  },
});

Deno.test({
  name: "what the server does not have is told by its name",
  ignore: !MAY_SERVE,
  fn: async () => {
    await withServer({ files: {}, cache: "none" }, async (base) => {
      const file = await fileOf(CONTENT);
      await assertRejects(() => fetchSiteFile(file, base), Error, "a.bin cannot be fetched: the server says 404");
      const nowhere = new URL("http://127.0.0.1:1/");
      await assertRejects(() => fetchSiteFile(file, nowhere), Error, "a.bin cannot be fetched: ");
    });
  },
});

Deno.test({
  name: "of the files that are kept the oldest go",
  ignore: !MAY_SERVE,
  fn: async () => {
    const cache = new FakeCache();
    const names = Array.from({ length: 34 }, (_, i) => `${i}.bin`);
    const files = Object.fromEntries(names.map((name) => [`/site/${name}`, CONTENT]));
    await withServer({ files, cache }, async (base) => {
      for (const name of names) await fetchSiteFile(await fileOf(CONTENT, name), base);
      assertEquals([...cache.files.keys()], names.slice(2).map((name) => new URL(name, base).href));
    });
  },
});
