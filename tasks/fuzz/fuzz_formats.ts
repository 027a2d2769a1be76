/**
 * The readers of UNIPEN, of sketch-rnn-js and of bitmaps that `deno task fuzz` tries.
 *
 * @module
 */
import { decodeGoogleDecoder } from "../../models/zoo/sketch_rnn/google_decoder.ts";
import type { NdArray } from "../../pipelines/base/arrays.ts";
import { concatBytes } from "../../pipelines/base/bytes.ts";
import { InputError, Reject } from "../../pipelines/base/errors.ts";
import { defaultsOf } from "../../pipelines/base/option_table.ts";
import { readArrays } from "../../pipelines/convert/format_reader.ts";
import { pendigits } from "../../pipelines/datasets/pendigits.ts";
import { quickdrawBitmap } from "../../pipelines/datasets/quickdraw/quickdraw_bitmap.ts";
import { BITMAP_BYTES, BITMAP_SIDE, encodeBitmapHeader } from "../../pipelines/formats/bitmaps.ts";
import { FORMATS } from "../../pipelines/formats/formats.ts";
import { DECODER_TENSORS, encodeSketchRnnJs, type SketchRnnJs } from "../../pipelines/formats/sketchrnn_js.ts";
import { kindOf } from "./command_lines.ts";
import { mutateBytes, mutateJson, pick } from "./fuzz_mutate.ts";
import { isDrawing, partsOf, prepareRows } from "./fuzz_prepare.ts";
import { type FuzzTarget, ofBytes } from "./fuzz_target.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const UNIPENS = [
  '.HIERARCHY DIGIT\n\n.SEGMENT DIGIT 0 ? "8"\n.COMMENT 8 1 0\n.PEN_DOWN\n 9 5\n 30 44\n 2 -7\n.PEN_UP\n.DT 100\n' +
  '.SEGMENT DIGIT 1-2 ? "4"\n.COMMENT 4 28 1\n.PEN_DOWN\n 0 9\n 8 1\n.PEN_UP\n.DT 9\n.PEN_DOWN\n 4 4\n.PEN_UP\n.DT 9\n',
  '.COORD T X Y\r\n.SEGMENT DIGIT 0,2 ? "1"\r\n.PEN_DOWN\r\n0 1.5 2\r\n9 1 1e2\r\n.PEN_UP\r\n.PEN_DOWN\r\n1 2 3\r\n.PEN_UP\r\n',
];

/** The targets by name. */
export function formatTargets(): Record<string, FuzzTarget> {
  const pixels = Uint8Array.from({ length: 3 * BITMAP_BYTES }, (_, i) => i % 5 === 0 ? i & 255 : 0);
  const withHeader = concatBytes([encodeBitmapHeader(3, "npy"), pixels]);
  const models = [modelOf(2), modelOf(0)];
  return {
    unipen: ofBytes(UNIPENS.map((text) => encoder.encode(text)), 300, parseUnipen),
    "sketchrnn-js": {
      draw: (prng) => {
        const model = pick(prng, models);
        return pick(prng, [true, false])
          ? mutateBytes(encoder.encode(model), prng, 120)
          : encoder.encode(mutateJson(model, prng));
      },
      parse: parseModel,
    },
    "bitmap-bin": ofBytes([pixels, pixels.subarray(0, BITMAP_BYTES)], 60, (input) => parseBitmaps("cat.bin", input)),
    "bitmap-npy": ofBytes([withHeader], 128, (input) => parseBitmaps("cat.npy", input)),
  };
}

/** A decoder of 2 units and one mixture, or another model of the same tensors. */
function modelOf(mode: number): string {
  const shapes = [[2, 9], [9], [5, 8], [2, 8], [8]];
  const tensors = DECODER_TENSORS.map((name, i): [string, NdArray<"float32">] => {
    const data = Float32Array.from(
      { length: shapes[i].reduce((size, side) => size * side) },
      (_, k) => Math.sin(k + i),
    );
    return [name, { dtype: "float32", shape: shapes[i], data }];
  });
  const info: SketchRnnJs["info"] = { mode, version: 6, max_seq_len: 9, name: "cat", scale_factor: 2.5 };
  return encodeSketchRnnJs({ info, tensors: Object.fromEntries(tensors) }).text;
}

async function parseUnipen(input: Uint8Array): Promise<void> {
  try {
    const rows = await prepareRows(pendigits, defaultsOf(pendigits.options), { path: "a.tra", input });
    rows.check(isDrawing, "no drawing");
  } catch (error) {
    throw brief(error);
  }
}

/** The way of `inspect`, then that of `convert --to run`. */
async function parseModel(input: Uint8Array): Promise<void> {
  const format = FORMATS["sketchrnn-js"];
  const file = { path: "x.json", format, holds: format.holds, side: BITMAP_SIDE, bytes: partsOf(input) };
  try {
    for (const { shape, data } of Object.values(await readArrays(file))) {
      if (shape.reduce((size, side) => size * side, 1) !== data.length) throw new Error(`[${shape}] of ${data.length}`);
    }
    decodeGoogleDecoder(decoder.decode(input), "x.json");
  } catch (error) {
    throw brief(error);
  }
}

async function parseBitmaps(path: string, input: Uint8Array): Promise<void> {
  try {
    const rows = await prepareRows(quickdrawBitmap, defaultsOf(quickdrawBitmap.options), { path, input });
    rows.check(({ length }) => length === BITMAP_BYTES, "no bitmap");
  } catch (error) {
    throw brief(error);
  }
}

/** An error without what it quotes of the input, so that those of one kind are counted together. */
function brief(error: unknown): unknown {
  const isOfFile = error instanceof InputError && !(error instanceof Reject);
  return isOfFile ? new InputError(kindOf(error.message)) : error;
}
