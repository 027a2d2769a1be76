import { assertEquals, assertRejects } from "@std/assert";
import { gzipSync } from "fflate";
import { InputError } from "../../../pipelines/base/errors.ts";
import { filesBelow } from "../../../pipelines/sources/small_files.ts";
import { findSources, type Line, openSource, readLines } from "../../../pipelines/sources/source.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";

const ignore = !may("read", "write");
const text = (value: string) => new TextEncoder().encode(value);

async function linesOf(path: string): Promise<Line[]> {
  return (await Array.fromAsync(readLines(openSource({ path })))).flat();
}

async function* chunks(...parts: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

Deno.test("readLines numbers lines, passes over blank ones, a BOM, CR LF and a missing last newline", async () => {
  const bytes = text("\ufeffone\r\n\n  \ntwö\nthree");
  for (const cut of [1, 5, 13, 14, bytes.length]) { // 14 is inside the two bytes of ö
    const lines = (await Array.fromAsync(readLines(chunks(bytes.subarray(0, cut), bytes.subarray(cut))))).flat();
    const trimmed = lines.map(({ number, text }) => [number, text.trim()]);
    assertEquals(trimmed, [[1, "one"], [4, "twö"], [5, "three"]]);
  }
});

Deno.test({
  name: "openSource gunzips by content, not by name, and hashes what is stored",
  ignore,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await Deno.writeFile(`${folder}/plain.gz`, text("abc"));
      await Deno.writeFile(
        `${folder}/zipped.ndjson`,
        new Uint8Array([...gzipSync(text("one\n")), ...gzipSync(text("two\n"))]),
      );
      assertEquals((await linesOf(`${folder}/plain.gz`)).map(({ text }) => text), ["abc"]);
      assertEquals((await linesOf(`${folder}/zipped.ndjson`)).map(({ text }) => text), ["one", "two"]);
      const source = openSource({ path: `${folder}/plain.gz` });
      await Array.fromAsync(source);
      // FIPS 180-2, appendix B.1: SHA-256 of "abc".
      assertEquals(source.summary(), {
        name: "plain.gz",
        bytes: 3,
        sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      });
    }),
});

Deno.test({
  name: "a truncated or broken gzip gives what came before, then says so",
  ignore,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const numbers = Array.from({ length: 60_000 }, (_, i) => `${i * i % 9973}\n`).join("");
      const zipped = gzipSync(text(numbers));
      const path = `${folder}/cut.gz`;
      for (
        const [bytes, least, message] of [
          [zipped.subarray(0, zipped.length / 2), numbers.length / 3, "truncated gzip"],
          [zipped.with(zipped.length - 5, 1), numbers.length, "broken gzip"],
          [Uint8Array.from([...zipped, 1, 2, 3]), numbers.length, "broken gzip"],
        ] as const
      ) {
        await Deno.writeFile(path, bytes);
        let length = 0;
        const read = async () => {
          for await (const part of openSource({ path })) {
            assertEquals(new TextDecoder().decode(part), numbers.slice(length, length + part.length));
            length += part.length;
          }
        };
        await assertRejects(read, InputError, message);
        assertEquals(length >= least, true, `only ${length} bytes were delivered`);
      }
    }),
});

Deno.test("findSources takes a list: of a path alone each letter would be one", async () => {
  const words = "sources: expected a list of paths and globs, found cat.ndjson";
  await assertRejects(() => findSources("cat.ndjson" as never, [".ndjson"]), TypeError, words);
});

Deno.test({
  name: "findSources takes files, folders and globs, sorted, each once",
  ignore,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      for (const name of ["b.ndjson", "a.jsonl.gz", "notes.txt", "c.ndjson.gz"]) {
        await Deno.writeTextFile(`${folder}/${name}`, "x");
      }
      const names = async (...patterns: string[]) =>
        (await findSources(
          patterns.map((pattern) => `${folder}${pattern}`),
          [".ndjson", ".jsonl"],
        )).map(({ path }) => path.slice(folder.length + 1));
      assertEquals(await names(""), ["a.jsonl.gz", "b.ndjson", "c.ndjson.gz"]);
      assertEquals(await names("/*.gz", "/b.ndjson", "/c*"), ["a.jsonl.gz", "c.ndjson.gz", "b.ndjson"]);
      assertEquals(await names("/notes.txt"), ["notes.txt"]);
      await Deno.mkdir(`${folder}/more/deep`, { recursive: true });
      await Deno.mkdir(`${folder}/.hidden`);
      for (const name of ["more/d.ndjson", "more/deep/e.ndjson", ".hidden/f.ndjson", ".g.ndjson", "more/[h].ndjson"]) {
        await Deno.writeTextFile(`${folder}/${name}`, "x");
      }
      await Deno.symlink(folder, `${folder}/more/round`);
      assertEquals(await names("/more/[[]h*"), ["more/[h].ndjson"]);
      assertEquals(await names("/more/[h].ndjson"), ["more/[h].ndjson"]);
      assertEquals(await names("/*/*.ndjson"), ["more/[h].ndjson", "more/d.ndjson"]);
      assertEquals(await names("/**/[!h]*.ndjson"), [
        ...["b.ndjson", "more/[h].ndjson", "more/d.ndjson", "more/deep/e.ndjson"],
      ]);
      assertEquals(await names("/more/**"), ["more/[h].ndjson", "more/d.ndjson", "more/deep/e.ndjson"]);
      assertEquals(await names("/{a,c}.{jsonl,ndjson}.??"), ["a.jsonl.gz", "c.ndjson.gz"]);
      await assertRejects(() => names("/d*"), InputError, "no such file");
      const inside = `it matches 1 folder and no file; "${folder}/mor?/*" is what they hold`;
      await assertRejects(() => names("/mor?"), InputError, inside);
      const deeper = `2 such files in folders below: name them as "${folder}/more/**"`;
      await Deno.rename(`${folder}/more/d.ndjson`, `${folder}/more/deep/d.ndjson`);
      await Deno.rename(`${folder}/more/[h].ndjson`, `${folder}/[h].ndjson`);
      await assertRejects(() => names("/more"), InputError, deeper);
      assertEquals(await names("/more/**"), ["more/deep/d.ndjson", "more/deep/e.ndjson"]);
      await assertRejects(
        () => findSources([folder], [".idx"]),
        InputError,
        "holds no .idx file (or the same with .gz)",
      );
    }),
});

Deno.test({
  name: "folders are followed where links lead to them, but not round",
  ignore,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      for (const path of ["in/a", "out/b", "out/c"]) await Deno.mkdir(`${folder}/${path}`, { recursive: true });
      for (const path of ["in/a/1.png", "out/b/2.png", "out/c/3.png"]) {
        await Deno.writeTextFile(`${folder}/${path}`, "x");
      }
      await Deno.symlink(`${folder}/out/b`, `${folder}/in/linked`);
      await Deno.symlink("..", `${folder}/in/a/round`);
      await Deno.symlink(`${folder}/out`, `${folder}/in/out`);
      await Deno.symlink(`${folder}/in`, `${folder}/out/c/back`);
      await Deno.mkdir(`${folder}/in/none`);
      const [ignored, empty]: string[][] = [[], []];
      const found = await filesBelow(`${folder}/in`, [".png"], {
        ignore: (path) => ignored.push(path),
        empty: (path) => empty.push(path),
      });
      const short = (paths: string[]) => paths.map((path) => path.slice(folder.length + 4)).sort();
      assertEquals(short(found), ["a/1.png", "linked/2.png", "out/b/2.png", "out/c/3.png"]);
      assertEquals(short(ignored), ["a/round", "out/c/back"]);
      assertEquals(short(empty), ["none/"]);
    }),
});

Deno.test({
  name: "a folder's files count in capitals too, hidden ones do not, as of what macOS adds to archives",
  ignore,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      for (const name of ["CAT.NDJSON", "Dog.Ndjson.GZ", "._CAT.NDJSON", ".sun.ndjson"]) {
        await Deno.writeTextFile(`${folder}/${name}`, "x");
      }
      const ignored: string[] = [];
      const found = await findSources([folder], [".ndjson"], { ignore: (path) => void ignored.push(path) });
      assertEquals(found.map(({ path }) => path.slice(folder.length)), ["/CAT.NDJSON", "/Dog.Ndjson.GZ"]);
      assertEquals(ignored, []);
    }),
});

Deno.test({
  name: "a reader that stops early closes the file, gzipped or not",
  ignore,
  sanitizeOps: true,
  sanitizeResources: true,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const plain = text("0123456789".repeat(100_000));
      for (const bytes of [plain, plain.subarray(0, 10), gzipSync(plain), gzipSync(plain.subarray(0, 10))]) {
        await Deno.writeFile(`${folder}/file`, bytes);
        for await (const part of openSource({ path: `${folder}/file` })) {
          assertEquals(part[0], 48);
          break;
        }
      }
    }),
});

Deno.test({
  name: "a source is read again from its beginning, and that counts nowhere; a pipe is not",
  ignore,
  sanitizeResources: true,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [path, stored] = [`${folder}/x.gz`, gzipSync(text("one\ntwo\n"))];
      await Deno.writeFile(path, stored);
      const source = openSource({ path });
      const read = async (bytes: AsyncIterable<Uint8Array>) => (await Array.fromAsync(readLines(bytes))).flat();
      const before = await read(source.again());
      assertEquals(source.bytesRead, 0);
      assertEquals([await read(source), await read(source.again())], [before, before]);
      assertEquals([before.length, source.summary().bytes], [2, stored.length]);
      await assertRejects(() => read(openSource({ path: "-" }).again()), InputError, "it must be read twice");
    }),
});

Deno.test({
  name: "a file whose name is not UTF-8 spoils neither its folder nor a glob: it is told, or refused",
  ignore: !may("read", "write", "run"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/a.ndjson`, "");
      const make = `: > "$(printf '\\377\\376.ndjson')"; : > "$(printf '\\377.txt')"`;
      assertEquals((await new Deno.Command("sh", { args: ["-c", make], cwd: folder }).output()).code, 0);
      for (const pattern of [folder, `${folder}/*.ndjson`, `${folder}/**/*.ndjson`]) {
        const passed: string[] = [];
        const found = await findSources([pattern], [".ndjson"], { passOver: (path) => passed.push(path) });
        assertEquals(found.map(({ path }) => path), [`${folder}/a.ndjson`]);
        assertEquals(passed, [`${folder}/\ufffd\ufffd.ndjson`]);
        await assertRejects(() => findSources([pattern], [".ndjson"]), InputError, "its name is not UTF-8");
      }
    }),
});

Deno.test({
  name:
    "what lies beside the sources in a named folder is told: other files, folders, and both below folders of pictures",
  ignore: !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      for (const path of ["cat.ndjson", "cat.txt", ".hidden", "more/sun.ndjson"]) {
        await Deno.mkdir(`${folder}/${path.replace(/[^/]*$/, "")}`, { recursive: true });
        await Deno.writeTextFile(`${folder}/${path}`, "");
      }
      const ignored: string[] = [];
      const ignore = (path: string) => void ignored.push(path.slice(folder.length + 1));
      await findSources([folder], [".ndjson"], { ignore });
      assertEquals(ignored.splice(0), ["cat.txt", "more/"]);
      await findSources([`${folder}/cat.ndjson`, `${folder}/*.ndjson`], [".ndjson"], { ignore });
      assertEquals(ignored.splice(0), []);
      await Deno.writeTextFile(`${folder}/more/1.png`, "");
      await findSources([folder], [".idx"], { small: [".png"], ignore });
      assertEquals(ignored.sort(), ["cat.ndjson", "cat.txt", "more/sun.ndjson"]);
    }),
});
