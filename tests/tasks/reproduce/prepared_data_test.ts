/** Prepared data that is found again, and the sources that it was made from. */
import { assertEquals, assertRejects } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { gunzipSync } from "node:zlib";
import { acceptStanding } from "../../../tasks/reproduce/accept.ts";
import { ACCEPTANCES } from "../../../tasks/reproduce/acceptances.ts";
import { preparationOf } from "../../../tasks/reproduce/experiment.ts";
import { findData } from "../../../tasks/reproduce/prepared_data.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";
import { FIXTURES, prepareTo } from "../prepared.ts";

Deno.test({
  name: "reproduce, accept: files of the same names and sizes that hold other bytes are other sources",
  ignore: !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [ours, others] = [`${folder}/ours`, `${folder}/others`];
      for (const to of [ours, others]) await Deno.mkdir(to);
      for await (const { name } of Deno.readDir(`${FIXTURES}mnist`)) {
        const bytes = gunzipSync(await Deno.readFile(`${FIXTURES}mnist/${name}`));
        await Deno.writeFile(`${ours}/${name.replace(".gz", "")}`, bytes);
        if (name.startsWith("train-images")) bytes[bytes.length - 1] ^= 1;
        await Deno.writeFile(`${others}/${name.replace(".gz", "")}`, bytes);
      }
      const acceptance = ACCEPTANCES.find(({ experiment }) => experiment.name === "mnist-lstm-rows")!;
      const { experiment } = acceptance;
      const path = `${folder}/data-${experiment.name}`;
      await prepareTo(path, { ...preparationOf(experiment, path, [ours]), workers: 1 });
      const message = `data ${path}: made from other sources; --run names another folder`;
      assertEquals((await findData(experiment, { path, sources: [ours] }))?.path, path);
      await assertRejects(() => findData(experiment, { path, sources: [others] }), InputError, message);
      assertEquals((await acceptStanding(acceptance, { folder, sources: [ours] })).isDone, false);
      await assertRejects(() => acceptStanding(acceptance, { folder, sources: [others] }), InputError, message);
    }),
});
