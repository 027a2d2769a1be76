import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { writeEvents } from "../../../tasks/evaluation/write_events.ts";
import { TARGETS } from "../../../tasks/export/targets.ts";
import { readEventHead } from "../../../tasks/runs/tfevents/event.ts";
import { eventFilesIn } from "../../../tasks/runs/tfevents/event_files.ts";
import { inTemporaryFolder } from "../../helpers.ts";
import { byProtoc, HAS_PROTOC, readByProtoc, recordsOf } from "../runs/tfevents/protoc.ts";
import { checkpointOf, metricsOf, smallData, trainTiny } from "../runs.ts";

Deno.test({
  name: byProtoc("events of a run that was trained without them"),
  ignore: !HAS_PROTOC,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [data, run] = [`${folder}/data`, `${folder}/runs/mine`];
      await smallData(data);
      const loop = { steps: 6, batchSize: 16, logEvery: 2, evaluateEvery: 3, tensorboard: false };
      await trainTiny(data, run, { loop });
      const said: string[] = [];
      const request = {
        runs: [`${run}/`],
        output: `${folder}/runs`,
        overwrite: false,
        say: (line: string) => void said.push(line),
      };
      await TARGETS.tfevents.write({ ...request, options: {} });
      const [name] = await eventFilesIn(run);
      assertEquals(said, [`wrote      ${run}/${name}`]);
      const records = recordsOf(await Deno.readFile(`${run}/${name}`));
      const steps = records.map(readEventHead).map(({ step }) => step);
      assertEquals(steps, steps.toSorted((a, b) => a - b));

      const read = (await readByProtoc(records)).map((event) => JSON.parse(JSON.stringify(event)));
      const tags = read.flatMap(({ step = [0], summary = [] }) =>
        summary.flatMap(({ value }: { value: { tag: string[] }[] }) => value.map(({ tag }) => `${step} ${tag}`))
      );
      assertEquals(new Set(tags).size, tags.length); // each once
      for (const line of await metricsOf(run)) {
        const group = line.kind === "step" ? "train" : "valid";
        for (const value of Object.keys(line.kind === "step" ? line.train : line.valid)) {
          assert(tags.includes(`${line.step} ${group}/${value}`), `${line.step} ${group}/${value}`);
        }
      }
      const weights = Object.keys((await checkpointOf(run)).tensors).filter((name) => name.startsWith("model/"));
      const best = (await checkpointOf(run, "best")).state.position.step;
      for (const step of new Set([6, best])) {
        for (const weight of weights) assert(tags.includes(`${step} weights/${weight.slice(6)}`), `${step} ${weight}`);
      }
      assert(tags.includes("2 options"));

      const before = await Deno.readFile(`${run}/${name}`);
      const { message } = await assertRejects(() => writeEvents(request), InputError);
      assertStringIncludes(message, "has event files already; --overwrite replaces them");
      await writeEvents({ ...request, overwrite: true });
      assertEquals(await Deno.readFile(`${run}/${name}`), before);
      await writeEvents({ ...request, runs: [`${run}/../mine/.`], output: `${folder}/elsewhere` }); // its own name all the same
      assertEquals(await Deno.readFile(`${folder}/elsewhere/mine/${name}`), before);
      await assertRejects(() => writeEvents({ ...request, runs: [`${folder}/none`] }), InputError, "no such folder");
      await assertRejects(() => writeEvents({ ...request, runs: [run, run] }), InputError, "another of the same name");
    }),
});
