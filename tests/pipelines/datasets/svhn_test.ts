/** SVHN against the arrays of the files themselves, picture by picture. */
import { createHash } from "node:crypto";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { decodeMat } from "../../../pipelines/formats/mat/mat.ts";
import { encodeMat } from "../../../pipelines/formats/mat/mat_write.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import type { ShardIndex } from "../../../pipelines/shards/shard_index.ts";
import { readShard } from "../../../pipelines/shards/shard_reader.ts";
import { openSource } from "../../../pipelines/sources/source.ts";
import { svhn, toGrey } from "../../../pipelines/datasets/svhn.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { FIXTURES, namesIn, prepareTo } from "../../tasks/prepared.ts";
import { elementCount, type NdArray } from "../../../pipelines/base/arrays.ts";
import { type Split, SPLITS } from "../../../pipelines/base/split.ts";

function test(name: string, fn: (folder: string) => Promise<void>, ignored = false): void {
  Deno.test({
    name: `svhn: ${name}`,
    ignore: ignored || !may("read", "write"),
    sanitizeOps: true,
    sanitizeResources: true,
    fn: () => inTemporaryFolder(fn),
  });
}

const digest = (grey: Uint8Array, digit: number) => `${createHash("md5").update(grey).digest("hex")} ${digit}`;

type Arrays = Record<"X" | "y", NdArray>;

/** The pictures themselves, which the file has by the row, uint8 [32, 32, 3], the last in memory first: X is [32, 32, 3, N]. */
function expectedColours({ X, y }: Arrays): string[] {
  const count = y.data.length;
  return Array.from({ length: count }, (_, i) => {
    const picture = Uint8Array.from({ length: 3072 }, (_, at) => Number(X.data[at * count + i]));
    return digest(picture, Number(y.data[i]) % 10);
  });
}

/** What becomes of some pictures, from the rows of X and with no table of planes: `x[row][column][colour][picture]`. */
function expected({ X, y }: Arrays, from: number, to: number): string[] {
  const count = y.data.length;
  return Array.from({ length: to - from }, (_, i) => {
    const grey = Uint8Array.from({ length: 1024 }, (_, at) => {
      const colour = (c: number) => Number(X.data[(3 * at + c) * count + from + i]);
      const luma = 299 * colour(0) + 587 * colour(1) + 114 * colour(2);
      return luma % 1000 < 500 ? (luma - luma % 1000) / 1000 : (luma - luma % 1000) / 1000 + 1;
    });
    return digest(grey, Number(y.data[from + i]) % 10);
  });
}

async function stored(folder: string, index: ShardIndex, split: Split, shape = [32, 32]): Promise<string[]> {
  const size = elementCount(shape);
  const examples: string[] = [];
  for (const shard of index.splits[split].shards) {
    const { image, label } = await readShard(folder, shard);
    assertEquals([image.shape, label.shape], [[shard.examples, ...shape], [shard.examples]]);
    label.data.forEach((value: number | bigint, i: number) =>
      examples.push(
        digest((image.data as Uint8Array).subarray(size * i, size * (i + 1)), Number(index.classes[Number(value)])),
      )
    );
  }
  return examples.toSorted();
}

/** Pictures of noise. */
function noise(count: number): Arrays {
  const prng = new Prng(count);
  return {
    X: {
      dtype: "uint8",
      shape: [32, 32, 3, count],
      data: Uint8Array.from({ length: 3072 * count }, () => prng.integer(256)),
    },
    y: { dtype: "uint8", shape: [count, 1], data: Uint8Array.from({ length: count }, () => 1 + prng.integer(10)) },
  };
}

Deno.test("svhn: the luma of BT.601, turned upright", () => {
  const of = (...rgb: number[]) => toGrey(Uint8Array.from({ length: 3072 }, (_, i) => rgb[i >> 10]))[0];
  assertEquals([of(0, 0, 0), of(255, 255, 255), of(255, 0, 0), of(0, 255, 0), of(0, 0, 255)], [0, 255, 76, 150, 29]);
  assertEquals([of(0, 0, 250), of(1, 1, 1), of(0, 0, 4), of(0, 0, 5)], [29, 1, 0, 1]); // 28.5 up, 0.456, 0.57
  const corner = new Uint8Array(3072);
  for (const plane of [0, 1, 2]) corner[1024 * plane + 1] = 255; // column 0, row 1
  assertEquals(toGrey(corner).indexOf(255), 32);
});

test("the embedded pictures: digits and splits as the files have them", async (folder) => {
  const index = await prepareTo(`${folder}/out`, { dataset: svhn, shardSize: 64 });
  const [train, test] = await Promise.all(
    ["train", "test"].map(async (part) =>
      (await decodeMat(await Deno.readFile(`${FIXTURES}svhn/${part}_32x32.mat`))).arrays as Arrays
    ),
  );
  assertEquals(SPLITS.map((split) => index.splits[split].examples), [275, 25, 100]);
  assertEquals(await stored(`${folder}/out`, index, "train"), expected(train, 0, 275).toSorted());
  assertEquals(await stored(`${folder}/out`, index, "valid"), expected(train, 275, 300).toSorted());
  assertEquals(await stored(`${folder}/out`, index, "test"), expected(test, 0, 100).toSorted());
});

test("labels of two lengths are refused, whichever way they would be read", async (folder) => {
  const { X, y } = noise(6);
  await Deno.writeFile(`${folder}/test_32x32.mat`, encodeMat({ X, y: { ...y, shape: [3, 2] } as NdArray }));
  const run = () => prepareTo(`${folder}/out`, { dataset: svhn, sources: [`${folder}/test_32x32.mat`] });
  await assertRejects(run, InputError, "y uint8 [3,2]; expected X uint8 [32,32,3,N] and y [N,1], each once");
});

test("without grey the pictures are those of the file", async (folder) => {
  const { X, y } = noise(20);
  await Deno.writeFile(`${folder}/test_32x32.mat`, encodeMat({ X, y }));
  const index = await prepareTo(`${folder}/out`, {
    ...{ dataset: svhn, sources: [`${folder}/test_32x32.mat`], options: { grey: false } },
  });
  assertEquals(index.fields.image, { dtype: "uint8", shape: [32, 32, 3] });
  assertEquals(await stored(`${folder}/out`, index, "test", [32, 32, 3]), expectedColours({ X, y }).toSorted());
});

test("many chunks, labels first or as doubles, gzipped, extra pictures: all the same pictures", async (folder) => {
  const { X, y } = noise(600);
  const doubles = { dtype: "float64", shape: y.shape, data: Float64Array.from(y.data as Uint8Array) } as const;
  const files = { plain: encodeMat({ X, y }, { level: 0 }), turned: encodeMat({ y: doubles, X }, { level: 1 }) };
  for (const [name, bytes] of Object.entries(files)) {
    await Deno.mkdir(`${folder}/${name}`);
    const gzip = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
    await Deno.writeFile(`${folder}/${name}/extra_32x32.mat.gz`, gzip);
    const index = await prepareTo(`${folder}/${name}/out`, {
      dataset: svhn,
      sources: [`${folder}/${name}`],
      workers: 2,
    });
    assertEquals(await stored(`${folder}/${name}/out`, index, "train"), expected({ X, y }, 0, 600).toSorted());
    const chunks = await Array.fromAsync(
      svhn.chunks([openSource({ path: `${folder}/${name}/extra_32x32.mat.gz` })], { grey: true }, 0),
    );
    assertEquals(chunks.map(({ isFirst }) => isFirst), [true, false]);
  }
}, FAST);

test("files that cannot be used are one clear line, and nothing is left behind", async (folder) => {
  const { X, y } = noise(2);
  const path = `${folder}/a/test_32x32.mat`;
  await Deno.mkdir(`${folder}/a`);
  const flat: NdArray = { ...X, shape: [32, 96, 2] };
  const cases: [bytes: Uint8Array, words: string][] = [
    [encodeMat({ X }), `${path}: X uint8 [32,32,3,2]; expected X uint8 [32,32,3,N] and y [N,1], each once`],
    [encodeMat({ y }), `${path}: y uint8 [2,1]; expected X`],
    [encodeMat({ X: flat, y }), `${path}: X uint8 [32,96,2], y uint8 [2,1]; expected X`],
    [encodeMat({}), `${path}: nothing; expected X`],
    [Uint8Array.from([...encodeMat({ X, y }), ...encodeMat({ X }).subarray(128)]), "each once"],
    [encodeMat({ X, y }).subarray(0, 2000), `${path}: Cannot read .mat: the file ends inside the element at byte 128`],
  ];
  for (const [bytes, words] of cases) {
    await Deno.writeFile(path, bytes);
    const read = () => prepareTo(`${folder}/out`, { dataset: svhn, sources: [path] });
    const { message } = await assertRejects(read, InputError);
    assert(message.includes(words) && !message.includes("\n"), message);
  }
  await Deno.rename(path, `${folder}/a/numbers.mat`);
  const other = () => prepareTo(`${folder}/out`, { dataset: svhn, sources: [`${folder}/a`] });
  await assertRejects(other, InputError, "numbers.mat: expected a name like train_32x32.mat");
  assertEquals(await namesIn(folder), ["a"]);
});
