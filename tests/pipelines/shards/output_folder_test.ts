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

const SPLIT = { examples: 1, perClass: [1], shards: [{ file: "text", examples: 1, bytes: 1, sha256: "" }] };
const INDEX = JSON.stringify({ format: "strokewise shards", splits: { train: SPLIT, valid: SPLIT, test: SPLIT } });

/** Makes a partial folder as a killed run leaves one. */
async function leavePartial(out: string): Promise<void> {
  (await claimFolder(out)).close();
}

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
  await leavePartial(out);
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
  assertEquals(Object.keys(await filesOf(partialName(out))), ["lock", "output/"]);
  assertEquals(await namesIn(outputName(out)), []);
  lock.close();
});

test("a partial folder that is somebody's is left alone, and so is what a link leads to", async (folder) => {
  await Deno.mkdir(`${folder}/a.partial/mine`, { recursive: true });
  await Deno.writeTextFile(`${folder}/a.partial/lock`, "my bicycle's");
  await Deno.mkdir(`${folder}/victim`);
  await leavePartial(`${folder}/real`);
  await Deno.symlink("victim", `${folder}/b.partial`);
  await Deno.symlink("real.partial", `${folder}/c.partial`);
  await Deno.writeTextFile(`${folder}/d.partial`, "text");
  const before = await namesIn(folder);
  for (const name of ["a", "b", "c", "d"]) {
    const words = `output ${folder}/${name}: ${folder}/${name}.partial is in the way`;
    await assertRejects(() => claimFolder(`${folder}/${name}`), InputError, name === "d" ? undefined : words);
  }
  assertEquals([await namesIn(folder), await namesIn(`${folder}/a.partial`)], [before, ["lock", "mine"]]);
});

test("an empty partial folder, and one in which a run only made its lock, are taken over", async (folder) => {
  for (const name of ["a", "b"]) {
    await Deno.mkdir(`${folder}/${name}.partial`);
    if (name === "b") await Deno.writeTextFile(`${folder}/b.partial/lock`, "");
    await dropPartial(`${folder}/${name}`, await claimFolder(`${folder}/${name}`));
  }
  assertEquals(await namesIn(folder), []);
});

test("links, and folders that hold the working folder, are refused", async (folder) => {
  await put(`${folder}/ours`, "x");
  await Deno.symlink("ours", `${folder}/link`);
  await Deno.symlink("none", `${folder}/loose`);
  for (const name of ["link", "link/", "loose"]) {
    await assertRejects(() => claimFolder(`${folder}/${name}`), InputError, "a symbolic link; name the folder itself");
  }
  for (const name of ["/", ".", "./", "..", `${folder}/.`, Deno.cwd(), `${Deno.cwd()}/..`]) {
    await assertRejects(() => claimFolder(name), InputError, "holds the folder that you are in");
    await assertRejects(() => checkReplaceable(name, true), InputError, "holds the folder that you are in");
  }
  assertEquals(await namesIn(folder), ["link", "loose", "ours"]);
});

test("shards beside which there are other files are not replaced, whenever these came", async (folder) => {
  const out = `${folder}/out`;
  await put(out, "old");
  const lock = await claimFolder(out);
  await emptyPartial(out);
  await put(outputName(out), "new");
  await Deno.writeTextFile(`${out}/thesis.txt`, "Once");
  await Deno.mkdir(`${out}/run1`);
  const words = "holds what is not of its shards, run1, thesis.txt, so it is not replaced";
  await assertRejects(() => checkReplaceable(out, true), InputError, words);
  await assertRejects(() => finishFolder(out, lock), InputError, words);
  await dropPartial(out, lock);
  assertEquals([await namesIn(out), await textOf(out)], [["index.json", "run1", "text", "thesis.txt"], "old"]);
});
