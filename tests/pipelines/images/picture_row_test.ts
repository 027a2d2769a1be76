import { assertEquals } from "@std/assert";
import { pictureRow, rowWidth } from "../../../pipelines/images/picture_row.ts";

Deno.test("pictures stand side by side, groups with a fourth of a picture between", () => {
  const picture = (first: number) => Array.from({ length: 16 }, (_, i) => first + i);
  const groups = [Uint8Array.from([...picture(1), ...picture(31)]), Uint8Array.from(picture(61))];
  assertEquals(rowWidth([2, 1], 4), 13);
  assertEquals([...pictureRow(groups, 4)], [
    ...[1, 2, 3, 4, 31, 32, 33, 34, 0, 61, 62, 63, 64],
    ...[5, 6, 7, 8, 35, 36, 37, 38, 0, 65, 66, 67, 68],
    ...[9, 10, 11, 12, 39, 40, 41, 42, 0, 69, 70, 71, 72],
    ...[13, 14, 15, 16, 43, 44, 45, 46, 0, 73, 74, 75, 76],
  ]);
});
