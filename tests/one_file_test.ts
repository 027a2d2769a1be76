/**
 * A script that holds all there is: its dataset, its model, and at its top level the calls that use them. Workers import
 * the very script for the specs.
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { inTemporaryFolder } from "./helpers.ts";
import { CAN_RUN, type Ended, ended } from "./tasks/command.ts";

const ROOT = new URL("../", import.meta.url);

const SCRIPT = `
import { evaluate, prepare, startBackend, train } from "${ROOT}mod.ts";
import { colourHeads, colours } from "${new URL("./own_specs.ts", import.meta.url)}";

const [folder] = Deno.args;
export const mine = { ...colours, name: "mine", url: import.meta.url };
export const model = { ...colourHeads, name: "heads", url: import.meta.url };

if (GUARD) {
  const [data, source] = [folder + "/data", folder + "/lines.txt"];
  await Deno.writeTextFile(source, Array.from({ length: 150 }, (_, i) => ["red ", "sun "][i % 2] + i).join("\\n"));
  const { classes } = await prepare({ dataset: GIVEN, sources: [source], output: data, workers: 2 });
  await startBackend("wasm");
  const loop = { steps: 2, batchSize: 8 };
  for await (const { kind, step } of train({ data, folder, model, loop, workers: 2 })) console.log(kind, step);
  const { evaluation } = await evaluate({ folder, split: "test" });
  console.log(classes.join(), evaluation.model, "on", evaluation.dataset);
}
`;

async function run(
  folder: string,
  { script = SCRIPT, guard = "", given = "mine" }: { script?: string; guard?: string; given?: string },
): Promise<Ended> {
  const path = `${folder}/script.ts`;
  await Deno.writeTextFile(path, script.replace("GUARD", guard).replace("GIVEN", given));
  const config = decodeURIComponent(new URL("deno.json", ROOT).pathname);
  const args = ["run", "-A", "--no-check", "--config", config, path, folder];
  const options = { args, env: { NO_COLOR: "1" }, stdin: "null", stdout: "piped", stderr: "piped" } as const;
  return await ended(new Deno.Command(Deno.execPath(), options).spawn());
}

Deno.test({
  name: "one file: a dataset and a model of the script that prepares, trains and judges, all in Workers",
  ignore: !CAN_RUN,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const { code, stdout, stderr } = await run(folder, { guard: "import.meta.main" });
      assertEquals([code, stdout], [0, "step 2\nevaluation 2\nred,sun heads on mine\n"], stderr);
    }),
});

Deno.test({
  name: "one file: calls that Workers would repeat are refused, and so is a copy of what the script exports",
  ignore: !CAN_RUN,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const bare = await run(folder, { guard: "true" });
      assertEquals(bare.code, 1);
      assertStringIncludes(bare.stderr, "call it if import.meta.main alone, or from another file");
      const copy = await run(folder, { guard: "import.meta.main", given: "{ ...mine, parse() {} }" });
      assertEquals(copy.code, 1);
      assertStringIncludes(copy.stderr, "script.ts does not export this object, which Workers find by its url");
    }),
});

const COUNTED = `
import { cnn, startBackend } from "${ROOT}mod.ts";
import { mergeSettings } from "${ROOT}tasks/runs/settings.ts";
import { settleWorkers } from "${ROOT}tasks/training/settle_workers.ts";

export const model = { ...cnn, name: "mine", url: import.meta.url };
await startBackend("cpu");
const index = { splits: { train: { examples: 1e6 } } };
const fields = {
  stroke_index: { dtype: "uint8", shape: [16, 16], max: 4 },
  stroke_count: { dtype: "uint8", shape: [], max: 4 },
  label: { dtype: "uint8", shape: [] },
};
const described = { fields, classes: ["a", "b"] };
for (const workers of ["auto", 2]) {
  const settled = await settleWorkers(mergeSettings({ data: "d", folder: "f", model, workers }), { index, described });
  console.log(settled.settings.workers, settled.why);
}
`;

Deno.test({
  name: "one file: threads that nobody asked for do not begin it anew",
  ignore: !CAN_RUN,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const { code, stdout, stderr } = await run(folder, { script: COUNTED });
      assertEquals([code, stdout], [
        0,
        "1 the model is of the very program, which more would begin anew\n2 as given\n",
      ], stderr);
    }),
});
