/**
 * A row of small pictures, such as a query written by hand.
 *
 * @module
 */
import { encodePng } from "../../pipelines/images/png.ts";
import type { PictureRow } from "../evaluation/sequences.ts";
import { type Html, html, pngUrl } from "./html.ts";

/**
 * Pictures side by side, ink on paper.
 *
 * @param what They show, in words, for those who do not see them.
 */
export function rowPicture({ count, side, pixels }: PictureRow, what: string): Html {
  const [width, height] = [count * side, side];
  const data = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const ink = pixels[(Math.floor(x / side) * side + y) * side + x % side];
      data.fill(255 - ink, 3 * (y * width + x), 3 * (y * width + x) + 3);
    }
  }
  return html`<img width="${width}" height="${height}" src="${
    pngUrl(encodePng({ width, height, data }))
  }" alt="${what}">`;
}
