import { assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { bestWeightsOf } from "../../../tasks/runs/weights_identity.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { smallData, trainTiny } from "../runs.ts";

Deno.test({
  name: "weights are the same wherever a run lies and whenever it was trained, and others after another seed",
  ignore: FAST || !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [data, one, again, other] = ["data", "one", "again", "other"].map((name) => `${folder}/${name}`);
      await smallData(data);
      await trainTiny(data, one, { loop: { steps: 2 } });
      await trainTiny(data, again, { loop: { steps: 2 } });
      await trainTiny(data, other, { loop: { steps: 2 }, seed: 1 });
      const identity = await bestWeightsOf(one);
      assertMatch(identity, /^[0-9a-f]{64}$/);
      assertEquals(await bestWeightsOf(again), identity);
      assertNotEquals(await bestWeightsOf(other), identity);
      await assertRejects(() => bestWeightsOf(`${folder}/none`), InputError, "no such folder");
    }),
});
