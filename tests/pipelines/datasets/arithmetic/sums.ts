/** Sums read back from prepared folders, and digits read plainly from IDX files, for tests. */
import { decodeNpz } from "../../../../pipelines/formats/npz.ts";
import type { ShardIndex } from "../../../../pipelines/shards/shard_index.ts";
import { type Split, SPLITS } from "../../../../pipelines/base/split.ts";
import { gunzipSync } from "node:zlib";

/** An example of a prepared folder. */
export interface StoredSum {
  readonly split: Split;
  readonly query: string;
  readonly answer: string;
  readonly className: string;
  /** The bank's rows of query and answer. */
  readonly glyphs: readonly number[];
}

/** Every example of a folder, in the order of its shards. */
export async function sumsIn(folder: string, { splits, fields, classes }: ShardIndex): Promise<StoredSum[]> {
  const sums: StoredSum[] = [];
  for (const split of SPLITS) {
    for (const { file, examples } of splits[split].shards) {
      const arrays = decodeNpz(await Deno.readFile(`${folder}/${file}`));
      const part = (name: string, i: number) => {
        const length = arrays[name].shape[1];
        return Array.from(arrays[name].data.subarray(i * length, (i + 1) * length) as Uint8Array, Number);
      };
      const text = (name: string, i: number) => part(name, i).map((code) => fields[name].characters![code]).join("");
      for (let i = 0; i < examples; i++) {
        sums.push({
          split,
          query: text("query", i),
          answer: text("answer", i),
          className: classes[Number(arrays.label.data[i])],
          glyphs: [...part("query_glyph", i), ...part("answer_glyph", i)],
        });
      }
    }
  }
  return sums;
}

/** The two numbers of a query. */
export function numbersOf(query: string): [number, number] {
  const [, a, b] = /^ *(\d+)[-+*] *(\d+)$/.exec(query)!;
  return [Number(a), Number(b)];
}

/** The pictures of a pair of gzipped IDX files, as text, by label. */
export async function digitsIn(images: string, labels: string): Promise<{ label: number; picture: string }[]> {
  const [pixels, names] = (await Promise.all([images, labels].map((path) => Deno.readFile(path)))).map((bytes) =>
    new Uint8Array(gunzipSync(bytes))
  );
  return Array.from(names.subarray(8), (label, i) => {
    return { label, picture: pixels.subarray(16 + 784 * i, 16 + 784 * (i + 1)).toBase64() };
  });
}
