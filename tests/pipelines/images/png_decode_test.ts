/**
 * PNG pictures as Pillow reads them, and what is no PNG. The small ones are Pillow's own, the interlaced ones of Willem van
 * Schaik's PngSuite, which is free to use.
 */
import { createHash } from "node:crypto";
import { crc32, deflateSync } from "node:zlib";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { encode } from "fast-png";
import { decodePng } from "../../../pipelines/images/png_decode.ts";
import { type Picture, readPngHeader } from "../../../pipelines/images/png_header.ts";
import { Reject } from "../../../pipelines/base/errors.ts";
import { concatBytes } from "../../../pipelines/base/bytes.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { REAL_DATA } from "../../helpers.ts";

/** Files in base64; what Pillow 12.3 makes of them in `RGBA`, in hexadecimal digits or their hash. */
const FILES: readonly { name: string; png: string; rgba?: string; sha256?: string }[] = [
  {
    name: "grey, 1 bit",
    png: "iVBORw0KGgoAAAANSUhEUgAAAAUAAAADAQAAAABzTfhVAAAADklEQVR4nGP4wRDB5AAABioBk673IUMAAAAASUVORK5CYII=",
    rgba:
      "ffffffffffffffffffffffffffffffffffffffff000000ffffffffff000000ffffffffffffffffffffffffff000000ff000000ffffffffffffffffff",
  },
  {
    name: "grey, 8 bits",
    png:
      "iVBORw0KGgoAAAANSUhEUgAAAAUAAAADCAAAAAB+XZokAAAAG0lEQVR4nGP8ceqP4BEGqbeiXy+zXLX7sIIJAFjHCSpTxyLrAAAAAElFTkSuQmCC",
    rgba:
      "f8f8f8ffc2c2c2ffbebebeffcfcfcfff939393ff1a1a1affedededff151515fff5f5f5ffd3d3d3ffefefefff2d2d2dff050505ff9d9d9dff9f9f9fff",
  },
  {
    name: "grey and alpha",
    png:
      "iVBORw0KGgoAAAANSUhEUgAAAAUAAAADCAQAAADxPw1zAAAAKklEQVR4nGMwe5OrdzxI4awKO0vAp80ps5nZnDiYWbg+3W/7L/jXTVUYAMtlDC1H+3QUAAAAAElFTkSuQmCC",
    rgba:
      "363636ec6d6d6d2ec7c7c752202020cd24242407868686de39393992080808950e0e0e0f1616160a909090d018181818070707290b0b0b553b3b3b68",
  },
  {
    name: "RGB",
    png:
      "iVBORw0KGgoAAAANSUhEUgAAAAUAAAADCAIAAADUVFKvAAAAO0lEQVR4nAEwAM//AeLJCL1REwRgBoZPIh3doQAoMrMAsYk/Dbz/QF4ICJwC8evqkg3qnHprZa0hQNsMvbwTlmZHcHIAAAAASUVORK5CYII=",
    rgba:
      "e2c908ff9f1a1bffa37a21ff29c943ff46a6e4ff2832b3ff00b189ff3f0dbcffff405eff08089cff191d9dff92be73ffdb8727ff64ed7fff48e3a8ff",
  },
  {
    name: "RGB and alpha",
    png:
      "iVBORw0KGgoAAAANSUhEUgAAAAUAAAADCAYAAABbNsX4AAAASklEQVR4nAE/AMD/ARCZjGtACrED30JXPDKJpOzpUwaWBN5WVlEg3i0FOwkUMz8AsNWvp30cAVjF6lE8ax1VAfh3AJMOvQzlY0ws87AX0FBIw20AAAAASUVORK5CYII=",
    rgba:
      "10998c6b50a33d6e2fe594aa616e38964ac13e2ceeefe2bc0ecdb9c149eecdf4a06e44c94f68c14858c5ea51943007a695287ea628363bb20d9987de",
  },
  {
    name: "palette, 1 bits",
    png:
      "iVBORw0KGgoAAAANSUhEUgAAAAUAAAADAQMAAABh+Fe7AAAABlBMVEVMsTT5bV5phhzMAAAADklEQVR4nGPIYHJgsAAAAw4A40Jr1lcAAAAASUVORK5CYII=",
    rgba:
      "4cb134fff96d5efff96d5eff4cb134fff96d5efff96d5eff4cb134fff96d5eff4cb134fff96d5eff4cb134ff4cb134fff96d5efff96d5efff96d5eff",
  },
  {
    name: "palette, 2 bits",
    png:
      "iVBORw0KGgoAAAANSUhEUgAAAAUAAAADAgMAAAAmWC1rAAAADFBMVEU9LUfkHVqkqQk9zZXZ8MUPAAAAEUlEQVR4nGM4ysDw2IEhnAEADE4CQETDDZYAAAAASUVORK5CYII=",
    rgba:
      "3dcd95ff3d2d47ffe41d5affe41d5aff3d2d47ff3dcd95ffa4a909ff3d2d47ff3dcd95ffe41d5affe41d5affe41d5affe41d5aff3dcd95ff3d2d47ff",
  },
  {
    name: "palette with transparency",
    png:
      "iVBORw0KGgoAAAANSUhEUgAAAAUAAAADAgMAAAAmWC1rAAAADFBMVEU9LUfkHVqkqQk9zZXZ8MUPAAAAAnRSTlMATX7+8BUAAAARSURBVHicYzjKwPDYgSGcAQAMTgJARMMNlgAAAABJRU5ErkJggg==",
    rgba:
      "3dcd95ff3d2d4700e41d5a4de41d5a4d3d2d47003dcd95ffa4a909ff3d2d47003dcd95ffe41d5a4de41d5a4de41d5a4de41d5a4d3dcd95ff3d2d4700",
  },
  {
    name: "palette, 4 bits",
    png:
      "iVBORw0KGgoAAAANSUhEUgAAAAUAAAADBAMAAACpGNjLAAAAMFBMVEU0e3d5hsHEB39WIUEdqvu0JzcLhaFxzl9e4e5AmR9CFzdtzZtMiBYAAAAAAAAAAACSQwTxAAAAFElEQVR4nGPY0MzA9OKRA9Ovjw0AHwYFrdx860IAAAAASUVORK5CYII=",
    rgba:
      "6dcd9bff347b77ff5ee1eeff562141ff347b77ff40991fff5ee1eeff0b85a1ffb42737ff1daafbff40991fffc4077fffb42737ff0b85a1ff4c8816ff",
  },
  {
    name: "basi0g02",
    png:
      "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgAgAAAAFrpg0fAAAABGdBTUEAAYagMeiWXwAAAFFJREFUeJxjUGLoYADhcoa7YJyTw3DsGJSUlgYxNm5EZ7OuZ13PEPUh6gMDkMHKAGRE4RZDSCBkEUpIUscQuuo/GMMZGAIMMEEEA6YKwaCSOQCcUoBNhbbZfQAAAABJRU5ErkJggg==",
    sha256: "166bd68377b119b5e93e73ef554e35de7471bdd2fc3bc2070f0f7bd5be82ae97",
  },
  {
    name: "basi3p02",
    png:
      "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgAgMAAAF5E6LxAAAABGdBTUEAAYagMeiWXwAAAANzQklUAQEBfC53ggAAAAxQTFRFAP8A/wAA//8AAAD/ZT8rugAAAFFJREFUeJxjeMewmwGEXRgEwdjMjCE5GUreuAFi9Pais78u+LqAgT+KP4oByPjKAGTw4xZDSCBkEUpIUvc/dBUYIxiYQqugLAQDKvEfwaCSOQC0Wn3pH3XhAwAAAABJRU5ErkJggg==",
    sha256: "a383497791948d8b7ae8f9158fb7b4e9fead4693814ee758a97bc426dc9a27cf",
  },
];

/** A picture as red, green, blue and alpha. */
function rgbaOf({ width, height, channels, data }: Picture): Uint8Array {
  return Uint8Array.from({ length: 4 * width * height }, (_, i) => {
    const [pixel, part] = [channels * (i >> 2), i & 3];
    if (part === 3) return channels % 2 === 0 ? data[pixel + channels - 1] : 255;
    return data[pixel + (channels < 3 ? 0 : part)];
  });
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

for (const { name, png, rgba, sha256: hash } of FILES) {
  Deno.test(`PNG, ${name}: pixels are those that Pillow reads`, () => {
    const found = rgbaOf(decodePng(Uint8Array.fromBase64(png)));
    if (rgba !== undefined) assertEquals(found.toHex(), rgba);
    if (hash !== undefined) assertEquals(sha256(found), hash);
  });
}

Deno.test("PNG, 16 bits a sample: each is rounded to 8", () => {
  const prng = new Prng(4);
  for (const channels of [1, 2, 3, 4] as const) {
    const data = Uint16Array.from({ length: 6 * channels }, () => prng.integer(65536));
    const picture = decodePng(encode({ width: 3, height: 2, depth: 16, channels, data }));
    assertEquals(picture.channels, channels);
    assertEquals([...picture.data], [...data].map((value) => Math.floor(value / 257 + 0.5)));
  }
});

Deno.test({
  name: "PNG: the pictures of PngSuite are those that Pillow reads, its broken ones are refused",
  ignore: REAL_DATA === undefined,
  async fn() {
    const folder = `${REAL_DATA}more/oddities/pngsuite/png`;
    const names = (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).filter((name) =>
      name.endsWith(".png")
    );
    const hash = createHash("sha256");
    let [good, broken] = [0, 0];
    for (const name of names.sort()) {
      const bytes = await Deno.readFile(`${folder}/${name}`);
      if (name.startsWith("x")) {
        assertThrows(() => decodePng(bytes), Reject, undefined, name);
        broken++;
      } else if (bytes[24] < 16 && name !== "tbbn0g04.png") { // Pillow cuts 16 bits, and loses that one's transparent grey
        hash.update(rgbaOf(decodePng(bytes)));
        good++;
      }
    }
    assertEquals([good, broken], [127, 14]);
    assertEquals(hash.digest("hex"), "95490074c1fa73959a0ff6930c642da32b245bb2ac8a0e5573d139666c0b9310");
  },
});

/** A chunk with its checksum. */
function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = concatBytes([new TextEncoder().encode(type), data]);
  const bytes = new Uint8Array(body.length + 8);
  bytes.set(body, 4);
  new DataView(bytes.buffer).setUint32(0, data.length);
  new DataView(bytes.buffer).setUint32(body.length + 4, crc32(body));
  return bytes;
}

interface Parts {
  readonly width?: number;
  readonly height?: number;
  /** Depth, colour type, compression, filter, interlace. */
  readonly kind?: readonly number[];
  readonly pixels?: Uint8Array;
  readonly more?: readonly Uint8Array[];
}

/** A file of chunks; two grey pixels of 8 bits when nothing else is said. */
function file(
  { width = 2, height = 1, kind = [8, 0, 0, 0, 0], pixels = Uint8Array.of(0, 7, 9), more = [] }: Parts,
): Uint8Array {
  const header = new Uint8Array([0, 0, 0, 0, 0, 0, 0, 0, ...kind]);
  new DataView(header.buffer).setUint32(0, width);
  new DataView(header.buffer).setUint32(4, height);
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10);
  const data = chunk("IDAT", new Uint8Array(deflateSync(pixels)));
  return concatBytes([signature, chunk("IHDR", header), ...more, data, chunk("IEND", new Uint8Array())]);
}

Deno.test("PNG: what is damaged, cut, not to the specification or too large is refused in words", () => {
  assertEquals([...decodePng(file({})).data], [7, 9]);
  const whole = file({});
  const flipped = whole.slice();
  flipped[45] ^= 1;
  const cases: [bytes: Uint8Array, words: string][] = [
    [new Uint8Array(), "not a PNG: it does not begin with PNG's signature"],
    [whole.subarray(0, 20), "bad PNG: the file ends inside its header"],
    [whole.subarray(0, 50), "bad PNG: the file ends too soon, before its last chunk"],
    [whole.subarray(0, whole.length - 12), "bad PNG: the file ends too soon, before its last chunk"],
    [flipped, 'bad PNG: the checksum of chunk "IDAT" is wrong'],
    [file({ width: 0 }), "bad PNG: 0 x 1 pixels, expected sides of 1 to 2147483647"],
    [
      file({ width: 100_000, height: 100_000 }),
      "picture too large: 100000 x 100000 pixels, expected at most 16777216 in all",
    ],
    [file({ kind: [4, 2, 0, 0, 0] }), "bad PNG: colour type 2 with 4 bits a sample"],
    [file({ kind: [8, 0, 0, 0, 2] }), "bad PNG: methods 0, 0 and 2"],
    [file({ pixels: Uint8Array.of(0, 7) }), "bad PNG: its pixels are 2 bytes, expected 3 by its header"],
    [file({ pixels: new Uint8Array(4) }), "bad PNG: its pixels are more bytes, expected 3 by its header"],
    [file({ pixels: Uint8Array.of(5, 7, 9) }), "bad PNG: row 1 has filter 5, expected 0 to 4"],
    [file({ kind: [8, 3, 0, 0, 0] }), "bad PNG: it has no palette"],
    [
      file({ kind: [8, 3, 0, 0, 0], more: [chunk("PLTE", new Uint8Array(6))] }),
      "bad PNG: a pixel has colour 7 of a palette of 2",
    ],
    [file({ more: [chunk("tRNS", new Uint8Array(3))] }), "bad PNG: 3 bytes of transparency"],
    [file({ more: [chunk("ABCD", new Uint8Array(3))] }), 'bad PNG: chunk "ABCD" is needed and not known'],
    [file({ more: [chunk("IDAT", new Uint8Array([1, 2, 3]))] }), "bad PNG: its pixels cannot be decompressed"],
  ];
  for (const [bytes, words] of cases) assertThrows(() => decodePng(bytes), Reject, words);
});

Deno.test("PNG: a header that promises the earth, and a bomb of pixels, cost neither memory nor time", () => {
  const huge = file({ width: 2 ** 31 - 1, height: 2 ** 31 - 1 });
  assertEquals(readPngHeader(huge).width, 2 ** 31 - 1);
  const { message } = assertThrows(() => decodePng(huge), Reject, "picture too large");
  assert(message.endsWith(", expected at most 16777216 in all"), message); // who cannot be told otherwise names no option
  assertThrows(() => decodePng(huge, 9), Reject, ", expected at most 9 in all; --max-pixels allows more");
  const bomb = file({ pixels: new Uint8Array(2 ** 26) });
  assert(bomb.length < 2 ** 17);
  assertThrows(() => decodePng(bomb), Reject, "bad PNG: its pixels are more bytes, expected 3 by its header");
});

Deno.test("PNG: pixels in many chunks, and what a picture also says, do not matter", () => {
  const pixels = concatBytes(
    Array.from({ length: 300 }, (_, y) => Uint8Array.from({ length: 401 }, (_, x) => x && (x * y) & 255)),
  );
  const compressed = new Uint8Array(deflateSync(pixels, { level: 0 })); // above what is inflated at once
  const whole = file({ width: 400, height: 300, pixels });
  const end = chunk("IEND", new Uint8Array());
  const text = chunk("tEXt", new TextEncoder().encode("Title\0x"));
  const parts = Array.from({ length: 13 }, (_, i) => chunk("IDAT", compressed.subarray(i * 10_000, (i + 1) * 10_000)));
  const bytes = concatBytes([whole.subarray(0, 33), text, ...parts, text, end]);
  const expected = Uint8Array.from({ length: 120_000 }, (_, i) => ((i % 400 + 1) * Math.floor(i / 400)) & 255);
  assertEquals(decodePng(whole).data, expected);
  assertEquals(decodePng(bytes).data, expected);
  const apart = concatBytes([whole.subarray(0, 33), ...parts.slice(0, 6), text, ...parts.slice(6), end]);
  assertThrows(() => decodePng(apart), Reject, "bad PNG: its pixels are interrupted by another chunk");
  const short = concatBytes([whole.subarray(0, 33), ...parts.slice(0, 6), end]);
  assertThrows(() => decodePng(short), Reject, "bad PNG: its pixels");
});
