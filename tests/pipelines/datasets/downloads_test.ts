/** Where the datasets say that their files are. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { createHash } from "node:crypto";
import { InputError } from "../../../pipelines/base/errors.ts";
import { defaultsOf } from "../../../pipelines/base/option_table.ts";
import { quickdraw } from "../../../pipelines/datasets/quickdraw/quickdraw.ts";
import { may, REAL_DATA } from "../../helpers.ts";
import { DATASETS } from "../../../pipelines/datasets/registry.ts";

const listOf = (classes: readonly string[], form = "simplified") =>
  quickdraw.downloads!.list({ ...defaultsOf(quickdraw.options), classes }, form);

for (const [name, { downloads, options }] of Object.entries(DATASETS)) {
  Deno.test(`downloads of ${name}: each form is a list of files under names of their own`, () => {
    if (downloads === undefined) return;
    assert(downloads.forms.length > 0);
    for (const form of downloads.readable) assert(downloads.forms.includes(form), form);
    for (const option of downloads.options) assert(Object.hasOwn(options, option), option);
    for (const form of downloads.forms) {
      const files = downloads.list(defaultsOf(options), form);
      assertEquals(new Set(files.map((file) => file.name)).size, files.length);
      for (const { name, mirrors, bytes, sha256 = "a".repeat(64), md5 = "a".repeat(32) } of files) {
        assert(/^[^/]+\.[a-z]+$/.test(name) && mirrors.length > 0, name);
        assert(bytes === undefined || bytes > 0);
        assert(/^[0-9a-f]{64}$/.test(sha256) && /^[0-9a-f]{32}$/.test(md5), name);
        for (const url of mirrors) {
          assertEquals(new URL(url).href, url);
          const isChecked = sha256 !== "a".repeat(64); // the hash makes up for http
          assert(url.startsWith("https:") || isChecked && url.startsWith("http:"), url);
        }
      }
    }
  });
}

Deno.test("downloads of quickdraw: all 345 categories, or those that are asked for, each once", () => {
  assertEquals(listOf([]).length, 345);
  assertEquals(listOf(["The Eiffel Tower", "sun", "sun"], "raw"), [
    {
      name: "The Eiffel Tower.ndjson",
      mirrors: ["https://storage.googleapis.com/quickdraw_dataset/full/raw/The%20Eiffel%20Tower.ndjson"],
    },
    { name: "sun.ndjson", mirrors: ["https://storage.googleapis.com/quickdraw_dataset/full/raw/sun.ndjson"] },
  ]);
  const paths = quickdraw.downloads!.forms.map((form) => new URL(listOf(["cat"], form)[0].mirrors[0]).pathname);
  assertEquals(paths.map((path) => path.replace("/quickdraw_dataset/", "")), [
    "full/simplified/cat.ndjson",
    "full/raw/cat.ndjson",
    "full/binary/cat.bin",
    "full/numpy_bitmap/cat.npy",
    "sketchrnn/cat.npz",
  ]);
});

Deno.test("downloads of quickdraw: an unknown category gets the nearest name", () => {
  const says: [classes: string[], message: string][] = [
    [["circel"], "--classes: circel: no such category; did you mean circle?"],
    [["sun", "Eiffel Tower"], "--classes: Eiffel Tower: no such category; did you mean The Eiffel Tower?"],
    [["Cat"], "--classes: Cat: no such category; did you mean cat?"],
    [["../../etc/passwd"], "--classes: ../../etc/passwd: no such category"],
  ];
  for (const [classes, message] of says) {
    assertEquals(assertThrows(() => listOf(classes), InputError).message, message);
  }
});

Deno.test({
  name: "downloads of mnist: sizes and hashes are those of the real files",
  ignore: REAL_DATA === undefined,
  fn: async () => {
    const { mnist } = DATASETS;
    for (const { name, bytes, sha256, md5 } of mnist.downloads!.list({}, "idx")) {
      const data = await Deno.readFile(`${REAL_DATA}mnist/${name}`);
      const hash = (algorithm: string) => createHash(algorithm).update(data).digest("hex");
      assertEquals([data.length, hash("sha256"), hash("md5")], [bytes, sha256, md5], name);
    }
  },
});

Deno.test({
  name: "the tasks that download may reach the hosts of the datasets and no other",
  ignore: !may("read"),
  fn: async () => {
    const { permissions } = JSON.parse(await Deno.readTextFile(new URL("../../../deno.json", import.meta.url)));
    const hosts = Object.values(DATASETS).flatMap(({ downloads, options }) =>
      (downloads?.forms ?? []).flatMap((form) => downloads!.list(defaultsOf(options), form))
        .flatMap(({ mirrors }) => mirrors.map((url) => `${new URL(url).hostname}:${/^https/.test(url) ? 443 : 80}`))
    );
    const wanted = [...new Set(hosts)].sort();
    for (const task of ["download", "prepare"]) assertEquals(permissions[task].net.toSorted(), wanted, task);
    assertEquals(permissions.train.net, ["127.0.0.1"]); // train --watch listens there
  },
});
