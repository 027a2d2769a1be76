/**
 * Which sums a model gets right, as a picture: a cell a pair of numbers.
 *
 * @module
 */
import { encodePng } from "../../pipelines/images/png.ts";
import type { SumMap } from "../evaluation/sequence_tally.ts";
import { type Html, html, pngUrl } from "./html.ts";

/** Not asked, right, wrong: red, green, blue; right and wrong match --accent and --valid of the page. */
const COLOURS = [[236, 236, 232], [31, 111, 180], [214, 90, 22]];
/** The least pixels a side. */
const SIDE = 400;

/** The picture: a down, b across. */
export function sumMapPicture({ side, cells }: Pick<SumMap, "side" | "cells">) {
  const scale = Math.max(1, Math.round(SIDE / side));
  const pixels = side * scale;
  const data = new Uint8Array(3 * pixels * pixels);
  for (let y = 0; y < pixels; y++) {
    for (let x = 0; x < pixels; x++) {
      data.set(COLOURS[cells[Math.floor(y / scale) * side + Math.floor(x / scale)]], 3 * (y * pixels + x));
    }
  }
  return { width: pixels, height: pixels, data };
}

/** A figure of it. */
export function sumMapFigure(map: SumMap): Html {
  const picture = sumMapPicture(map);
  const name = `a ${map.sign} b`;
  return html`
    <figure>
      <h3>${name}</h3>
      <p class="note">a from 0 at the top to ${map.side - 1}, b from 0 at the left to ${map.side - 1}</p>
      <img class="matrix" width="${picture.width}" height="${picture.height}" src="${pngUrl(encodePng(picture))}"
        alt="Right and wrong answers to ${name}">
    </figure>
  `;
}
