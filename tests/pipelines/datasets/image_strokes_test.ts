/** The strokes beside MNIST's pictures are those that the vectorizer finds, and are there only when they are asked for. */
import { assertEquals } from "@std/assert";
import { defaultsOf } from "../../../pipelines/base/option_table.ts";
import { encodeIdx } from "../../../pipelines/formats/idx.ts";
import { prepare } from "../../../pipelines/prepare/prepare.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import { renderDigit } from "../../../pipelines/render/render_pen.ts";
import { fillGrid } from "../../../pipelines/strokes/fit_grid.ts";
import { rasterize } from "../../../pipelines/strokes/rasterize.ts";
import { toStroke3 } from "../../../pipelines/strokes/stroke.ts";
import { Vectorizer } from "../../../pipelines/strokes/vectorize.ts";

const ROWS = [[[[1, 9], [1, 20]]], [[[0, 9], [5, 5]], [[4, 4], [0, 11]]]].map((drawing, i) => ({
  ...{ key: BigInt(i), label: i, payload: renderDigit(drawing as [number[], number[]][]) },
}));
const options = { ...defaultsOf(mnist.options), fields: ["stroke3", "stroke_count", "stroke_index"] as const };

Deno.test("mnist: without --fields there are pictures and labels alone", () => {
  assertEquals(Object.keys(mnist.fields(defaultsOf(mnist.options))), ["image", "label"]);
  assertEquals(Object.keys(mnist.pack(ROWS, defaultsOf(mnist.options))), ["image", "label"]);
});

Deno.test("mnist: stroke3 holds the strokes that are found, on Quick, Draw!'s grid", () => {
  const { stroke3, stroke3_offsets, stroke_count, stroke_index, image } = mnist.pack(ROWS, options);
  const vectorizer = new Vectorizer({ width: 28, height: 28 });
  const drawings = ROWS.map(({ payload }) => fillGrid(vectorizer.vectorize(payload)));
  assertEquals(drawings.map(({ length }) => length), [1, 2]);
  assertEquals([...stroke3.data], drawings.flatMap((drawing) => [...toStroke3(drawing)]));
  assertEquals(Number(stroke3_offsets.data[2]), stroke3.data.length / 3);
  assertEquals([...stroke_count.data], [1, 2]);
  assertEquals(stroke_index.data.subarray(4096), rasterize(drawings[1]).map);
  assertEquals(image.data.subarray(0, 784), ROWS[0].payload);
  assertEquals(mnist.fields(options).stroke3, { dtype: "int16", shape: [-1, 3] });
});

Deno.test("mnist: a larger epsilon leaves fewer points", () => {
  const points = [0, 3, 60].map((epsilon) => mnist.pack(ROWS, { ...options, epsilon }).stroke3.shape[0]);
  assertEquals(points.toSorted((a, b) => b - a), points);
  assertEquals(points[2], 6); // the ends of three strokes
});

Deno.test({
  name: "mnist: a blank picture is a reject where strokes are asked for, and an example where they are not",
  ignore: !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const image = new Uint8Array(3 * 784);
      ROWS.forEach(({ payload }, i) => image.set(payload, i * 784));
      const files = {
        "train-images-idx3-ubyte": encodeIdx({ dtype: "uint8", shape: [3, 28, 28], data: image }),
        "train-labels-idx1-ubyte": encodeIdx({ dtype: "uint8", shape: [3], data: Uint8Array.of(1, 7, 1) }),
      };
      for (const [name, bytes] of Object.entries(files)) await Deno.writeFile(`${folder}/${name}`, bytes);
      const settings = { dataset: mnist, sources: [folder], maxRejects: 1 };
      const plain = await prepare({ ...settings, output: `${folder}/plain` });
      const drawn = await prepare({ ...settings, output: `${folder}/drawn`, options: { fields: ["stroke3"] } });
      assertEquals([plain, drawn].map(({ splits }) => splits.train.examples), [3, 2]);
      assertEquals(drawn.rejects, { blank: 1 });
    }),
});
