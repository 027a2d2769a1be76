/** Command lines on which options are given more than once. */
import { assertEquals, assertRejects } from "@std/assert";
import { type Grid, gridOf } from "../../../tasks/cluster/grid.ts";
import { UsageError } from "../../../tasks/cli/option_values.ts";
import { HelpRequest, type ParsedOptions, parseOptions } from "../../../tasks/cli/options.ts";
import type { OptionTable } from "../../../pipelines/base/option_table.ts";

const MODELS: Readonly<Record<string, OptionTable>> = {
  small: { units: { value: 8, help: "units", min: 1 } },
  deep: { sizes: { value: [16, 8], help: "sizes" }, bias: { value: true, help: "whether" } },
};

const SPEC = {
  name: "sweep",
  summary: "Sweeps.",
  examples: ["deno task sweep"],
  groups: {
    "": {
      run: { value: "", help: "the folder" },
      model: { value: "small", choices: ["small", "deep"], help: "which" },
      data: { value: "", help: "the data" },
      seed: { value: 0, help: "the seed", min: 0, whole: true },
    },
    model: ({ model }: { readonly model: string }) => Promise.resolve(MODELS[model]),
    train: { rate: { value: 1e-3, help: "the rate" }, fast: { value: false, help: "whether" } } as OptionTable,
  },
} as const;

const FILE = JSON.stringify({ model: "deep", "train.rate": 0.5, "model.sizes": [3], run: "elsewhere" });

function grid(...args: string[]): Promise<Grid<ParsedOptions>> {
  const parse = (args: readonly string[]) => parseOptions(SPEC, args, () => FILE) as Promise<ParsedOptions>;
  const deciding = ["model", "data", "seed", "config", "help"];
  return gridOf(args, { deciding, folders: ["data"], isShared: (name) => name === "run", parse });
}

const namesOf = ({ rows }: Grid<ParsedOptions>): string[] => rows.map(({ name }) => name);

Deno.test("a grid has a row for each combination, the seed varying fastest, named by what varies", async () => {
  const { rows, varied, args, parsed } = await grid("--seed", "0,1", "--train.rate=1e-3,3e-4", "--run", "a,b");
  assertEquals(rows.map(({ name }) => name), [
    "rate-0.001-seed-0",
    "rate-0.001-seed-1",
    "rate-0.0003-seed-0",
    "rate-0.0003-seed-1",
  ]);
  assertEquals(varied, ["train.rate", "seed"]);
  assertEquals(rows[2].varied, { "train.rate": 3e-4, seed: 0 });
  assertEquals(rows[2].args, ["--seed=0", "--train.rate=3e-4"]);
  assertEquals(args, ["--seed=0,1", "--train.rate=1e-3,3e-4"]); // what is shared by all is not the grid's
  assertEquals(parsed[2].values, { run: "a,b", model: "small", data: "", seed: 0 });
});

Deno.test("lists and switches vary by a flag again, and options by the model that has them", async () => {
  const lists = await grid(
    "--model",
    "deep",
    "--model.sizes",
    "16,8",
    "--model.sizes",
    "4",
    "--model.bias",
    "--no-model.bias",
  );
  assertEquals(namesOf(lists), [
    "sizes-16-8-bias-true",
    "sizes-16-8-bias-false",
    "sizes-4-bias-true",
    "sizes-4-bias-false",
  ]);
  assertEquals(namesOf(await grid("--model", "small,deep", "--seed", "3", "--seed", "4")), [
    ...["model-small-seed-3", "model-small-seed-4", "model-deep-seed-3", "model-deep-seed-4"],
  ]);
});

Deno.test("a file of options is the grid's own, whatever becomes of the file; names of folders are names", async () => {
  const { rows, args } = await grid("--config", "x.json", "--seed", "0,1", "--train.rate", "0.25");
  assertEquals(args, ["--seed=0,1", "--train.rate=0.25", "--model=deep", "--model.sizes=3"]);
  assertEquals(rows[1].args, ["--seed=1", "--train.rate=0.25", "--model=deep", "--model.sizes=3"]);
  assertEquals(namesOf(await grid("--data", "a/b,a b,a-b-2", "--model.units", "1")), [
    "data-a-b",
    "data-a-b-2",
    "data-a-b-2-2",
  ]);
});

Deno.test("what is no grid, unknown, or twice the same is refused", async () => {
  const cases: [args: string[], says: string][] = [
    [[], "no grid: give an option more than once"],
    [["--seed", "0"], "no grid"],
    [["--seed", "0,1,0"], "two rows are alike: --seed 0; give each value once"],
    [["--data", "a/b,a/b/"], "two rows are alike: --data a/b/"],
    [["--data", "./a,a"], "two rows are alike: --data a"],
    [["--train.rate", "1e-3,.001"], "two rows are alike: --train.rate 0.001"],
    [["--seed", "0,x"], '--seed: expected a whole number, 0 or more; found "x"'],
    [["--seed", "0,,1"], "--seed: nothing stands between two commas of"],
    [["--seed", "0,1", "--trian.rate", "2"], "unknown option --trian.rate; did you mean --train.rate?"],
    [["--model", "small,deep", "--model.units", "1,2"], "unknown option --model.units"],
    [["--model", "small,deep", "--model.units", "1,2"], "; in the rows of --model deep"],
    [["--seed", "0,1", "more"], 'unexpected argument "more"'],
    [["--seed", "0,1", "--train.fast=3"], "--train.fast: takes no value"],
    [["--seed", Array.from({ length: 1001 }, (_, i) => i).join()], "a grid of more than 1000 rows"],
    [[
      "--seed",
      Array.from({ length: 100 }, (_, i) => i).join(),
      "--train.rate",
      Array.from({ length: 11 }, (_, i) => i).join(),
    ], "a grid of more than 1000 rows"],
  ];
  for (const [args, says] of cases) await assertRejects(() => grid(...args), UsageError, says);
  await assertRejects(() => grid("--model", "deep,small", "--help"), HelpRequest, "--[no-]model.bias");
});
