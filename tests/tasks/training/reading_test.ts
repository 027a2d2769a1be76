/** Sums read in pictures: begun with a run that reads texts, trained by the loop, judged as in the run. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { arithmetic } from "../../../pipelines/datasets/arithmetic/arithmetic.ts";
import type { Dataset } from "../../../pipelines/dataset.ts";
import { runOf } from "../../../tasks/commands/train.ts";
import { evaluate } from "../../../tasks/evaluation/evaluate.ts";
import { evaluationLines } from "../../../tasks/runs/metrics.ts";
import { train } from "../../../tasks/training/train.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { prepareTo } from "../prepared.ts";
import { checkpointOf, metricsOf } from "../runs.ts";

const SMALL = [
  ...["--model", "transformer", "--model.width", "16", "--model.heads", "2", "--model.hidden-units", "16"],
  ...["--model.encoder-blocks", "1", "--model.decoder-blocks", "1", "--train.batch-size", "32", "--backend", "wasm"],
];
const READING = ["--model.input", "probabilities", "--model.conv-filters", "4,8", "--model.conv-units", "24"];

/** A test with sums up to 12. */
function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({
    name: `reading sums: ${name}`,
    ignore: FAST || !may("read", "write"),
    fn: () =>
      inTemporaryFolder(async (folder) => {
        await startBackend("wasm");
        await prepareTo(`${folder}/data`, { dataset: arithmetic as Dataset, options: { max: 12 } });
        await fn(folder);
      }),
  });
}

/** Runs `deno task train` in this process, and says what is worth saying. */
async function trained(folder: string, run: string, args: readonly string[]): Promise<readonly string[]> {
  const opened = await runOf([...SMALL, "--data", `${folder}/data`, "--run", `${folder}/${run}`, ...args]);
  await Array.fromAsync(train(opened.settings, opened));
  return opened.notes;
}

test("a run that reads texts begins one that reads pictures, which learns to", async (folder) => {
  await trained(folder, "text", ["--train.steps", "20"]);
  const still = ["--from", `${folder}/text`, ...READING, "--train.learning-rate", "0", "--train.steps", "1"];
  const notes = await trained(folder, "begun", still);
  assert(
    notes.some((note) => note.includes("new: pictures/conv1, pictures/conv2, pictures/dense, pictures/characters")),
  );
  const [text, begun] = [
    (await checkpointOf(`${folder}/text`, "best")).tensors,
    (await checkpointOf(`${folder}/begun`)).tensors,
  ];
  const shared = Object.keys(text).filter((name) => name.startsWith("model/"));
  assert(shared.length > 20);
  for (const name of shared) assertEquals(begun[name].data, text[name].data, name);

  await trained(folder, "run", [
    ...["--from", `${folder}/text`, ...READING, "--model.picture-warp", "0.5", "--train.ema-decay", "0.95"],
    ...["--train.steps", "260", "--train.evaluate-every", "130", "--train.learning-rate", "0.005"],
  ]);
  const lines = evaluationLines(await metricsOf(`${folder}/run`));
  const best = lines.findLast(({ best }) => best)!;
  assert(best.valid.read > 0.8, `${best.valid.read} of the characters of queries are read right`);
  const { evaluation } = await evaluate({ folder: `${folder}/run`, split: "valid", batchSize: 32 });
  assertEquals(evaluation.metrics, best.valid);
});

test("a bank that is missing, or cut, is noticed before there is a run, and before one goes on", async (folder) => {
  await trained(folder, "run", [...READING, "--train.steps", "1"]);
  const bank = `${folder}/data/bank-glyph.npz`;
  const bytes = await Deno.readFile(bank);
  const refused = async (words: string) => {
    const fresh = () => runOf([...SMALL, ...READING, "--data", `${folder}/data`, "--run", `${folder}/none`]);
    await assertRejects(fresh, InputError, words);
    await assertRejects(() => runOf(["--resume", `${folder}/run`, "--train.steps", "2"]), InputError, words);
    await assertRejects(() => Deno.stat(`${folder}/none`), Deno.errors.NotFound);
  };
  await Deno.writeFile(bank, bytes.subarray(1));
  await refused(`bank-glyph.npz: ${bytes.length - 1} bytes, the index says ${bytes.length}; prepare the data again`);
  await Deno.remove(bank);
  await refused("bank-glyph.npz: not there, and fields are looked up in it; prepare the data again");
  // Texts alone are not looked up.
  const notes = await trained(folder, "text", ["--train.steps", "1"]);
  assertStringIncludes(String(await Deno.readTextFile(`${folder}/text/options.json`)), '"model.input": "text"');
  assertEquals(notes.filter((note) => note.includes("bank")), []);
});
