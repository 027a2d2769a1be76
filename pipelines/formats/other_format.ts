/**
 * What a file is that a dataset cannot read, and which command can. Browser safe.
 *
 * @module
 */
import { describeForeign } from "./foreign.ts";
import { describeCutIdx, type FileHead, tellFormat } from "./formats.ts";

/** The commands that read each format. */
const READERS: Readonly<Record<string, string>> = {
  ...{ raw: "deno task prepare --dataset quickdraw --fit", ndjson: "deno task prepare --dataset quickdraw" },
  ...{ csv: "deno task prepare --dataset quickdraw", json: "deno task prepare --dataset quickdraw" },
  ...{ svg: "deno task prepare --dataset quickdraw", "mnist-csv": "deno task prepare --dataset mnist" },
  ...{ binary: "deno task prepare --dataset quickdraw", sketchrnn: "deno task prepare --dataset quickdraw" },
  parquet: "deno task prepare --dataset quickdraw",
  ...{ "bitmap-npy": "deno task prepare --dataset quickdraw-bitmap" },
  ...{ "bitmap-bin": "deno task prepare --dataset quickdraw-bitmap", idx: "deno task prepare --dataset mnist" },
  ...{ npy: "deno task inspect", npz: "deno task inspect", mat: "deno task prepare --dataset svhn, or inspect," },
  png: "deno task prepare --dataset mnist",
  ...{ jpeg: "deno task prepare --dataset image-folder", "sketchrnn-js": "deno task inspect" },
};

/**
 * Says what a file is, where its first bytes tell.
 *
 * @param head The file's first bytes and its name.
 * @param expected Names of the formats that would have been right.
 * @returns Such as `sketchrnn, not idx; deno task prepare --dataset quickdraw reads it`; undefined where nothing is known of it.
 */
export function describeOther(head: FileHead, expected: readonly string[]): string | undefined {
  const instead = `not ${expected.join(" or ")}`;
  const found = tellFormat(head)?.name;
  if (found !== undefined) {
    return expected.includes(found) ? undefined : `${found}, ${instead}; ${READERS[found]} reads it`;
  }
  if (/^\s*\{\s*"format":\s*"strokewise shards"/.test(new TextDecoder().decode(head.bytes.subarray(0, 4096)))) {
    return `the index of a folder of shards, ${instead}; deno task convert reads the folder, and train trains on it`;
  }
  return describeCutIdx(head) ?? describeForeign(head.bytes, instead);
}
