import { assertEquals, assertThrows } from "@std/assert";
import { decode } from "fast-png";
import { encodePng } from "../../../pipelines/images/png.ts";

Deno.test("the file starts with PNG's signature and an IHDR of the image's size and kind", () => {
  const grey = encodePng({ width: 3, height: 2, data: new Uint8Array(6) });
  assertEquals([...grey.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  assertEquals([...grey.subarray(8, 29)], [0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 3, 0, 0, 0, 2, 8, 0, 0, 0, 0]);
  const colour = encodePng({ width: 3, height: 2, data: new Uint8Array(18) });
  assertEquals([...colour.subarray(24, 26)], [8, 2]); // depth, colour type
  assertEquals(new TextDecoder().decode(grey.subarray(-8, -4)), "IEND");
});

Deno.test("pixels come back", () => {
  for (const channels of [1, 3]) {
    const data = Uint8Array.from({ length: 5 * 4 * channels }, (_, i) => (i * 37) % 256);
    const image = decode(encodePng({ width: 5, height: 4, data }));
    assertEquals([image.width, image.height, image.channels], [5, 4, channels]);
    assertEquals([...image.data], [...data]);
  }
});

Deno.test("a size that is not the data's is refused", () => {
  assertThrows(
    () => encodePng({ width: 2, height: 2, data: new Uint8Array(5) }),
    RangeError,
    "5 bytes for 2 x 2 pixels",
  );
  assertThrows(() => encodePng({ width: 0, height: 2, data: new Uint8Array() }), RangeError, "0 x 2 pixels");
  assertThrows(() => encodePng({ width: 1.5, height: 2, data: new Uint8Array(3) }), RangeError, "1.5 x 2 pixels");
});
