/** Pictures that are among the sources twice, in files of other forms, names or folders. */
import { assertEquals, assertRejects } from "@std/assert";
import { gzipSync } from "node:zlib";
import { InputError } from "../../../pipelines/base/errors.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import type { Dataset } from "../../../pipelines/dataset.ts";
import { encodeIdx } from "../../../pipelines/formats/idx.ts";
import { encodeNpz } from "../../../pipelines/formats/npz.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { prepareTo } from "../../tasks/prepared.ts";

/** Two pictures, a 3 and a 5, each of one grey. */
const LABELS = Uint8Array.of(3, 5);
const pictures = (grey: number) => Uint8Array.from({ length: 2 * 784 }, (_, i) => grey + Math.floor(i / 784));
const csvOf = (grey: number) => [...LABELS].map((label, i) => `${label}${`,${grey + i}`.repeat(784)}\n`).join("");

function idxOf(name: string, grey: number): Record<string, Uint8Array> {
  return {
    [`${name}-images-idx3-ubyte`]: encodeIdx({ dtype: "uint8", shape: [2, 28, 28], data: pictures(grey) }),
    [`${name}-labels-idx1-ubyte`]: encodeIdx({ dtype: "uint8", shape: [2], data: LABELS }),
  };
}

function kerasOf(train: number, test: number): Uint8Array {
  const [x, y] = [
    (grey: number) => ({ dtype: "uint8", shape: [2, 28, 28], data: pictures(grey) }) as const,
    {
      dtype: "uint8",
      shape: [2],
      data: LABELS,
    } as const,
  ];
  return encodeNpz({ x_train: x(train), y_train: y, x_test: x(test), y_test: y });
}

Deno.test({
  name: "mnist: the same pictures in two files are read once; of two splits they are refused",
  ignore: FAST || !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (root) => {
      let runs = 0;
      const run = async (files: Record<string, Uint8Array | string>) => {
        const folder = `${root}/${++runs}`;
        await Deno.mkdir(`${folder}/sub`, { recursive: true });
        for (const [name, content] of Object.entries(files)) {
          await Deno.writeFile(
            `${folder}/${name}`,
            typeof content === "string" ? new TextEncoder().encode(content) : content,
          );
        }
        const { splits, notes } = await prepareTo(`${folder}-out`, {
          dataset: mnist as Dataset,
          sources: [`${folder}/**`],
        });
        const said = notes?.filter((note) => note.includes("the same pictures"));
        return [splits.train.examples, splits.test.examples, said];
      };
      const idx = { ...idxOf("train", 1), ...idxOf("t10k", 9) };
      assertEquals(await run({ ...idx, "mnist.npz": kerasOf(1, 9) }), [2, 2, [
        "mnist.npz: x_test: the same pictures as t10k-images-idx3-ubyte, read once",
        "mnist.npz: x_train: the same pictures as train-images-idx3-ubyte, read once",
      ]]);
      assertEquals(
        await run({ "train.csv": csvOf(1), "train-2.csv.gz": gzipSync(csvOf(1)), "train-3.csv": csvOf(2) }),
        [
          4,
          0,
          ["train.csv: the same pictures as train-2.csv.gz, read once"],
        ],
      );
      const other = Object.fromEntries(
        Object.entries(idxOf("train", 1)).map(([name, bytes]) => [`sub/${name}`, bytes]),
      );
      assertEquals((await run({ ...idx, ...other })).slice(0, 2), [2, 2]);
      const dim = await prepareTo(`${root}/dim`, { dataset: mnist as Dataset, sources: [`${root}/1/mnist.npz`] });
      const dark = (note: string) => note.includes("no pixel is above");
      assertEquals(dim.notes?.filter(dark), []);
      await Deno.writeTextFile(`${root}/train.csv`, csvOf(0));
      const darker = await prepareTo(`${root}/dark`, { dataset: mnist as Dataset, sources: [`${root}/train.csv`] });
      assertEquals(darker.notes?.filter(dark), [
        "train.csv: no pixel is above 1 of 255, so that every picture is dark",
      ]);
      assertEquals(darker.splits.train.examples, 2);
      const very = "train-images-idx3-ubyte would be train, and has the very pictures of t10k-images-idx3-ubyte";
      await assertRejects(() => run({ ...idxOf("train", 1), ...idxOf("t10k", 1) }), InputError, very);
    }),
});
