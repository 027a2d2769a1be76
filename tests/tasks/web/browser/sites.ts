/** The paint page, as a server serves it and as static files, each as a person starts it: by a task's own process. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { runTask, taskCommand } from "../../command.ts";

/** The page somewhere. */
export interface Site extends AsyncDisposable {
  /** Its address, with a slash at the end. */
  readonly url: string;
  /** The file that its drawings are collected in; missing where nobody takes them. */
  readonly collected?: string;
}

const flagsOf = (runs: readonly string[]) => runs.flatMap((run) => ["--run", run]);

/** Where the server says that it is. */
async function addressFrom(output: ReadableStream<Uint8Array>, said: string[]): Promise<string> {
  const address = Promise.withResolvers<string>();
  (async () => { // to its end, or the process would wait for a reader
    const decoder = new TextDecoder();
    for await (const bytes of output) {
      said.push(decoder.decode(bytes, { stream: true }));
      const found = /http:\/\/127\.0\.0\.1:\d+\//.exec(said.join(""));
      if (found) address.resolve(found[0]);
    }
    address.reject(new Error(`deno task serve ended: ${said.join("")}`));
  })();
  return await address.promise;
}

/** Starts `deno task serve`; `Ctrl-C` ends it. */
export async function serveSite(runs: readonly string[], { collected }: { collected?: string } = {}): Promise<Site> {
  const collect = collected === undefined ? [] : ["--collect", collected];
  const process = taskCommand("serve", [...flagsOf(runs), "--port", "0", ...collect]).spawn();
  const said: string[] = [];
  const complaints = new Response(process.stderr).text();
  complaints.then((text) => said.push(text));
  return {
    url: await addressFrom(process.stdout, said),
    ...(collected === undefined ? {} : { collected }),
    async [Symbol.asyncDispose]() {
      process.kill("SIGINT");
      const { code } = await process.status;
      assert([0, 130].includes(code), `deno task serve: exit code ${code}`);
      assertMatch(await complaints, /^strokewise serve: interrupted[^\n]*\n$/);
    },
  };
}

/** What a plain host of files says they are. */
const TYPES: Readonly<Record<string, string>> = {
  css: "text/css",
  html: "text/html",
  js: "text/javascript",
  json: "application/json",
  png: "image/png",
  svg: "image/svg+xml",
  wasm: "application/wasm",
};

/** Where the exported files are on their host: not at its root. */
const SUB_PATH = "/sketches/today/";

/** Writes the page as static files, and serves these as any host would: no header but the type, 404 for all else. */
export async function exportSite(runs: readonly string[], folder: string): Promise<Site> {
  const { code, stderr } = await runTask("export", [...runs, "--to", "site", "--output", folder]);
  assertEquals(code, 0, stderr);
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async ({ url }) => {
    const { pathname } = new URL(url);
    const name = pathname === SUB_PATH ? "index.html" : pathname.slice(SUB_PATH.length);
    const bytes = pathname.startsWith(SUB_PATH) && !name.includes("..")
      ? await Deno.readFile(`${folder}/${decodeURIComponent(name)}`).catch(() => undefined)
      : undefined;
    if (bytes === undefined) return new Response("Not found", { status: 404 });
    const type = TYPES[name.split(".").pop()!] ?? "application/octet-stream";
    return new Response(bytes, { headers: { "content-type": type } });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}${SUB_PATH}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
