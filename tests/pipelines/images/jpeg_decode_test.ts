/** JPEG files of every kind that is read, beside what libjpeg-turbo makes of them; and those that nobody should trust. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { concatBytes } from "../../../pipelines/base/bytes.ts";
import { Reject } from "../../../pipelines/base/errors.ts";
import { decodePicture } from "../../../pipelines/images/decode_picture.ts";
import { decodeJpeg } from "../../../pipelines/images/jpeg_decode.ts";
import { type Orientation, readJpegHeader } from "../../../pipelines/images/jpeg_header.ts";
import { oriented } from "../../../pipelines/images/orient.ts";
import { encodePng } from "../../../pipelines/images/png.ts";
import { squarePicture } from "../../../pipelines/images/square_picture.ts";
import { REAL_DATA } from "../../helpers.ts";
import { JPEG_FILES } from "./jpeg_files.ts";

const fileOf = (name: string) => Uint8Array.fromBase64(JPEG_FILES[name].file);
const PLAIN = fileOf("baseline 4:2:0");

/** The place of a marker of a file. */
function placeOf(bytes: Uint8Array, marker: number): number {
  const at = bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === marker);
  assert(at > 0);
  return at;
}

/** A file with some bytes behind a marker changed. */
function changed(marker: number, offset: number, ...values: number[]): Uint8Array<ArrayBuffer> {
  const bytes = PLAIN.slice();
  bytes.set(values, placeOf(bytes, marker) + offset);
  return bytes;
}

for (const [name, { width, height, pixels }] of Object.entries(JPEG_FILES)) {
  Deno.test(`JPEG ${name}: as libjpeg-turbo reads it, but for how the last bits are rounded`, () => {
    const picture = decodeJpeg(fileOf(name));
    const expected = Uint8Array.fromBase64(pixels);
    assertEquals([picture.width, picture.height, picture.data.length], [width, height, expected.length]);
    assertEquals(picture.channels, name.startsWith("grey") ? 1 : 3);
    const away = expected.map((value, i) => Math.abs(value - picture.data[i]));
    // Colours at half the size are spread over two pixels here, and blended into their neighbours there.
    const isHalved = name.includes("4:2:0") || ["restart markers", "on its side"].includes(name);
    const [most, mean] = isHalved ? [17, 5] : [6, 1];
    assert(Math.max(...away) <= most, `${Math.max(...away)} away`);
    assert(
      away.reduce((sum, value) => sum + value, 0) / away.length < mean,
      `${away.reduce((sum, value) => sum + value, 0) / away.length}`,
    );
  });
}

Deno.test("a JPEG's header says its size, its colours, whether it is progressive, and how it was held", () => {
  assertEquals(readJpegHeader(fileOf("progressive 4:2:0")), {
    ...{ width: 24, height: 17, components: 3, isRgb: false, isProgressive: true, orientation: 1 },
  });
  assertEquals(readJpegHeader(fileOf("for print")).components, 4);
  assertEquals(readJpegHeader(fileOf("on its side")).orientation, 6);
});

/** A file with a segment put behind its signature, without what says that it is JFIF. */
function withSegment(file: Uint8Array, marker: number, data: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes = [0xff, 0xd8, 0xff, marker, 0, data.length + 2, ...data];
  for (let at = 2; file[at + 1] !== 0xda;) {
    const end = at + 2 + (file[at + 2] << 8 | file[at + 3]);
    if (file[at + 1] !== 0xe0) bytes.push(...file.subarray(at, end));
    at = end;
    if (file[at + 1] === 0xda) bytes.push(...file.subarray(at));
  }
  return Uint8Array.from(bytes);
}

Deno.test("three components are red, green and blue where Adobe's segment says so, and JFIF's does not", () => {
  const file = fileOf("baseline 4:4:4");
  const adobe = (transform: number) => [...new TextEncoder().encode("Adobe"), 0, 100, 0, 0, 0, 0, transform];
  const plain = decodeJpeg(file).data;
  assertEquals(decodeJpeg(withSegment(file, 0xee, adobe(1))).data, plain);
  const { data } = decodeJpeg(withSegment(file, 0xee, adobe(0)));
  // What is stored, as Chromium's libjpeg shows it: brightness and differences taken for colours.
  const near = (found: Uint8Array, wanted: readonly number[]) =>
    wanted.forEach((value, i) => assert(Math.abs(found[i] - value) <= 1, `${found[i]}, expected ${value}`));
  near(data, [177, 50, 94]);
  near(plain, [129, 227, 40]);
  assertEquals(readJpegHeader(withSegment(file, 0xe0, [0x4a, 0x46, 0x49, 0x46, 0])).isRgb, false);
});

Deno.test("each orientation turns a picture as Exif's table says", () => {
  // 1 2 3 over 4 5 6, of two channels: the second 10 more
  const data = Uint8Array.of(1, 11, 2, 12, 3, 13, 4, 14, 5, 15, 6, 16);
  const expected: Record<Orientation, string> = {
    ...{ 1: "123 456", 2: "321 654", 3: "654 321", 4: "456 123" },
    ...{ 5: "14 25 36", 6: "41 52 63", 7: "63 52 41", 8: "36 25 14" },
  };
  for (const [orientation, rows] of Object.entries(expected)) {
    const turned = oriented({ width: 3, height: 2, channels: 2, data }, Number(orientation) as Orientation);
    assertEquals([turned.width, turned.height], orientation < "5" ? [3, 2] : [2, 3]);
    const digits = [...rows.replaceAll(" ", "")].map(Number);
    assertEquals([...turned.data], digits.flatMap((value) => [value, value + 10]), orientation);
  }
});

Deno.test("JPEG: what is cut, damaged, too large or of another kind is refused in words", () => {
  const cases: [bytes: Uint8Array, message: string][] = [
    [new Uint8Array(), "not a JPEG"],
    [PLAIN.subarray(0, 3), "bad JPEG: the file ends inside its header"],
    [PLAIN.subarray(0, placeOf(PLAIN, 0xc0) + 6), "bad JPEG: the file ends inside its header"],
    [PLAIN.subarray(0, -40), "bad JPEG: its pixels cannot be decoded"],
    [changed(0xc0, 1, 0xc3), "other JPEG: frame SOF3, lossless or arithmetic, expected baseline or progressive"],
    [changed(0xc0, 4, 12), "other JPEG: 12 bits a sample, expected 8"],
    [changed(0xc0, 5, 0, 0), "bad JPEG: 24 x 0 pixels, expected sides of 1 or more"],
    [changed(0xc0, 11, 0x5f), "bad JPEG: sampling factors 5 x 15, expected 1 to 4"],
    [changed(0xc0, 5, 0x0f, 0xff, 0x0f, 0xff), "bytes cannot hold its 4095 x 4095 pixels"],
    [changed(0xc0, 5, 0xff, 0xff, 0xff, 0xff), "picture too large: 65535 x 65535 pixels, expected at most 16777216"],
    [changed(0xda, 1, 0xd9), "bad JPEG: it holds no pixels"],
    [Uint8Array.of(0xff, 0xd8, 0xff, 0xd9), "bad JPEG: it ends before its frame"],
    [Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 1, 0xff), "bad JPEG: a segment of 1 bytes, expected 2 or more"],
    [Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 2, 7, 7), "bad JPEG: a byte stands where a marker must be"],
  ];
  for (const [bytes, message] of cases) assertThrows(() => decodeJpeg(bytes), Reject, message);
  assertThrows(() => decodeJpeg(PLAIN, 407), Reject, "24 x 17 pixels, expected at most 407 in all");
  decodeJpeg(PLAIN, 408);
});

Deno.test("JPEG: a second frame behind the one that was checked, and thousands of scans, cost nothing", () => {
  const frame = changed(0xc0, 5, 0x3f, 0xff, 0x3f, 0xff).subarray(placeOf(PLAIN, 0xc0), placeOf(PLAIN, 0xc0) + 19);
  const scan = placeOf(PLAIN, 0xda);
  const twice = concatBytes([PLAIN.subarray(0, scan), frame, PLAIN.subarray(scan)]);
  assertThrows(() => decodeJpeg(twice), Reject, "bad JPEG: its pixels cannot be decoded");
  const scans = Array.from({ length: 501 }, () => PLAIN.subarray(scan, -2));
  const many = concatBytes([PLAIN.subarray(0, scan), ...scans, Uint8Array.of(0xff, 0xd9)]);
  assertThrows(() => decodeJpeg(many), Reject, "bad JPEG: more than 500 scans of the picture");
});

Deno.test("JPEG: an orientation that cannot be read is none", () => {
  const bytes = fileOf("on its side");
  const exif = placeOf(bytes, 0xe1) + 4; // "Exif", two zeros, then TIFF's header
  for (const [offset, value] of [[0, 0x58], [6, 0x20], [8, 9], [10, 0xff], [16, 9], [25, 9], [18, 4]]) {
    const other = bytes.slice();
    other[exif + offset] = value;
    assertEquals(readJpegHeader(other).orientation, 1, `byte ${offset}`);
  }
});

Deno.test("a picture's format is told by its first bytes; others are named", () => {
  assertEquals(decodePicture(PLAIN).channels, 3);
  assertEquals(decodePicture(encodePng({ width: 1, height: 1, data: Uint8Array.of(7) })).data[0], 7);
  for (
    const [text, name] of [
      ["GIF89a", "a GIF"],
      ["RIFFabcdWEBPVP8 ", "a WebP picture"],
      ["BM123", "a BMP picture"],
      ["MM\0*", "a TIFF picture"],
      ["\0\0\0\x20ftypavif", "an AVIF or HEIC picture"],
      ["<svg>", "an SVG drawing or another XML"],
      ["hello", "neither of the two"],
    ]
  ) {
    const bytes = new TextEncoder().encode(text);
    assertThrows(() => decodePicture(bytes), Reject, `not a picture: it is ${name}, expected PNG or JPEG`);
  }
});

Deno.test({
  name: "JPEG: a photograph in all eight orientations is one picture",
  ignore: REAL_DATA === undefined,
  fn: async () => {
    const thumb = async (i: number) => {
      const file = await Deno.readFile(`${REAL_DATA}more/oddities/exif/Landscape_${i}.jpg`);
      const picture = decodePicture(file);
      assertEquals([picture.width, picture.height], [1800, 1200], `orientation ${i}`);
      return squarePicture(picture, { size: 16, fit: "crop", reduce: "area", background: [0, 0, 0], grey: true });
    };
    const upright = await thumb(1);
    for (const i of [0, 2, 3, 4, 5, 6, 7, 8]) {
      const away = (await thumb(i)).reduce((sum, value, at) => sum + Math.abs(value - upright[at]), 0) / 256;
      assert(away < 4, `orientation ${i}: ${away} away`); // each file was compressed again
    }
  },
});

Deno.test({
  name: "PNG: every good picture of PngSuite becomes a square; its corrupt ones are rejects",
  ignore: REAL_DATA === undefined,
  fn: async () => {
    const folder = `${REAL_DATA}more/oddities/pngsuite/png/`;
    const [good, bad]: string[][] = [[], []];
    for await (const { name } of Deno.readDir(folder)) {
      if (!name.endsWith(".png")) continue;
      try {
        const picture = decodePicture(await Deno.readFile(folder + name));
        const size = Math.min(picture.width, picture.height);
        const options = { size, fit: "crop", reduce: "area", background: [255, 255, 255], grey: false } as const;
        const square = squarePicture(picture, options); // [size, size, 3]
        assertEquals(square.length, 3 * size * size);
        good.push(name);
      } catch (error) {
        if (!(error instanceof Reject)) throw error;
        bad.push(name);
      }
    }
    assert(good.length > 150, `${good.length}`);
    assertEquals(bad.filter((name) => !name.startsWith("x")), []);
    assert(bad.length >= 10, `${bad}`);
  },
});
