import { assertEquals, assertRejects } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { seal } from "../../../pipelines/base/seal.ts";
import { readEvaluation } from "../../../tasks/evaluation/read_evaluation.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";

Deno.test({
  name: "an evaluation is read as it was written: one that was changed is refused, one without a hash is none",
  ignore: !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const path = `${folder}/metrics.json`;
      const read = async (text: string) => {
        await Deno.writeTextFile(path, text);
        return await readEvaluation(path);
      };
      const head =
        '"model":"draw","dataset":"mnist","split":"test","unit":"digit","step":3,"examples":100,"metrics":{"loss":9}';
      // printf %s '{…}' | sha256sum
      const sha256 = "1846c6a20691cc9de9233b6748a184fcbe680c150f06ed994667dbd26288e1f3";
      const sealed = `{${head},"sha256":"${sha256}"}`;
      assertEquals<unknown>(await read(sealed), JSON.parse(`{${head}}`));
      assertEquals<unknown>(await read(JSON.stringify(JSON.parse(sealed), null, 2)), JSON.parse(`{${head}}`));
      for (const bad of [sealed.replace("9}", "8}"), sealed.replace('"step":3,', ""), "{", "[]", "null", "7"]) {
        await assertRejects(() => read(bad), InputError, path);
      }
      assertEquals(await read(`{${head}}`), undefined);
      const good = JSON.parse(`{${head}}`);
      const forged: [more: object, says: string][] = [
        [{ metrics: "x" }, "its metrics are no numbers"],
        [{ metrics: { loss: [] } }, "its metrics are no numbers"],
        [{ split: "../x" }, 'its split is "../x"'],
        [{ step: -1 }, "its examples or step is no count: 100, -1"],
        [{ examples: 1e300 }, "its examples or step is no count"],
        [{ model: 7 }, "its model, dataset or unit is no text"],
      ];
      for (const [more, says] of forged) {
        await assertRejects(() => read(JSON.stringify(seal({ ...good, ...more }))), InputError, says);
      }
    }),
});
