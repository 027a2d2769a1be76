/** Google's own 28 x 28 bitmaps beside the drawings that they show, where the real data is. */
import { decodeNpy } from "../../../pipelines/formats/npy.ts";
import { parseQuickDrawLine } from "../../../pipelines/formats/quickdraw/quickdraw_line.ts";
import type { Drawing } from "../../../pipelines/strokes/stroke.ts";
import { REAL_DATA } from "../../helpers.ts";

/** A category of which both are there, and how many rows of its bitmaps are the drawings, in order. */
export const CATEGORIES = [["fish", "fish.ndjson", 25], ["cat", "cat.ndjson.gz", 2000]] as const;

async function read(path: string): Promise<Uint8Array> {
  const file = await Deno.open(`${REAL_DATA}${path}`);
  const stream = path.endsWith(".gz") ? file.readable.pipeThrough(new DecompressionStream("gzip")) : file.readable;
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The drawings of a category with Google's bitmaps of them, uint8 [28, 28] each. */
export async function readPairs(
  [name, drawings, count]: (typeof CATEGORIES)[number],
): Promise<{ drawing: Drawing; bitmap: Uint8Array }[]> {
  const { data } = decodeNpy(await read(`quickdraw-bitmap/${name}.npy.gz`)); // [N, 784]
  const lines = new TextDecoder().decode(await read(`quickdraw/${drawings}`)).split("\n").slice(0, count);
  return lines.map((line, i) => ({
    drawing: parseQuickDrawLine(line).drawing,
    bitmap: data.subarray(784 * i, 784 * (i + 1)) as Uint8Array,
  }));
}
