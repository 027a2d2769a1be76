/** Pictures that two splits have, of sources that say the splits themselves. */
import { assertEquals } from "@std/assert";
import type { Dataset } from "../../../pipelines/dataset.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import { SharedPictures } from "../../../pipelines/datasets/shared_pictures.ts";
import { svhn } from "../../../pipelines/datasets/svhn.ts";
import { encodeIdx } from "../../../pipelines/formats/idx.ts";
import { encodeMat } from "../../../pipelines/formats/mat/mat_write.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";
import { prepareTo } from "../../tasks/prepared.ts";

/** Pictures of so many bytes, each of one grey. */
const plain = (greys: readonly number[], size: number) =>
  Uint8Array.from({ length: greys.length * size }, (_, i) => greys[Math.floor(i / size)]);

Deno.test("shared pictures: each of test or valid that is elsewhere counts, as often as it is there", () => {
  const shared = new SharedPictures();
  const add = (split: "train" | "valid" | "test", ...greys: number[]) =>
    greys.forEach((grey) => shared.add(plain([grey], 784), split));
  add("test", 1, 2, 2, 3);
  add("train", 4, 4, 5);
  assertEquals(shared.notes, [], "twice in one split is no leak");
  add("train", 2, 2, 2);
  add("valid", 3, 5);
  assertEquals(shared.notes, [
    "2 pictures of test also in train, pixel by pixel",
    "1 picture of test also in valid, pixel by pixel",
    "1 picture of valid also in train, pixel by pixel",
  ]);
});

Deno.test({
  name: "shared pictures: prepare tells those of MNIST's files, turned ones too, and of SVHN's",
  ignore: !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const leaks = (notes: readonly string[] = []) => notes.filter((note) => note.includes("also in"));
      const pair = async (name: string, data: Uint8Array) => {
        const count = data.length / 784;
        const files = {
          "images-idx3": { shape: [count, 28, 28], data },
          "labels-idx1": { shape: [count], data: new Uint8Array(count) },
        };
        for (const [kind, array] of Object.entries(files)) {
          await Deno.writeFile(`${folder}/${name}-${kind}-ubyte`, encodeIdx({ dtype: "uint8", ...array }));
        }
      };
      const lying = Uint8Array.from({ length: 784 }, (_, i) => i < 28 ? 200 : 0); // its first row is white
      const upright = Uint8Array.from({ length: 784 }, (_, i) => i % 28 === 0 ? 200 : 0);
      await pair("train", Uint8Array.from([...plain([1, 2, 3, 4], 784), ...upright]));
      await pair("t10k", plain([7, 3, 8, 1, 9], 784));
      await pair("emnist-digits-test", lying);
      const digits = await prepareTo(`${folder}/digits`, {
        ...{ dataset: mnist as Dataset, sources: [`${folder}/*-ubyte`] },
      });
      assertEquals(leaks(digits.notes), ["3 pictures of test also in train, pixel by pixel"]);
      const house = (greys: readonly number[]) =>
        encodeMat({
          X: {
            dtype: "uint8",
            shape: [32, 32, 3, greys.length],
            data: Uint8Array.from({ length: 3072 * greys.length }, (_, i) => greys[i % greys.length]),
          },
          y: { dtype: "uint8", shape: [greys.length, 1], data: new Uint8Array(greys.length).fill(1) },
        });
      await Deno.writeFile(`${folder}/train_32x32.mat`, house(Array.from({ length: 24 }, (_, i) => i)));
      await Deno.writeFile(`${folder}/extra_32x32.mat`, house([23, 40]));
      await Deno.writeFile(`${folder}/test_32x32.mat`, house([50, 0, 0]));
      const houses = await prepareTo(`${folder}/houses`, { dataset: svhn, sources: [`${folder}/*.mat`] });
      assertEquals(leaks(houses.notes), [
        "2 pictures of test also in train, pixel by pixel",
        "1 picture of valid also in train, pixel by pixel",
      ]);
    }),
});
