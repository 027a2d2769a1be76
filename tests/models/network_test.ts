import { assertEquals, assertThrows } from "@std/assert";
import { type LayerKind, NetworkBuilder, type NetworkLayers, type NetworkValue } from "../../models/network.ts";

const array = (...shape: number[]) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) });

type Given = { [K in LayerKind]: { readonly kind: K } & NetworkLayers[K] }[LayerKind];

/** What a layer gives of one value or several. */
function shapeOf(layer: Given, ...shapes: number[][]): readonly number[] {
  const network = new NetworkBuilder();
  const inputs: NetworkValue[] = shapes.map((shape, i) =>
    network.input({ name: `x${i}`, dtype: "float32", shape, meaning: "" })
  );
  return (network.add as (name: string, from: NetworkValue[], layer: Given) => NetworkValue)
    .call(network, "y", inputs, layer).shape;
}

Deno.test("each layer gives the shape that it says", () => {
  const map = { filter: array(3, 3, 2, 5), bias: array(5), stride: 2, activation: "linear" } as const;
  const weights = { kernel: array(4, 12), recurrentKernel: array(3, 12), bias: array(12) };
  assertEquals(shapeOf({ kind: "frames", frames: 7 }, [6, 6], []), [7, 6, 6, 1]);
  assertEquals(shapeOf({ kind: "conv", ...map }, [7, 9, 8, 2]), [7, 5, 4, 5]);
  assertEquals(shapeOf({ kind: "maxPool" }, [9, 8, 2]), [4, 4, 2]);
  assertEquals(shapeOf({ kind: "transposedConv", ...map, filter: array(3, 3, 5, 2), side: 7 }, [4, 4, 2]), [7, 7, 5]);
  assertEquals(shapeOf({ kind: "dense", weights: array(3, 8), bias: array(8), activation: "relu" }, [2, 3]), [2, 8]);
  const recurrent = { kind: "recurrent", cell: "lstm", directions: [weights, weights] } as const;
  assertEquals(shapeOf({ ...recurrent, keeps: "sequence" }, [9, 4]), [9, 6]);
  assertEquals(shapeOf({ ...recurrent, keeps: "last" }, [9, 4]), [6]);
  assertEquals(shapeOf({ kind: "lstmStep", weights }, [4], [2, 3]), [2, 3]);
  assertEquals(shapeOf({ kind: "concat" }, [2, 5], [3, 5]), [5, 5]);
  assertEquals(shapeOf({ kind: "pick", index: 1 }, [2, 5]), [5]);
  assertEquals(shapeOf({ kind: "fromPlanes", side: 4, channels: 3 }, [48]), [4, 4, 3]);
  assertEquals(shapeOf({ kind: "writeWindow", filters: 2, side: 6 }, [5], [12]), [108]);
});

Deno.test("a layer that does not fit, or whose name is taken, is refused", () => {
  const weights = { kernel: array(4, 12), recurrentKernel: array(3, 12), bias: array(12) };
  const cases: [Given, number[]][] = [
    [{ kind: "dense", weights: array(4, 8), bias: array(8), activation: "relu" }, [2, 3]],
    [{ kind: "conv", filter: array(3, 3, 1, 5), bias: array(5), stride: 1, activation: "linear" }, [7, 7, 2]],
    [{ kind: "reshape", shape: [7] }, [2, 4]],
    [{ kind: "reorder", order: [0, 1] }, [3]],
    [{ kind: "lstmStep", weights }, [5]],
    [{ kind: "fromPlanes", side: 4, channels: 3 }, [16]],
  ];
  for (const [layer, shape] of cases) {
    assertThrows(() => shapeOf(layer, shape), RangeError, `layer y, ${layer.kind}: it is for`);
  }
  const network = new NetworkBuilder();
  const x = network.input({ name: "x", dtype: "float32", shape: [4], meaning: "" });
  network.add("y", x, { kind: "reshape", shape: [2, 2] });
  network.output("z", x, "");
  const says = (name: string) => `two parts of a network are named ${name}`;
  for (const name of ["x", "y", "z"]) {
    assertThrows(() => network.output(name, x, ""), RangeError, says(name));
    assertThrows(() => network.input({ ...network.inputs[0], name }), RangeError, says(name));
    assertThrows(
      () => network.add(name, x, { kind: "reshape", shape: [4] }),
      RangeError,
      says(name),
    );
  }
});

Deno.test("what types would have said is said of a model that nobody has checked, too", () => {
  const cases: [layer: unknown, shapes: number[][], says: string][] = [
    [{ kind: "dens" }, [[4]], "layer y, dens: there is no such kind of layer; did you mean dense?"],
    [{ kind: "constructor" }, [[4]], "layer y, constructor: there is no such kind of layer"],
    [
      { kind: "dense", weights: array(4, 8), bias: array(8) },
      [[4]],
      "linear, relu, elu, sigmoid, tanh, softmax; found undefined",
    ],
    [{ kind: "activation", activation: "gelu" }, [[4]], "layer y, activation: activation: expected one of linear"],
    [{ kind: "pixelNorm" }, [[6]], "layer y, pixelNorm: it is for values of 3 or 4 dimensions, found [6]"],
    [{ kind: "maxPool" }, [[8, 8]], "layer y, maxPool: it is for values of 3 or 4 dimensions, found [8,8]"],
    [{ kind: "maxPool" }, [[1, 8, 2]], "layer y, maxPool: of [1,8,2] it makes [0,4,2]"],
    [
      { kind: "conv", filter: array(3, 3, 1, 5), bias: array(5), activation: "relu" },
      [[7, 7, 1]],
      "it makes [NaN,NaN,5]",
    ],
    [{ kind: "add" }, [[2, 3], [3, 2]], "layer y, add: it is for values that are alike, found [2,3] and [3,2]"],
    [
      { kind: "concat" },
      [[2, 3], [4, 3], [2, 2]],
      "layer y, concat: it is for values that are alike, found [2,3] and [2,2]",
    ],
  ];
  for (const [layer, shapes, says] of cases) assertThrows(() => shapeOf(layer as Given, ...shapes), RangeError, says);
});
