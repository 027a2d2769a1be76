import { assert, assertEquals, assertRejects } from "@std/assert";
import { InputError } from "../../../../pipelines/base/errors.ts";
import { siteHandler } from "../../../../tasks/web/server/handler.ts";
import { buildSite } from "../../../../tasks/web/site/build_site.ts";
import type { SiteManifest } from "../../../../tasks/web/site/manifest.ts";
import { type Site, sizesOf } from "../../../../tasks/web/site/site.ts";
import { type PageRun, readPageRun } from "../../../../tasks/web/site/site_run.ts";
import { writeSite } from "../../../../tasks/web/site/write_site.ts";
import { FAST, inTemporaryFolder, may } from "../../../helpers.ts";
import { smallData, trainTiny } from "../../runs.ts";
import { ask } from "../server/asking.ts";

function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({ name, ignore: FAST || !may("read", "write", "run"), fn: () => inTemporaryFolder(fn) });
}

async function madeSite(folder: string): Promise<{ readonly site: Site; readonly run: PageRun }> {
  await smallData(`${folder}/data`);
  await trainTiny(`${folder}/data`, `${folder}/run`, { loop: { steps: 2 } });
  const run = await readPageRun(`${folder}/run`, "run");
  return { run, site: await buildSite({ runs: [run], collects: false, cache: `${folder}/cache` }) };
}

const textIn = (site: Site, path: string) => new TextDecoder().decode(site.get(path)!.bytes);

/** All files of a folder, by path. */
async function filesBelow(folder: string, inside = ""): Promise<Record<string, Uint8Array>> {
  const found: Record<string, Uint8Array> = {};
  for await (const { name, isDirectory } of Deno.readDir(`${folder}/${inside}`)) {
    const path = inside + name;
    if (isDirectory) Object.assign(found, await filesBelow(folder, `${path}/`));
    else found[path] = await Deno.readFile(`${folder}/${path}`);
  }
  return found;
}

test("a site has all that it names, by relative addresses alone, and nothing of this machine", async (folder) => {
  const { site, run } = await madeSite(folder);
  const html = textIn(site, "index.html");
  const named = [...html.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, path]) => path);
  assertEquals(named.length, 4);
  const manifest: SiteManifest = JSON.parse(textIn(site, "site.json"));
  assertEquals(manifest.runs, [JSON.parse(JSON.stringify(run.run))]);
  assertEquals([manifest.version, manifest.collects, manifest.command], [1, false, "deno task quickstart"]);
  const app = JSON.parse(textIn(site, "app.webmanifest"));
  const parts = [
    ...[manifest.worker, `${manifest.wasmFolder}tfjs-backend-wasm-simd.wasm`, run.run.weights.path],
    ...app.icons.map(({ src }: { readonly src: string }) => src),
  ];
  for (const path of [...named, ...parts]) assert(site.has(path), path);
  for (const [path, { bytes, type, isImmutable }] of site) {
    assert(/^[\w./-]+$/.test(path) && !path.startsWith("/") && !path.includes(".."), path);
    assertEquals(isImmutable, !["index.html", "site.json", "app.webmanifest"].includes(path), path);
    if (!/text|json|svg/.test(type)) continue;
    const text = new TextDecoder().decode(bytes);
    assert(!text.includes(folder) && !text.includes(Deno.cwd()), `${path} names a folder of this machine`);
    assert(!/\bDeno\.|from ?"node:|import ?"node:|sourceMappingURL/.test(text), path);
  }
  assert(html.includes(`content="default-src 'none'; script-src 'self' 'wasm-unsafe-eval';`));
  assert(!/<script(?![^>]*\bsrc=)|\son\w+=|style=/.test(html), "what the policy forbids is not in the page");
  const sizes = sizesOf(site);
  assertEquals(sizes.map(([part]) => part), ["page", "scripts", "wasm", "models"]);
  assertEquals(
    sizes.reduce((sum, [, bytes]) => sum + bytes, 0),
    [...site.values()].reduce((sum, { bytes }) => sum + bytes.length, 0),
  );
});

test("an exported folder holds what is served, byte for byte, and gives way to another alone", async (folder) => {
  const { site, run } = await madeSite(folder);
  const out = `${folder}/out/page`;
  await writeSite(site, { folder: out, overwrite: false });
  const files = await filesBelow(out);
  assertEquals(Object.keys(files).sort(), [...site.keys()].sort());
  const handler = siteHandler({ site, isHost: () => true });
  for (const [path, bytes] of Object.entries(files)) assertEquals((await handler(ask(`/${path}`))).body, bytes, path);
  assertEquals(await Array.fromAsync(Deno.readDir(`${folder}/out`), ({ name }) => name), ["page"]);

  await assertRejects(() => writeSite(site, { folder: out, overwrite: false }), InputError, "--overwrite replaces it");
  const other = await buildSite({
    runs: [{ ...run, run: { ...run.run, name: "other" } }],
    collects: true,
    cache: `${folder}/cache`,
  });
  await writeSite(other, { folder: out, overwrite: true });
  assertEquals(JSON.parse(await Deno.readTextFile(`${out}/site.json`)).runs[0].name, "other");

  for (const path of ["diary.txt", "scripts/diary.txt", "models/old/a.safetensors"]) {
    await Deno.mkdir(`${out}/models/old`, { recursive: true });
    await Deno.writeTextFile(`${out}/${path}`, "mine");
    const says = path.startsWith("models/old") ? "models/old" : path;
    await assertRejects(() => writeSite(site, { folder: out, overwrite: true }), InputError, says);
    await Deno.remove(`${out}/${path}`);
    await Deno.remove(`${out}/models/old`);
    assertEquals(JSON.parse(await Deno.readTextFile(`${out}/site.json`)).runs[0].name, "other");
  }
  await Deno.mkdir(`${folder}/empty`);
  await writeSite(site, { folder: `${folder}/empty`, overwrite: false });
  await assertRejects(
    () => writeSite(site, { folder: `${folder}/data`, overwrite: true }),
    InputError,
    "no strokewise page",
  );
  assertEquals(await filesBelow(`${folder}/empty`), files);
});
