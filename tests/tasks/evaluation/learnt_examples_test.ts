/** Whose train split is what a model learnt from, wherever other examples are judged. */
import { assertEquals } from "@std/assert";
import { readShardIndex } from "../../../pipelines/shards/shard_reader.ts";
import { learntPlace } from "../../../tasks/evaluation/learnt_examples.ts";
import { dataIdentity } from "../../../tasks/runs/run_data.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";
import { embedded, prepareTo } from "../prepared.ts";

Deno.test({
  name: "learnt examples: those of the training, though moved, and not those of another folder unless they are gone",
  ignore: !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const place = async (name: string) => ({
        data: `${folder}/${name}`,
        index: await readShardIndex(`${folder}/${name}`),
      });
      await prepareTo(`${folder}/own`, { sources: embedded("line"), options: { size: 16 }, perClass: 60 });
      await prepareTo(`${folder}/other`, { sources: embedded("sun"), options: { size: 16 }, perClass: 60 });
      const [own, other] = [await place("own"), await place("other")];
      const trained = { data: own.data, identity: dataIdentity(own.index) };
      assertEquals(await learntPlace(own, trained), own);
      assertEquals(await learntPlace(other, trained), own);
      await Deno.rename(own.data, `${folder}/moved`);
      const moved = await place("moved");
      assertEquals(await learntPlace(moved, trained), moved);
      for (const data of [own.data, "", other.data]) {
        const { note, ...found } = await learntPlace(other, { ...trained, data });
        assertEquals(found, other);
        assertEquals(note?.startsWith("the examples that the model learnt from are not there"), true);
      }
    }),
});
