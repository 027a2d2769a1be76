import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  type BitmapLayout,
  decodeBitmapHeader,
  encodeBitmapHeader,
  readBitmaps,
} from "../../../pipelines/formats/bitmaps.ts";
import { Reject } from "../../../pipelines/base/errors.ts";
import { decodeIdx, encodeIdx } from "../../../pipelines/formats/idx.ts";
import { decodeNpy, encodeNpy, encodeNpyHeader } from "../../../pipelines/formats/npy.ts";
import { openSource } from "../../../pipelines/sources/source.ts";
import { REAL_DATA } from "../../helpers.ts";

const PIXELS = Uint8Array.from({ length: 3 * 784 }, (_, i) => i % 251);

async function* pieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

/** All bitmaps of a file, one after another. */
async function readAll(bytes: Uint8Array, layout: BitmapLayout, length = 1000): Promise<Uint8Array> {
  const parts = await Array.fromAsync(readBitmaps(pieces(bytes, length), layout));
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

const fileOf = (layout: BitmapLayout) => Uint8Array.from([...encodeBitmapHeader(3, layout), ...PIXELS]);

Deno.test("bitmaps come back from pieces of any length, whatever the header", async () => {
  for (const layout of ["npy", "bin", "idx"] as const) {
    for (const length of [1, 100, 784, 5000]) assertEquals(await readAll(fileOf(layout), layout, length), PIXELS);
  }
});

Deno.test("the headers are those of whole files", () => {
  assertEquals(decodeNpy(fileOf("npy")), { dtype: "uint8", shape: [3, 784], data: PIXELS });
  assertEquals(decodeIdx(fileOf("idx")), { dtype: "uint8", shape: [3, 28, 28], data: PIXELS });
  assertEquals(fileOf("bin"), PIXELS);
});

Deno.test("all three shapes of .npy are read, and IDX as MNIST has it", async () => {
  for (const shape of [[3, 784], [3, 1, 784], [3, 28, 28]]) {
    assertEquals(await readAll(encodeNpy({ dtype: "uint8", shape, data: PIXELS }), "npy"), PIXELS);
  }
  assertEquals(await readAll(encodeIdx({ dtype: "uint8", shape: [3, 28, 28], data: PIXELS }), "idx"), PIXELS);
  const none = encodeNpy({ dtype: "uint8", shape: [0, 784], data: new Uint8Array(0) });
  assertEquals(await readAll(none, "npy"), new Uint8Array(0));
});

Deno.test("what holds no bitmaps is refused by its header, before a byte is kept", async () => {
  const header = (descriptor: string, shape: number[]) => encodeNpyHeader(descriptor, shape);
  const cases: [Uint8Array, string][] = [
    [header("<i2", [3, 784]), "<i2 [3,784], expected uint8"],
    [header("|u1", [784]), "uint8 [784], expected uint8 [N, 784]"],
    [header("|u1", [3, 785]), "uint8 [3,785]"],
    [header("|O", [3]), "|O [3]"],
  ];
  for (const [bytes, words] of cases) {
    assertThrows(() => decodeBitmapHeader(bytes, "npy"), TypeError, words);
    await assertRejects(() => readAll(bytes, "npy"), TypeError, words);
  }
  await assertRejects(() => readAll(PIXELS, "npy"), SyntaxError, "not an .npy file");
  await assertRejects(() => readAll(header("|u1", [1e9, 1e9]), "npy"), RangeError, "fewer than 2^53");
  const labels = encodeIdx({ dtype: "uint8", shape: [3], data: new Uint8Array(3) });
  await assertRejects(() => readAll(labels, "idx"), TypeError, "uint8 [3]");
});

Deno.test("a file that is not as long as it says is refused, after what is whole", async () => {
  for (const layout of ["npy", "bin", "idx"] as const) {
    const file = fileOf(layout);
    let read = 0;
    const error = await assertRejects(async () => {
      for await (const part of readBitmaps(pieces(file.subarray(0, file.length - 1), 2000), layout)) {
        read += part.length;
      }
    }, Reject);
    assertEquals([error.reason, read], ["truncated bitmaps", 2 * 784]);
    assertEquals(error.detail.startsWith("the file ends inside bitmap 3"), true, error.detail);
  }
  for (const layout of ["npy", "idx"] as const) {
    for (const more of [1, 784, 5000]) {
      const longer = Uint8Array.from([...fileOf(layout), ...new Uint8Array(more)]);
      const error = await assertRejects(() => readAll(longer, layout), Reject);
      assertEquals(error.reason, "too many bytes");
    }
    const error = await assertRejects(() => readAll(fileOf(layout).subarray(0, 9), layout), Reject);
    assertEquals(error.message, "truncated bitmaps: the file ends inside its header");
  }
  const error = await assertRejects(() => readAll(encodeNpyHeader("|u1", [1e9, 784]), "npy"), Reject);
  assertEquals(error.detail, "the file ends inside bitmap 1 of 1000000000");
});

for (const [name, count] of Object.entries({ "cat.npy.gz": 3000, "eye.npy": 3000, "rainbow5000.npy.gz": 5000 })) {
  Deno.test({
    name: `Google's ${name} is read whole`,
    ignore: !REAL_DATA,
    fn: async () => {
      const bytes = openSource({ path: `${REAL_DATA}quickdraw-bitmap/${name}` });
      const whole = new Uint8Array(await new Blob(await Array.fromAsync(bytes, (b) => b.slice())).arrayBuffer());
      assertEquals(await readAll(whole, "npy", 2 ** 16), decodeNpy(whole).data as Uint8Array);
      assertEquals(decodeBitmapHeader(whole, "npy")?.count, count);
    },
  });
}
