/**
 * A project outside this repository: one dataset, one model, one augmentation of its own, in scripts and on the command
 * line, type-checked with Deno's default compiler options.
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { inTemporaryFolder } from "./helpers.ts";
import { CAN_RUN, complaints, type Ended, ended, runTask } from "./tasks/command.ts";
import { exists } from "../pipelines/base/files.ts";

const ROOT = decodeURIComponent(new URL("../", import.meta.url).pathname);
const EXAMPLE = new URL("./example/", import.meta.url);

/** Copies the example to a folder and links this checkout, as README says. */
async function copyExample(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(EXAMPLE)) {
    if (name.endsWith(".ts")) await Deno.copyFile(new URL(name, EXAMPLE), `${folder}/${name}`);
  }
  const config = {
    nodeModulesDir: "auto",
    links: [ROOT, `${ROOT}fixtures/jsr/cli`, `${ROOT}fixtures/jsr/assert`],
    imports: {
      "@strokewise/strokewise": "jsr:@strokewise/strokewise@^0.1.0",
      "@tensorflow/tfjs-core": "npm:@tensorflow/tfjs-core@4.22.0",
      "echarts": "npm:echarts@^6",
    },
  };
  await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify(config));
}

async function deno(cwd: string, ...args: string[]): Promise<Ended> {
  const options = { args, cwd, env: { NO_COLOR: "1" }, stdin: "null", stdout: "piped", stderr: "piped" } as const;
  return await ended(new Deno.Command(Deno.execPath(), options).spawn());
}

Deno.test({
  name: "a project of one's own: its dataset, model and augmentation in a script, checked and run",
  ignore: !CAN_RUN,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await copyExample(folder);
      const checked = await deno(folder, "check", ".");
      assertEquals(checked.code, 0, checked.stderr);
      await Deno.mkdir(`${folder}/out`);
      const run = await deno(folder, "run", "-A", "main.ts", `${folder}/out`);
      assertEquals(run.code, 0, run.stderr);
      assertStringIncludes(run.stdout, "spirals of left and right");
      const [, top1] = run.stdout.match(/^top-1 (.+)$/m) ?? [];
      assert(Number(top1) > 0.8, run.stdout);
      assertMatch(run.stdout, /^a drawing: (left|right)$/m);
      assertStringIncludes(await Deno.readTextFile(`${folder}/out/run/report.html`), "perceptron on spirals");
    }),
});

Deno.test({
  name: "a project of one's own: its dataset, model and augmentation in every task, on resume too",
  ignore: !CAN_RUN,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await copyExample(folder);
      const lines = Array.from({ length: 120 }, (_, i) => `${i % 2 === 0 ? "left" : "right"} ${1 + i / 120}`);
      await Deno.writeTextFile(`${folder}/spirals.txt`, [...lines, "up 3"].join("\n") + "\n");
      const task = async (name: string, ...args: string[]): Promise<string> => {
        const run = await runTask(name, args);
        assertEquals(run.code, 0, `${name}: ${run.stderr}`);
        return run.stdout;
      };
      const [data, run] = [`${folder}/data`, `${folder}/run`];
      const prepared = await task(
        "prepare",
        ...["--dataset", `${folder}/spirals.ts`, "--size", "12", "--source", `${folder}/spirals.txt`],
        ...["--output", data, "--workers", "2"],
      );
      assertStringIncludes(prepared, "rejected   1 not a spiral");
      const index = JSON.parse(await Deno.readTextFile(`${data}/index.json`));
      assertEquals([index.dataset, index.unit, index.module.url], ["spirals", "spiral", `file://${folder}/spirals.ts`]);
      assert(await exists(`${data}/contact_sheet.png`));
      assertStringIncludes(await task("inspect", data, "--sheet="), "spirals");

      const own = ["--model", `${folder}/perceptron.ts`, "--augmentation", `${folder}/jitter.ts`];
      const flags = [...own, "--data", data, "--backend", "wasm", "--workers", "2", "--train.log-every", "1"];
      const options = ["--model.units", "7", "--augment.by", "3", "--train.batch-size", "16"];
      await task("train", ...flags, ...options, "--train.steps", "8", "--run", run);
      assert(await exists(`${run}/augmented.png`));
      const saved = JSON.parse(await Deno.readTextFile(`${run}/options.json`));
      assertEquals([saved["model.units"], saved["augment.by"]], [7, 3]);
      assertEquals(saved.model, `file://${folder}/perceptron.ts`);

      await task("train", "--resume", run, ...own);
      assertStringIncludes(await task("evaluate", "--run", run, "--backend", "wasm"), "perceptron on spirals");
      assertStringIncludes(await Deno.readTextFile(`${run}/report.html`), "perceptron on spirals");
      const samples = await runTask("sample", ["--run", run, "--backend", "wasm"]);
      assertEquals([samples.code, complaints(samples)], [
        2,
        [`strokewise sample: run ${run}: perceptron draws nothing by itself; deno task evaluate shows what it makes of examples`],
      ]);

      const path = `${folder}/perceptron.ts`;
      await Deno.writeTextFile(path, `${await Deno.readTextFile(path)}\n// changed\n`);
      const changed = await task("evaluate", "--run", run, "--backend", "wasm");
      assertMatch(changed, /^note {7}model perceptron: file:.*perceptron\.ts was changed since the run began/m);
      await Deno.remove(path);
      const gone = await runTask("evaluate", ["--run", run, "--backend", "wasm"]);
      assertEquals([gone.code, complaints(gone).length], [2, 1], gone.stderr);
      assertStringIncludes(complaints(gone)[0], "its model perceptron is in file:");
    }),
});
