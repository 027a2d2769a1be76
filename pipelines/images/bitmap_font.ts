/**
 * A font of 5 x 7 pixels, drawn for this project, so that pictures can carry names. Browser safe.
 *
 * @module
 */
import type { Image } from "./png.ts";

/** Pixels from one letter to the next, and from one line to the next. */
export const LETTER = { width: 6, height: 9 } as const;

/** Letters and their shapes: seven base-32 digits, one a row from the top; of a digit's five bits 16 is the left pixel. */
const SHAPES: readonly (readonly [string, string])[] = [
  [
    "ABCDEFGHIJKLM",
    "ehhvhhh uhhuhhu ehggghe uhhhhhu vgguggv vgguggg ehgnhhf hhhvhhh e44444e 72222ic hikokih ggggggv hrllhhh",
  ],
  [
    "NOPQRSTUVWXYZ",
    "hppljjh ehhhhhe uhhuggg ehhhlid uhhukih fgge11u v444444 hhhhhhe hhhhaa4 hhhllrh haa4aah hha4444 v1248gv",
  ],
  [
    "0123456789 .,",
    "ehjlphe 4c4444e eh1248v u11e11u 26aiv22 vgu11he egguhhe v124488 ehhehhe ehhf11e 0000000 00000cc 0000c48",
  ],
  [
    "-'!?%&()/:+=>",
    "000e000 4480000 4444404 eh16404 pq248bj cik8lid 2488842 8422248 11248gg 0440440 044v440 00v0v00 g84248g",
  ],
  ["<_#", "1248421 000000v aavavaa"],
];
/** What is drawn for a letter that is not there: an empty box. */
const MISSING = "vhhhhhv";

const GLYPHS: ReadonlyMap<string, string> = new Map(
  SHAPES.flatMap(([letters, shapes]) => shapes.split(" ").map((shape, i) => [letters[i], shape] as const)),
);

/**
 * Writes a line of text into an RGB image. Small letters come out as capitals, accents are left off; what would not fit
 * is cut.
 *
 * @param image RGB; changed in place.
 * @param text Any text; letters that the font lacks show as a box.
 * @param at The top left pixel of the first letter, the pixels to stay within, and red, green and blue, 0 to 255.
 *
 * @example
 * ```ts
 * import { drawText } from "./bitmap_font.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const image = { width: 6, height: 7, data: new Uint8Array(6 * 7 * 3) };
 * drawText(image, "l", { x: 0, y: 0, width: 6, colour: [255, 0, 0] });
 * assertEquals(image.data.filter((value) => value > 0).length, 6 + 5); // L: a column of seven, a row of five
 * ```
 */
export function drawText(
  image: Image,
  text: string,
  { x, y, width, colour }: { x: number; y: number; width: number; colour: readonly [number, number, number] },
): void {
  for (const [column, row] of textPixels(text, Math.min(width, image.width - x))) {
    if (y + row < image.height) image.data.set(colour, 3 * ((y + row) * image.width + x + column));
  }
}

/**
 * The pixels of a line of text, as {@linkcode drawText} writes it: columns and rows from the top left of its first letter.
 *
 * @param width The pixels to stay within.
 */
export function* textPixels(text: string, width: number): Generator<readonly [column: number, row: number]> {
  const letters = text.normalize("NFD").replace(/\p{Mark}/gu, "").toUpperCase();
  const room = Math.floor((width + 1) / LETTER.width); // the last letter needs no gap
  for (const [i, letter] of [...letters].slice(0, room).entries()) {
    const shape = GLYPHS.get(letter) ?? MISSING;
    for (let row = 0; row < 7; row++) {
      const bits = parseInt(shape[row], 32);
      for (let column = 0; column < 5; column++) {
        if (bits & (16 >> column)) yield [i * LETTER.width + column, row];
      }
    }
  }
}
