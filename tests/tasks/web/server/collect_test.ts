import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { InputError } from "../../../../pipelines/base/errors.ts";
import { exists } from "../../../../pipelines/base/files.ts";
import { parseDrawingRecord } from "../../../../pipelines/formats/quickdraw/drawing_record.ts";
import { secondsOf } from "../../../../pipelines/formats/quickdraw/timestamp.ts";
import { CollectedFile, CollectionFull } from "../../../../tasks/web/server/collect.ts";
import { FAST, inTemporaryFolder, may } from "../../../helpers.ts";
import { CAN_MOUNT, leave, onSmallDisk } from "../../../small_disk.ts";
import { embedded, prepareTo } from "../../prepared.ts";

const SUN = { word: "sun", recognized: true, drawing: [[[0, 255], [3, 9]]] } as const;
const MILL = { word: "windmill", recognized: false, drawing: [[[7, 7], [7, 7]], [[0, 255, 4], [0, 1, 2]]] } as const;
const SETTINGS = { country: "CH", maxBytes: 1e6 };
const LINE = '{"word":"sun","drawing":[[[0,255],[3,9]]]}\n';

function test(name: string, fn: (path: string) => Promise<void>, isSlow = false): void {
  Deno.test({
    name,
    ignore: !may("read", "write") || isSlow && FAST,
    fn: () => inTemporaryFolder((folder) => fn(`${folder}/own/mine.ndjson`)),
  });
}

const write = async (path: string, content: string | Uint8Array) => {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeFile(path, typeof content === "string" ? new TextEncoder().encode(content) : content);
};
const open = (path: string, settings = SETTINGS) => CollectedFile.open(path, settings);

test("a drawing becomes a line with Quick, Draw!'s fields, in its order", async (path) => {
  const before = Math.floor(Date.now() / 1000);
  {
    using file = await open(path);
    const keys = [await file.append(SUN), await file.append(MILL)];
    assert(keys[0] !== keys[1]);
    assertEquals([file.count, file.words], [2, ["sun", "windmill"]]);
    const lines = (await Deno.readTextFile(path)).split("\n");
    assertEquals(lines.length, 3);
    assertMatch(
      lines[0],
      /^\{"word":"sun","countrycode":"CH","timestamp":"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ UTC","recognized":true,"key_id":"\d+","drawing":\[\[\[0,255\],\[3,9\]\]\]\}$/,
    );
    const { timestamp, keyId, drawing, recognized } = parseDrawingRecord(lines[1]);
    assertEquals({ keyId, drawing, recognized }, { keyId: keys[1], drawing: MILL.drawing, recognized: false });
    const seconds = secondsOf(timestamp!)!;
    assert(seconds >= before && seconds <= Date.now() / 1000);
  }
  using again = await open(path);
  assertEquals([again.count, again.words, again.note], [0, ["sun", "windmill"], undefined]);
  await again.append(SUN);
  assertEquals((await Deno.readTextFile(path)).split("\n").length, 4);
});

test("prepare reads what was collected as it is", async (path) => {
  {
    using file = await open(path);
    for (let i = 0; i < 30; i++) await file.append(i % 2 === 0 ? SUN : MILL);
  }
  const index = await prepareTo(`${path}.out`, { sources: [path], options: {} });
  assertEquals(index.classes, ["sun", "windmill"]);
  const { train, valid, test } = index.splits;
  assertEquals(train.examples + valid.examples + test.examples, 30);
  assertEquals(index.rejects, {});
}, true);

test("a file of Google's is added to, and nothing in it changes", async (path) => {
  const [google] = embedded("circle");
  const stream = (await Deno.open(google)).readable.pipeThrough(new DecompressionStream("gzip"));
  const text = await new Response(stream).text();
  await write(path, text.trimEnd()); // its last line has no end
  using file = await open(path);
  const key = await file.append(SUN);
  const all = await Deno.readTextFile(path);
  assert(all.startsWith(`${text.trimEnd()}\n{"word":"sun"`));
  assertEquals(parseDrawingRecord(all.trimEnd().split("\n").at(-1)!).keyId, key);
});

test("what a kill cut short is removed, and told; all before it stays", async (path) => {
  const cut = [
    ...['{"word":"sun","countrycode":"ZZ","timest', '{"word":"', "{", "\0".repeat(70), '{"word":"smörgås'].map((text) =>
      new TextEncoder().encode(text)
    ),
    new TextEncoder().encode('{"word":"smö').subarray(0, -1), // inside a letter
  ];
  for (const [start, tail] of cut.flatMap((tail) => [["", tail], [LINE, tail], [`\ufeff${LINE}\r\n`, tail]] as const)) {
    await write(path, new Uint8Array([...new TextEncoder().encode(start), ...tail]));
    using file = await open(path);
    assertStringIncludes(file.note!, `its last line, ${tail.length} bytes, was cut short`);
    assertEquals(await Deno.readTextFile(path), start, JSON.stringify(start));
    await file.append(SUN);
  }
});

test("a file of anything else is refused, and stays as it is", async (path) => {
  const raw = '{"word":"sun","drawing":[[[0,1],[3,9],[0,16]]]}\n';
  const others: [content: string | Uint8Array, says: string][] = [
    ["Dear diary,\n", ":1: bad JSON"],
    ["Dear diary,", ":1: bad JSON"],
    [`${LINE}Dear diary,\n${LINE}`, ":2: bad JSON"],
    [`${LINE}{"word":"sun","dra\n${LINE}`, ":2: bad JSON"],
    [`${LINE}${raw}`, ":2: raw drawing"],
    ['{"word":"sun"}\n', ":1: wrong type"],
    ['{"word":7,"drawing":[[[0],[0]]]}\n', ":1: wrong type"],
    [Uint8Array.of(0x1f, 0x8b, 8, 0, 0x0a, 0xff), ":1: not text in UTF-8"],
    ["[1,2]\n", ":1: wrong type"],
    [`${"\0".repeat(9)}\n`, ":1: zero bytes"],
  ];
  for (const [content, says] of others) {
    await write(path, content);
    const before = await Deno.readFile(path);
    const error = await assertRejects(() => open(path), InputError);
    assertStringIncludes(error.message, says);
    assertStringIncludes(error.message, "--collect");
    assertEquals(await Deno.readFile(path), before);
  }
});

test("a file that cannot be added to is refused in one line", async (path) => {
  await Deno.mkdir(path, { recursive: true });
  await assertRejects(() => open(path), InputError, `--collect ${path}: not a file`);
  await assertRejects(() => open(`${path}/a.ndjson.gz`), InputError, "cannot be added to a compressed file");
  await write(`${path}/file`, LINE);
  await assertRejects(() => open(`${path}/file/a.ndjson`), InputError, `--collect ${path}/file/a.ndjson: `);
  using _file = await open(`${path}/b.ndjson`);
  await assertRejects(() => open(`${path}/b.ndjson`), InputError, "another server is collecting into it");
});

test("a file that was made and got no drawing is not left behind", async (path) => {
  (await open(path))[Symbol.dispose]();
  assertEquals(await exists(path), false);
  await write(path, "");
  (await open(path))[Symbol.dispose]();
  assertEquals(await exists(path), true);
});

test("a file grows to its limit and no further", async (path) => {
  using file = await open(path, { country: "ZZ", maxBytes: 400 });
  await file.append(SUN);
  await file.append(SUN);
  const before = await Deno.readTextFile(path);
  await assertRejects(() => file.append(SUN), CollectionFull);
  assertEquals(await Deno.readTextFile(path), before);
  assertEquals(file.count, 2);
});

test("drawings do not go into a file that is not there any more", async (path) => {
  using file = await open(path);
  await file.append(SUN);
  await Deno.rename(path, `${path}.old`);
  await assertRejects(() => file.append(SUN), Error, "was moved or removed");
  await write(path, "");
  await assertRejects(() => file.append(SUN), Error, "was moved or removed");
  assertEquals((await Deno.readTextFile(`${path}.old`)).split("\n").length, 2);
});

test("many at once are many whole lines, each with a key of its own", async (path) => {
  using file = await open(path);
  await Promise.all(Array.from({ length: 50 }, (_, i) => file.append(i % 2 === 0 ? SUN : MILL)));
  const records = (await Deno.readTextFile(path)).trimEnd().split("\n").map(parseDrawingRecord);
  assertEquals(new Set(records.map(({ keyId }) => keyId)).size, 50);
});

Deno.test({
  name: "on a full disk no part of a drawing is left, and it goes on where there is room again",
  ignore: FAST || !CAN_MOUNT,
  fn: () =>
    onSmallDisk(async (disk) => {
      const path = `${disk}/mine.ndjson`;
      const long = { ...SUN, drawing: [[Array(3000).fill(255), Array(3000).fill(200)]] } as const;
      using file = await open(path);
      await file.append(SUN);
      await leave(disk, 4096);
      const before = await Deno.readTextFile(path);
      await assertRejects(() => file.append(long), CollectionFull);
      assertEquals(await Deno.readTextFile(path), before);
      await Deno.remove(`${disk}/filler`);
      await file.append(long);
      assertEquals((await Deno.readTextFile(path)).trimEnd().split("\n").length, 2);
    }),
});
