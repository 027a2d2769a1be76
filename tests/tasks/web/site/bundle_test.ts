import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { InputError } from "../../../../pipelines/base/errors.ts";
import { type Bundle, bundlePage } from "../../../../tasks/web/site/bundle.ts";
import { ESBUILD_PROGRAMS, ROOT } from "../../../../tasks/web/site/esbuild.ts";
import { FAST, inTemporaryFolder, may } from "../../../helpers.ts";

const FILES = {
  "page.tsx": 'import { shared } from "./shared.ts";\nexport const page = <p class="a">{shared}</p>;\n',
  "worker.ts": 'import { shared } from "./shared.ts";\nself.postMessage(shared);\n',
  "shared.ts": 'export const shared: string = "both of them say this";\n',
  "a.css": '@import "./b.css";\np {\n  color: #ff0000;\n}\n',
  "b.css": "/* gone */ b { margin: 0 }\n",
};

/** Runs a test with files of its own below the repository's folder, where packages are found. */
function test(name: string, fn: (given: { folder: string; bundle: () => Promise<Bundle> }) => Promise<void>): void {
  Deno.test({
    name,
    ignore: FAST || !may("read", "write", "run"), // esbuild is a program of its own
    fn: () =>
      inTemporaryFolder(async (folder) => {
        for (const [file, text] of Object.entries(FILES)) await Deno.writeTextFile(`${folder}/${file}`, text);
        await Deno.symlink(`${ROOT}node_modules`, `${folder}/node_modules`);
        const below = `${"../".repeat(ROOT.split("/").length - 2)}${folder.slice(1)}`;
        const entries = { page: `${below}/page.tsx`, worker: `${below}/worker.ts`, styles: [`${below}/a.css`] };
        await fn({ folder, bundle: () => bundlePage(entries, { cache: `${folder}/cache/web` }) });
      }),
  });
}

test("page, Worker and style are bundled; what both scripts need is there once", async ({ bundle }) => {
  const { scripts, page, worker, style } = await bundle();
  assertEquals(style, "b{margin:0}p{color:red}\n");
  assertMatch(page, /^page-[A-Z0-9]{8}\.js$/);
  assertMatch(worker, /^worker-[A-Z0-9]{8}\.js$/);
  const all = Object.entries(scripts);
  assertEquals(all.filter(([, text]) => text.includes("both of them say this")).length, 1);
  assertEquals(all.length, 3);
  assert(scripts[worker].includes("postMessage"));
  assert(all.some(([, text]) => text.includes("__html") || text.includes("vnode")), "preact's own runtime is in it");
});

test("what is bundled is kept until one of its files changes, or what is kept was", async ({ folder, bundle }) => {
  const first = await bundle();
  const kept = `${folder}/cache/web/bundle.json`;
  const { mtime } = await Deno.stat(kept);
  const isFresh = async () => (await Deno.stat(kept)).mtime!.getTime() > mtime!.getTime();
  await Deno.utime(kept, mtime!, mtime!);
  assertEquals([await bundle(), await isFresh()], [first, false]);

  await Deno.writeTextFile(`${folder}/shared.ts`, 'export const shared = "something else";\n');
  const second = await bundle();
  assertEquals(await isFresh(), true);
  assert(Object.values(second.scripts).some((text) => text.includes("something else")));
  assert(second.page !== first.page, "its name is another, since its part has another name");
  await Deno.writeTextFile(`${folder}/b.css`, "b { margin: 1px }");
  assertEquals((await bundle()).style, "b{margin:1px}p{color:red}\n");

  const good = await Deno.readTextFile(kept);
  for (const bad of ["", "{", "[]", good.replace("something else", "something evil"), good.slice(0, -2)]) {
    await Deno.writeTextFile(kept, bad);
    assertEquals((await bundle()).scripts, second.scripts);
  }
});

test("a bundle that cannot be kept is told, and is there all the same", async ({ folder }) => {
  await Deno.writeTextFile(`${folder}/file`, "");
  const notes: string[] = [];
  const entries = { page: "pipelines/base/text.ts", worker: "pipelines/base/prng.ts", styles: [] };
  const { worker } = await bundlePage(entries, {
    cache: `${folder}/file/web`,
    onNote: (note) => void notes.push(note),
  });
  assertMatch(worker, /^prng-/);
  assertEquals(notes.length, 1);
  assertMatch(notes[0], /^the bundled page is not kept in .*file\/web, and will be bundled again: /);
});

test("what cannot be bundled is one line, with its place", async ({ folder, bundle }) => {
  await Deno.writeTextFile(`${folder}/shared.ts`, "export const shared = ;\n");
  await assertRejects(bundle, InputError, "shared.ts:1:22: Unexpected");
  await Deno.writeTextFile(`${folder}/shared.ts`, 'import "node:fs";\nexport const shared = "";\n');
  await assertRejects(bundle, InputError, 'Could not resolve "node:fs"');
  await Deno.writeTextFile(`${folder}/shared.ts`, 'import "./none.ts";\nexport const shared = "";\n');
  await assertRejects(bundle, InputError, "shared.ts:1:7");
});

Deno.test({
  name: "serve and export may run esbuild's programs, and no others",
  ignore: !may("read"),
  fn: async () => {
    const { permissions } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
    for (const task of ["serve", "export"]) {
      assertEquals(permissions[task].run.toSorted(), Object.values(ESBUILD_PROGRAMS).toSorted());
      assertEquals(permissions[task].env, ["XDG_RUNTIME_DIR"]);
    }
    assertEquals([permissions.serve.net, permissions.export.net], [true, undefined]);
  },
});
