/**
 * The readers of images that `deno task fuzz` tries: JPEG files, and zip files and arrays of pictures by the way of `prepare`.
 *
 * @module
 */
import { zipSync } from "fflate";
import { encode } from "jpeg-js";
import { defaultsOf } from "../../pipelines/base/option_table.ts";
import { imageFolder } from "../../pipelines/datasets/image_folder/image_folder.ts";
import { encodeNpy } from "../../pipelines/formats/npy.ts";
import { decodeJpeg } from "../../pipelines/images/jpeg_decode.ts";
import { encodePng } from "../../pipelines/images/png.ts";
import { prepareRows } from "./fuzz_prepare.ts";
import { type FuzzTarget, ofBytes } from "./fuzz_target.ts";

const SIDE = 12;

/** A progressive JPEG of 24 x 17 pixels, by libjpeg-turbo: the library here writes none. */
const PROGRESSIVE =
  "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wgARCAARABgDASIAAhEBAxEB/8QAFwABAAMAAAAAAAAAAAAAAAAAAAQGB//EABcBAQADAAAAAAAAAAAAAAAAAAcFBgj/2gAMAwEAAhADEAAAAbxNwedCXTQGKmoUtM0LNEVYNQp//8QAGRAAAgMBAAAAAAAAAAAAAAAAAwQCBREx/9oACAEBAAEFAk7eGGt4Ye3hqbBcMwXDsF1PhuH7/8QAIBEAAQIFBQAAAAAAAAAAAAAAAAMEAQIFExQVITEzRP/aAAgBAwEBPwHQU8Pke0FO9Hc8Y975j//EABsRAAIBBQAAAAAAAAAAAAAAAAABBQIEEyEz/9oACAECAQE/AY6HoyLZZw9GJbI7oiz4o//EABYQAQEBAAAAAAAAAAAAAAAAADEAIP/aAAgBAQAGPwJmd//EABoQAAIDAQEAAAAAAAAAAAAAAAARASExQRD/2gAIAQEAAT8hQ0OSGNBDcnZkY3Jj46n/2gAMAwEAAgADAAAAECvggv/EABkRAQACAwAAAAAAAAAAAAAAAAABcYGhsf/aAAgBAwEBPxCcYt5PDYf/xAAUEQEAAAAAAAAAAAAAAAAAAAAg/9oACAECAQE/EBQZJ//EABsQAQACAgMAAAAAAAAAAAAAAABRYRGhMXHB/9oACAEBAAE/EPXjLwSvxKgrIwrktFz9N5//2Q==";

/** The targets by name. */
export function imageTargets(): Record<string, FuzzTarget> {
  const pixels = Uint8Array.from({ length: 3 * SIDE ** 2 }, (_, i) => (7 * i + i * i) & 255);
  const png = encodePng({ width: SIDE, height: SIDE, data: pixels });
  const withAlpha = Uint8Array.from({ length: 4 * SIDE ** 2 }, (_, i) => i & 255);
  const jpegs = [Uint8Array.fromBase64(PROGRESSIVE), jpegOf(withAlpha, 90), jpegOf(withAlpha, 20)];
  const files = { "a/1.png": png, "a/2.jpg": jpegs[1], "b/3.png": png };
  const zips = ([0, 6] as const).map((level) => zipSync(files, { level }));
  const arrays = [[2, SIDE, SIDE, 3], [6, SIDE, SIDE], [3, SIDE / 2, SIDE, 4]].map((shape) => {
    const data = Uint8Array.from({ length: shape.reduce((product, length) => product * length) }, (_, i) => i & 255);
    return encodeNpy({ dtype: "uint8", shape, data });
  });
  return {
    jpeg: ofBytes(jpegs, 170, (input) => void decodeJpeg(input)),
    "images-zip": ofBytes(zips, 90, (input) => prepareImages("pictures.zip", input)),
    "images-npy": ofBytes(arrays, 128, (input) => prepareImages("pictures.npy", input)),
  };
}

function jpegOf(data: Uint8Array, quality: number): Uint8Array {
  return new Uint8Array(encode({ width: SIDE, height: SIDE, data }, quality).data);
}

/** The way of `prepare` from a file to rows, each of which must be a square of the size that is asked for. */
async function prepareImages(path: string, input: Uint8Array): Promise<void> {
  const options = { ...defaultsOf(imageFolder.options), size: 8 };
  const rows = await prepareRows(imageFolder, options, { path, input });
  rows.check(({ length }) => length === 3 * options.size ** 2, "no square of the size that is asked for");
}
