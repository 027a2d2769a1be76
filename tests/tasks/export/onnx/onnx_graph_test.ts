/** The file of an ONNX graph: literal bytes, and as protoc reads them. */
import { assertEquals, assertThrows } from "@std/assert";
import { InputError } from "../../../../pipelines/base/errors.ts";
import { OnnxGraph } from "../../../../tasks/export/onnx/onnx_graph.ts";
import { may } from "../../../helpers.ts";

/** y = x + 1 of any number of rows. */
function plusOne(): Uint8Array<ArrayBuffer> {
  const graph = new OnnxGraph();
  const x = graph.input("x", { dtype: "uint8", shape: ["N", 2], meaning: "in" });
  const cast = graph.node("Cast", [x], "c", { to: 1 });
  graph.output("y", graph.node("Add", [cast, graph.floats([1])], "s"), {
    ...{ dtype: "float32", shape: ["N", 2], meaning: "out" },
  });
  return graph.encode({ producer: "p", version: "1", name: "g", meaning: "m", metadata: { k: 'a "ü"' } });
}

/** By the numbers of onnx.proto: ir_version 8, of the graph node, name, initializer, doc_string, input and output. */
const DECODED = `1: 8
2: "p"
3: "1"
6: "m"
7 {
  1 {
    1: "x"
    2: "c"
    3: "c"
    4: "Cast"
    5 {
      1: "to"
      20: 2
      3: 1
    }
  }
  1 {
    1: "c"
    1: "constant/1"
    2: "s"
    3: "s"
    4: "Add"
  }
  1 {
    1: "s"
    2: "y"
    3: "y"
    4: "Identity"
  }
  2: "g"
  5 {
    2: 1
    8: "constant/1"
    9: "\\000\\000\\200?"
  }
  10: "m"
  11 {
    1: "x"
    2 {
      1 {
        1: 2
        2 {
          1 {
            2: "N"
          }
          1 {
            1: 2
          }
        }
      }
    }
    3: "in"
  }
  12 {
    1: "y"
    2 {
      1 {
        1: 1
        2 {
          1 {
            2: "N"
          }
          1 {
            1: 2
          }
        }
      }
    }
    3: "out"
  }
}
8 {
  1: ""
  2: 17
}
14 {
  1: "k"
  2: "a \\"\\303\\274\\""
}
`;

const PROTOC = "/usr/bin/protoc";
const hasProtoc = may("read", "run") && await Deno.stat(PROTOC).then(() => true, () => false);

Deno.test({
  name: `onnx: protoc reads what is written${hasProtoc ? "" : ` (needs ${PROTOC}, of Debian's protobuf-compiler)`}`,
  ignore: !hasProtoc,
  async fn() {
    const process = new Deno.Command(PROTOC, { args: ["--decode_raw"], stdin: "piped", stdout: "piped" }).spawn();
    const writer = process.stdin.getWriter();
    await writer.write(plusOne());
    await writer.close();
    const { stdout } = await process.output();
    assertEquals(new TextDecoder().decode(stdout), DECODED);
  },
});

Deno.test("onnx: the file begins with its version and producer, and ends with the metadata", () => {
  const bytes = plusOne();
  assertEquals(bytes.slice(0, 9).toHex(), "0808" + "120170" + "1a0131" + "32");
  const end = "4204" + "0a00" + "1011" + "720b" + "0a016b" + "1206" + "6120" + "22c3bc22";
  assertEquals(bytes.slice(-end.length / 2).toHex(), end);
});

Deno.test("onnx: a name is given once, a constant of the same values is there once", () => {
  const graph = new OnnxGraph();
  graph.input("x", { dtype: "float32", shape: [], meaning: "" });
  assertThrows(() => graph.node("Relu", ["x"], "x"), InputError, "two values of an ONNX graph are named x");
  assertEquals([graph.ints([1, 2]), graph.ints([1, 2]), graph.floats([1, 2], [2])], [
    ...["constant/1", "constant/1", "constant/2"],
  ]);
  assertEquals(graph.floats([1, 2], [1, 2]), "constant/3");
});
