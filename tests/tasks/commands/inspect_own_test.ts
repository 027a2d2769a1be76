/** `deno task inspect` of what this project itself writes: a run and each of its files, and an index. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { FAST, inTemporaryFolder } from "../../helpers.ts";
import { CAN_RUN, runTask } from "../command.ts";
import { smallData, tinyFlags } from "../runs.ts";

Deno.test({
  name:
    "inspect: a run, a checkpoint, metrics, options, an evaluation and an index are known; damaged ones are refused",
  ignore: FAST || !CAN_RUN,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [data, run] = [`${folder}/data`, `${folder}/run`];
      await smallData(data);
      const flags = [...tinyFlags("cnn"), "--data", data, "--run", run, "--train.steps", "3", "--backend", "wasm"];
      assertEquals((await runTask("train", flags)).code, 0);
      assertEquals((await runTask("evaluate", ["--run", run, "--backend", "wasm"])).code, 0);

      const inspect = (path: string) => runTask("inspect", [path, "--sheet="]);
      const words: Readonly<Record<string, readonly string[]>> = {
        run: [
          "run: a folder that deno task train made",
          "checkpoint last.safetensors of step 3\n",
          "quickdraw, 3 classes",
          "1 of evaluations",
        ],
        "run/last.safetensors": ["checkpoint: weights", "model      cnn, ", "of step 3"],
        "run/metrics.jsonl": ["metrics of a run", "last valid step 3: loss "],
        "run/options.json": ["options of a run", "train.steps ", '"version":"'],
        "run/metrics.json": ["evaluation of a run", "cnn on quickdraw, test split"],
        "data/index.json": ["shards: a folder", "drawings   120"],
      };
      for (const [path, parts] of Object.entries(words)) {
        const { code, stdout, stderr } = await inspect(`${folder}/${path}`);
        assertEquals(code, 0, stderr);
        for (const part of parts) assertStringIncludes(stdout, part);
      }
      for (const name of ["last.safetensors", "metrics.jsonl", "options.json", "metrics.json"]) {
        const bytes = await Deno.readFile(`${run}/${name}`);
        const at = bytes.indexOf("3".charCodeAt(0), 20);
        await Deno.writeFile(`${run}/${name}`, bytes.map((byte, i) => i === at ? byte ^ 1 : byte));
        const { code, stderr } = await inspect(`${run}/${name}`);
        assertEquals([code, stderr.trimEnd().includes("\n")], [2, false], stderr);
        assert(stderr.includes(name), stderr);
      }
    }),
});
