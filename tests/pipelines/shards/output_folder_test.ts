import { assertEquals, assertRejects } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import {
  checkReplaceable,
  claimFolder,
  dropPartial,
  emptyPartial,
  finishFolder,
  outputName,
  partialName,
} from "../../../pipelines/shards/output_folder.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";
import { filesOf, namesIn } from "../../tasks/prepared.ts";

const INDEX = '{ "format": "strokewise shards" }';

/** A test in a folder of its own. */
function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({ name: `output folder: ${name}`, ignore: !may("read", "write"), fn: () => inTemporaryFolder(fn) });
}

/** Makes a finished folder that says which one it is. */
async function put(folder: string, text: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/index.json`, INDEX);
  await Deno.writeTextFile(`${folder}/text`, text);
}

const textOf = (folder: string) => Deno.readTextFile(`${folder}/text`);

test("one run at a time; the next may when the first has ended", async (folder) => {
  const out = `${folder}/out`;
  const lock = await claimFolder(out);
  await assertRejects(() => claimFolder(out), InputError, `output ${out}: another run is writing it`);
  lock.close();
  const again = await claimFolder(`${out}/`);
  await dropPartial(out, again);
  assertEquals(await namesIn(folder), []);
});

test("it appears whole, and its old content goes only then", async (folder) => {
  const out = `${folder}/out`;
  for (const text of ["first", "second"]) {
    const lock = await claimFolder(out);
    await emptyPartial(out);
    await put(outputName(out), text);
    if (text === "second") assertEquals(await textOf(out), "first");
    await finishFolder(out, lock);
    assertEquals([await namesIn(folder), await textOf(out)], [["out"], text]);
  }
});

test("a run that is killed between the two renames loses nothing", async (folder) => {
  const out = `${folder}/out`;
  await put(`${partialName(out)}/old`, "old");
  await put(outputName(out), "new");
  const lock = await claimFolder(out);
  assertEquals(await textOf(out), "old");
  await finishFolder(out, lock);
  assertEquals([await namesIn(folder), await textOf(out)], [["out"], "new"]);
});

test("giving up puts the old content back", async (folder) => {
  const out = `${folder}/out`;
  const lock = await claimFolder(out);
  await put(`${partialName(out)}/old`, "old");
  await dropPartial(out, lock);
  assertEquals([await namesIn(folder), await textOf(out)], [["out"], "old"]);
});

test("only shards and empty folders are replaced, and only when asked", async (folder) => {
  await put(`${folder}/ours`, "x");
  await Deno.mkdir(`${folder}/empty`);
  await Deno.mkdir(`${folder}/theirs`);
  await Deno.writeTextFile(`${folder}/theirs/thesis.txt`, "Once");
  await Deno.writeTextFile(`${folder}/file`, "text");
  await checkReplaceable(`${folder}/none`, false);
  for (const name of ["ours", "empty"]) {
    await checkReplaceable(`${folder}/${name}`, true);
    await assertRejects(() => checkReplaceable(`${folder}/${name}`, false), InputError, "--overwrite replaces it");
  }
  for (const name of ["theirs", "file"]) {
    await assertRejects(() => checkReplaceable(`${folder}/${name}`, true), InputError, "holds no strokewise shards");
  }
});

test("emptying leaves the lock and an empty folder for the output", async (folder) => {
  const out = `${folder}/out`;
  const lock = await claimFolder(out);
  await put(outputName(out), "half");
  await Deno.writeTextFile(`${partialName(out)}/journal.json`, "{}");
  await emptyPartial(out);
  assertEquals(await filesOf(partialName(out)), { lock: "", "output/": "" });
  assertEquals(await namesIn(outputName(out)), []);
  lock.close();
});
