/** What sources hold that nothing reads is told, in the words of `prepare`. */
import { assertEquals } from "@std/assert";
import { convert } from "../../../pipelines/convert/convert.ts";
import { openFormat } from "../../../pipelines/convert/format_reader.ts";
import { inspectFile } from "../../../pipelines/convert/inspection.ts";
import { encodeNpy } from "../../../pipelines/formats/npy.ts";
import { unzipMembers, zipMembers } from "../../../pipelines/formats/npz.ts";
import { encodeSketchRnn } from "../../../pipelines/formats/sketchrnn.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";

Deno.test({
  name: "arrays beside Sketch-RNN's, and members of records that are not read, are told",
  ignore: !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const drawings = { train: [Int16Array.of(5, 5, 0, 9, -3, 1)], valid: [], test: [] };
      const others = { "std.npy": encodeNpy({ dtype: "float32", shape: [1], data: Float32Array.of(2.5) }) };
      const members = { ...unzipMembers(encodeSketchRnn(drawings)), ...others };
      await Deno.writeFile(`${folder}/x.npz`, zipMembers(members));
      await Deno.writeTextFile(`${folder}/x.ndjson`, '{"drawing":[[[0],[9]]],"age":7}\n');
      for (
        const [name, note] of [["x.npz", "arrays that are not read: std"], [
          "x.ndjson",
          "columns that are not read: age",
        ]]
      ) {
        for (const to of ["binary", "svg"]) {
          const { notes } = await convert({ sources: [`${folder}/${name}`], to, output: `${folder}/${name}.${to}` });
          assertEquals(notes, [note]);
        }
        const { facts } = await inspectFile(await openFormat({ path: `${folder}/${name}` }));
        assertEquals(facts.at(-1), ["note", note]);
      }
    }),
});
