/**
 * Drawings per second of the renderer, beside cairo's where npm:canvas is installed, and whether the pixels agree.
 *
 * @module
 */
import { grouped } from "../../pipelines/base/text.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { parseQuickDrawLine } from "../../pipelines/formats/quickdraw/quickdraw_line.ts";
import { renderBitmap, type Renderer, renderFrames } from "../../pipelines/render/render.ts";
import { loadCairo } from "../../pipelines/render/render_cairo.ts";
import type { FrameOptions } from "../../pipelines/render/render_options.ts";
import { openSource, readLines } from "../../pipelines/sources/source.ts";
import type { Drawing } from "../../pipelines/strokes/stroke.ts";
import { median } from "../../pipelines/base/median.ts";
import { say } from "../cli/main.ts";

/** What is timed. */
export interface RenderBench {
  /** An ndjson file, gzipped or not. */
  readonly source: string;
}

const DRAWINGS = 2000;
const RUNS = 5;

/** Times and prints a table: medians, in turns, so that both see the same machine. */
export async function benchRender({ source }: RenderBench): Promise<void> {
  const drawings = await firstDrawings(source);
  const cairo = await cairoIfHere();
  say(`\n${drawings.length} drawings of ${source}, one core, median of ${RUNS} runs`);
  const frames: FrameOptions = { size: 64, lineWidth: 1, maxStrokes: 8 };
  const works: [
    work: string,
    draw: (renderer: Renderer, drawing: Drawing, out?: Uint8Array<ArrayBuffer>) => Uint8Array,
  ][] = [
    ["28 x 28 bitmap", ({ renderBitmap }, drawing, out) => renderBitmap(drawing, out ? { out } : {})],
    [
      "8 cumulative 64 x 64 frames",
      ({ renderFrames }, drawing, out) => renderFrames(drawing, { ...frames, ...(out ? { out } : {}) }),
    ],
  ];
  const own: Renderer = { renderBitmap, renderFrames };
  for (const [work, draw] of works) {
    const out = new Uint8Array(draw(own, []).length);
    const time = (renderer: Renderer) => {
      const began = performance.now();
      for (const drawing of drawings) draw(renderer, drawing, out);
      return drawings.length / (performance.now() - began) * 1000;
    };
    time(own); // compiled before it is timed
    const rates = Array.from({ length: RUNS }, () => [time(own), cairo ? time(cairo) : NaN]);
    const [ours, theirs] = [0, 1].map((i) => median(rates.map((pair) => pair[i])));
    sayRate(`${work}, TypeScript`, ours, cairo ? `${(ours / theirs).toFixed(2)} x cairo` : "");
    if (cairo) {
      sayRate(`${work}, cairo`, theirs);
      say(`${"".padEnd(45)}${agreement(drawings, (drawing) => [draw(own, drawing), draw(cairo, drawing)])}`);
    }
  }
}

async function firstDrawings(path: string): Promise<Drawing[]> {
  const drawings: Drawing[] = [];
  for await (const lines of readLines(openSource({ path }))) {
    drawings.push(...lines.map(({ text }) => parseQuickDrawLine(text).drawing));
    if (drawings.length >= DRAWINGS) break;
  }
  return drawings.slice(0, DRAWINGS);
}

async function cairoIfHere(): Promise<Renderer | undefined> {
  try {
    return await loadCairo();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    say(error.message);
    return undefined;
  }
}

/** How many pictures are the same in both, and how many pixels are not. */
function agreement(drawings: readonly Drawing[], draw: (drawing: Drawing) => [Uint8Array, Uint8Array]): string {
  let [pictures, pixels, unequal] = [0, 0, 0];
  for (const drawing of drawings) {
    const [ours, theirs] = draw(drawing);
    const before = unequal;
    ours.forEach((value, i) => unequal += value === theirs[i] ? 0 : 1);
    pixels += ours.length;
    if (unequal === before) pictures++;
  }
  return `${grouped(pictures)} of ${grouped(drawings.length)} pictures equal; ${grouped(unequal)} of ${
    grouped(pixels)
  } pixels differ`;
}

function sayRate(who: string, perSecond: number, ratio = ""): void {
  say(`${who.padEnd(44)} ${grouped(Math.round(perSecond)).padStart(10)} drawings/s ${ratio}`.trimEnd());
}
