import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { verdict } from "../../../tasks/commands/accept.ts";
import { seal } from "../../../pipelines/base/seal.ts";
import type { Evaluation } from "../../../tasks/evaluation/judges.ts";
import { readEvaluation } from "../../../tasks/evaluation/read_evaluation.ts";
import { acceptStanding } from "../../../tasks/reproduce/accept.ts";
import { ACCEPTANCES } from "../../../tasks/reproduce/acceptances.ts";
import { inTemporaryFolder } from "../../helpers.ts";
import { CAN_RUN, runTask } from "../command.ts";
import { FIXTURES, namesIn } from "../prepared.ts";

Deno.test("a figure is reached at its bound and missed beyond it or where there is none", () => {
  const [acceptance] = ACCEPTANCES;
  const judge = (found: number | undefined, bounds: { readonly least?: number; readonly most?: number }) => {
    const figure = { name: "top-1", ours: () => found, ...bounds };
    const experiment = { ...acceptance.experiment, name: "cats", figures: [figure] };
    return verdict({ experiment }, {} as Evaluation);
  };
  assertEquals(judge(0.82, { least: 0.82 }), { lines: ["reached  cats: top-1 0.8200, at least 0.82"], reached: true });
  assertEquals(judge(0.8199, { least: 0.82 }).lines, ["MISSED   cats: top-1 0.8199, at least 0.82"]);
  assertEquals(judge(100, { most: 100 }).reached, true);
  assertEquals(judge(100.1, { most: 100 }), { lines: ["MISSED   cats: top-1 100.1000, at most 100"], reached: false });
  assertEquals(judge(undefined, { least: 0 }).reached, false);
});

/** A test in a folder of its own, in which the command runs. */
function test(
  name: string,
  fn: (accept: (...args: string[]) => ReturnType<typeof runTask>, folder: string) => Promise<void>,
): void {
  const fnIn = (folder: string) => fn((...args) => runTask("accept", args, { folder, permissions: "train" }), folder);
  Deno.test({ name: `deno task accept: ${name}`, ignore: !CAN_RUN, fn: () => inTemporaryFolder(fnIn) });
}

test("what is missed is said, and the task fails", async (accept, folder) => {
  const { code, stdout } = await accept("--rows", "mnist-lstm-rows", "--mnist", `${FIXTURES}mnist`); // too few digits
  const [, word, found, least] = /\n(reached|MISSED ) .*: top-1 (\S+), at least (\S+)\n$/.exec(stdout)!;
  assert(Number(found) < Number(least) && word === "MISSED ", stdout);
  assertEquals(code, 1);
  assertEquals(await namesIn(folder), ["runs"]);
  assertEquals(await namesIn(`${folder}/runs/accept`), ["data-mnist-lstm-rows", "mnist-lstm-rows"]);

  // What was judged is not made again, and a plan says so.
  const again = await accept("--rows", "mnist-lstm-rows", "--mnist", `${FIXTURES}mnist`);
  assertEquals(
    again.stdout.trim().split("\n").at(-1),
    `MISSED   mnist-lstm-rows: top-1 ${found}, at least ${least} (finished before)`,
  );
  const plan = await accept("--rows", "mnist-lstm-rows", "--mnist", `${FIXTURES}mnist`, "--plan");
  assertEquals(plan.stdout.trim().split("\n"), [
    `# done: deno task accept --mnist ${FIXTURES}mnist --rows mnist-lstm-rows`,
    "# 1 of 1 experiment done; 0:00 of training left",
  ]);
  // What accept would judge again is not done: an evaluation of other weights or of another split.
  const acceptance = ACCEPTANCES.find(({ experiment }) => experiment.name === "mnist-lstm-rows")!;
  const place = { folder: `${folder}/runs/accept`, sources: [`${FIXTURES}mnist`] };
  const path = `${place.folder}/mnist-lstm-rows/metrics.json`;
  const evaluation = (await readEvaluation(path))!;
  for (const [changed, isDone] of [[{}, true], [{ step: 1 }, false], [{ split: "valid" }, false]] as const) {
    await Deno.writeTextFile(path, JSON.stringify(seal({ ...evaluation, ...changed })));
    assertEquals((await acceptStanding(acceptance, place)).isDone, isDone, JSON.stringify(changed));
  }
  const others = await accept("--plan", "--run", "fresh", "--rows", "cnn-embedded,quickstart");
  assertEquals(others.stdout.trim().split("\n").slice(0, 2), [
    "deno task accept --run fresh --rows quickstart  # 15 epochs, time depends on the data",
    "deno task accept --run fresh --rows cnn-embedded  # 15 epochs, time depends on the data",
  ]);
  assertEquals(
    others.stdout.trim().split("\n").slice(2),
    ["# 0 of 2 experiments done; how long training takes is not known"],
  );
});

test("what cannot be trained is told, and nothing passes for it; what is not there is refused", async (accept) => {
  for (
    const [args, message] of [
      [["--model", "draw"], "--mnist is missing: draw-mnist is trained on its files"],
      [["--rows", "cnn-embedded,cnn-real", "--plan"], "--source is missing: cnn-real is trained on its files"],
      [["--rows", "cnn-real", "--source", "nowhere", "--plan"], "source nowhere: no such file, folder or match"],
      [["--plan", "--run", `${FIXTURES}mnist/train-labels-idx1-ubyte.gz`], "a file, expected a folder"],
      [["--model", "dra", "--plan"], "--model dra: unknown; did you mean draw?; expected all or one of "],
      [["--model", "draw", "--rows", "quickstart", "--mnist", "m"], "--rows quickstart: not of --model draw"],
    ] as const
  ) {
    const refused = await accept(...args);
    assertEquals([refused.code, refused.stdout], [2, ""]);
    assertStringIncludes(refused.stderr, message);
  }
  const unknown = await accept("--rows", "cnn-embeded");
  assertEquals(unknown.code, 2);
  assertStringIncludes(unknown.stderr, "--rows cnn-embeded: unknown; did you mean cnn-embedded?");
  const wrong = await accept("--sorce", "x");
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.stderr, "did you mean --source?");
});
