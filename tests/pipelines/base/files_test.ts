import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import {
  checkWritable,
  folderOf,
  makeOutput,
  removeLeftovers,
  removeUnfinished,
  replaceFile,
  trimSlashes,
  writeAll,
  writeAllSync,
  writeAtomic,
} from "../../../pipelines/base/files.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";
import { filesOf, namesIn } from "../../tasks/prepared.ts";

/** A test in a folder of its own. */
function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({
    name: `files: ${name}`,
    ignore: !may("read", "write"),
    sanitizeOps: true,
    sanitizeResources: true,
    fn: () => inTemporaryFolder(fn),
  });
}

Deno.test("files: all bytes are written, however few at a time", async () => {
  const written: number[] = [];
  const writeSync = (bytes: Uint8Array) => written.push(...bytes.subarray(0, 3)) && Math.min(3, bytes.length);
  const bytes = Uint8Array.from({ length: 8 }, (_, i) => i);
  writeAllSync({ writeSync }, bytes);
  await writeAll({ write: (bytes) => Promise.resolve(writeSync(bytes)) }, bytes);
  assertEquals(written, [...bytes, ...bytes]);
});

test("a file whose folder is not there is not made, and its folder is named", async (folder) => {
  const write = (path: string) => writeAtomic(path, "x");
  const words = `${folder}/no/such/file: there is no folder ${folder}/no/such for it`;
  await assertRejects(() => write(`${folder}/no/such/file`), Deno.errors.NotFound, words);
  await Deno.writeTextFile(`${folder}/file`, "");
  await assertRejects(
    () => write(`${folder}/file/x`),
    Deno.errors.NotFound,
    `there is no folder ${folder}/file for it`,
  );
});

test("whoever reads a file that is written again and again finds it whole", async (folder) => {
  const path = `${folder}/file`;
  const contents = ["a", "b", "c"].map((letter, i) => letter.repeat(2_000_000 + 100_000 * i));
  await writeAtomic(path, contents[0]);
  let writing = true;
  const seen = new Set<string>();
  const reader = async () => {
    let reads = 0;
    for (; writing || reads < 5; reads++) {
      const text = await Deno.readTextFile(path);
      assert(contents.includes(text), `${text.length} letters, the first ${text[0]}, the last ${text.at(-1)}`);
      seen.add(text[0]);
    }
  };
  const reading = reader();
  for (let i = 0; i < 20; i++) await writeAtomic(path, contents[i % 3]);
  writing = false;
  await reading;
  assert(seen.size > 1, "the reader never met a new content");
  assertEquals(await namesIn(folder), ["file"]);
});

test("what cannot be written leaves the old file and nothing else", async (folder) => {
  await Deno.mkdir(`${folder}/is-a-folder`);
  await assertRejects(() => writeAtomic(`${folder}/is-a-folder`, "text"), Error);
  await assertRejects(() => writeAtomic(`${folder}/none/file`, "text"), Deno.errors.NotFound);
  assertEquals(await namesIn(folder), ["is-a-folder"]);
  await Deno.writeTextFile(`${folder}/file`, "longer than what is written");
  await writeAtomic(`${folder}/file`, Uint8Array.of(104, 105));
  assertEquals(await filesOf(folder), { "file": btoa("hi"), "is-a-folder/": "" });
  const fault = async (file: Deno.FsFile) => {
    await writeAll(file, new Uint8Array(7));
    throw new Error("in the middle");
  };
  await assertRejects(() => replaceFile(`${folder}/file`, fault), Error, "in the middle");
  assertEquals(await filesOf(folder), { "file": btoa("hi"), "is-a-folder/": "" });
});

test("the name before the last is nobody's: two at once do not meet, and it is no link", async (folder) => {
  const names = () => namesIn(folder);
  await Deno.writeTextFile(`${folder}/file.partial`, "somebody's");
  const began = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const writes = ["one", "two"].map((text, i) =>
    replaceFile(`${folder}/file`, async (file) => {
      began[i].resolve();
      await began[1 - i].promise;
      await writeAll(file, new TextEncoder().encode(text));
      return await names();
    })
  );
  const seen = await Promise.all(writes);
  for (const name of seen[0].filter((name) => !["file", "file.partial"].includes(name))) {
    assertMatch(name, /^file\.[0-9a-f]{16}\.partial$/);
  }
  assertEquals(await names(), ["file", "file.partial"]);
  assert(["one", "two"].includes(await Deno.readTextFile(`${folder}/file`)));
  assertEquals(await Deno.readTextFile(`${folder}/file.partial`), "somebody's");
});

test("what a killed writer left of a file is removed by the next, and nothing else is", async (folder) => {
  const path = `${folder}/file`;
  const hex = "0123456789abcdef";
  const old = new Date(Date.now() - 3_600_000);
  const others = [
    ...[`file.${hex}.partial.txt`, `file.${hex.toUpperCase()}.partial`, `file.${hex}0.partial`, `other.${hex}.partial`],
    ...[
      "file.partial",
      `xfile.${hex}.partial`,
      `file.${hex.replace("0", "1")}.partial`,
      `file.${hex.replace("0", "2")}.partial`,
    ],
  ];
  for (const name of [`file.${hex}.partial`, ...others]) {
    await Deno.writeTextFile(`${folder}/${name}`, "left");
    await Deno.utime(`${folder}/${name}`, old, old);
  }
  const young = `file.${hex.replace("0", "3")}.partial`;
  await Deno.writeTextFile(`${folder}/${young}`, "just begun");
  const soon = new Date(Date.now() + 60_000); // however long this test takes
  await Deno.utime(`${folder}/${young}`, soon, soon);
  await Deno.mkdir(`${folder}/file.${hex.replace("0", "4")}.partial`);
  await Deno.symlink(`${folder}/other.${hex}.partial`, `${folder}/file.${hex.replace("0", "5")}.partial`);
  // One of the two old ones belongs to a writer that is still at work, in another process as far as locks can tell.
  using held = await Deno.open(`${folder}/${others.at(-1)}`, { read: true, write: true });
  await held.lock(true);

  await writeAtomic(path, "new");
  const left = [...others.filter((name) => name !== others.at(-2)), young, "file"];
  const links = ["4", "5"].map((digit) => `file.${hex.replace("0", digit)}.partial`);
  assertEquals((await namesIn(folder)).sort(), [...left, ...links].sort());
});

test("what killed writers left of any file of a folder is removed, and what is being written is not", async (folder) => {
  const old = new Date(Date.now() - 2000);
  for (const name of ["a.0123456789abcdef.partial", "b.c.0123456789abcdef.partial", "d.partial", "e"]) {
    await Deno.writeTextFile(`${folder}/${name}`, "");
    await Deno.utime(`${folder}/${name}`, old, old);
  }
  await replaceFile(`${folder}/f`, async () => {
    const [own] = (await namesIn(folder)).filter((name) => name.startsWith("f."));
    await Deno.utime(`${folder}/${own}`, old, old);
    await removeLeftovers(folder);
    assertEquals((await namesIn(folder)).sort(), ["d.partial", "e", own].sort());
  });
  await removeLeftovers(`${folder}/none`);
});

test("a file that is being filled when the process ends is removed", async (folder) => {
  await replaceFile(`${folder}/file`, async () => {
    assertEquals((await namesIn(folder)).length, 1);
    removeUnfinished();
    assertEquals(await namesIn(folder), []);
    throw new Error("ended");
  }).catch(() => {});
});

test("paths without the slashes at their end, and the folders of files", () => {
  assertEquals(["/", "//", "a/", "a//", "/a/", "", "a/b"].map(trimSlashes), ["/", "/", "a", "a", "/a", "", "a/b"]);
  assertEquals(["a", "/a", "b/a", "/b/a"].map(folderOf), [".", "/", "b", "/b"]);
  return Promise.resolve();
});

test("a folder that takes no file is refused before the work", async (folder) => {
  await checkWritable(folder);
  assertEquals(await namesIn(folder), []);
  await Deno.writeTextFile(`${folder}/file`, "");
  for (const bad of [`${folder}/none`, `${folder}/file`]) {
    await assertRejects(() => checkWritable(bad), InputError, `${bad}: cannot be written to`);
  }
});

test("of two who make one output at once one is refused, and what was there first stays", async (folder) => {
  const path = `${folder}/out`;
  const ready = Promise.withResolvers<void>();
  let begun = 0;
  const make = (text: string, overwrite = false) =>
    makeOutput({ path, overwrite }, async (file) => {
      if (++begun === 2) ready.resolve();
      await ready.promise; // both have found the place free
      await writeAll(file, new TextEncoder().encode(text));
      return text;
    });
  const ended = await Promise.allSettled([make("one"), make("two")]);
  const [won, lost] = ["fulfilled", "rejected"].map((status) => ended.find((one) => one.status === status));
  assert(won?.status === "fulfilled" && lost?.status === "rejected");
  assert(lost.reason instanceof InputError);
  assertEquals(
    lost.reason.message,
    `output ${path}: already there; --overwrite replaces it, --output names another`,
  );
  assertEquals(await Deno.readTextFile(path), won.value);
  assertEquals(await namesIn(folder), ["out"]);
  await assertRejects(() => make("three"), InputError, "already there");
  assertEquals([begun, await make("four", true)], [2, "four"]);
  assertEquals(await Deno.readTextFile(path), "four");
  await Deno.symlink(`${folder}/nowhere`, `${folder}/link`);
  await assertRejects(
    () => makeOutput({ path: `${folder}/link`, overwrite: false }, () => {}),
    InputError,
    "link: alr",
  );
  assertEquals(await namesIn(folder), ["link", "out"]);
});

test("an output is made on a disk without links, too, and refused where the place is taken", async (folder) => {
  const { link } = Deno;
  Deno.link = () => Promise.reject(new Deno.errors.PermissionDenied("Operation not permitted (os error 1)"));
  try {
    const make = (name: string, meanwhile = () => Promise.resolve()) =>
      makeOutput({ path: `${folder}/${name}`, overwrite: false }, meanwhile);
    await make("a");
    await assertRejects(
      () => make("b", () => Deno.writeTextFile(`${folder}/b`, "another's")),
      InputError,
      `output ${folder}/b: already there`,
    );
    assertEquals(await Deno.readTextFile(`${folder}/b`), "another's");
    assertEquals(await namesIn(folder), ["a", "b"]);
  } finally {
    Deno.link = link;
  }
});
