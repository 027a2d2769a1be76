/** What the help of a number says of its range is what its table takes, of every option of every task, dataset and model. */
import { assert, assertEquals } from "@std/assert";
import { ADAM_OPTIONS } from "../models/optimizers/adam.ts";
import { RMSPROP_OPTIONS } from "../models/optimizers/rmsprop.ts";
import { SGD_OPTIONS } from "../models/optimizers/sgd.ts";
import { MODELS } from "../models/zoo/registry.ts";
import { elementType, type Option, type OptionTable, rangeOf } from "../pipelines/base/option_table.ts";
import { DATASETS } from "../pipelines/datasets/registry.ts";
import { AUGMENTATIONS } from "../pipelines/strokes/augmentations.ts";
import { VECTORIZE_OPTIONS } from "../pipelines/strokes/vectorize.ts";
import type { TaskSpec } from "../tasks/cli/task_spec.ts";
import { loopOptionsOf } from "../tasks/runs/settings.ts";
import { may } from "./helpers.ts";

const COMMANDS = new URL("../tasks/commands/", import.meta.url);

/** Every table by what it is of: groups of tasks that depend on a model or dataset are among the registered ones. */
async function everyTable(): Promise<ReadonlyMap<string, OptionTable>> {
  const tables = new Map<string, OptionTable>([
    ["vectorize", VECTORIZE_OPTIONS],
    ...Object.entries({ adam: ADAM_OPTIONS, rmsprop: RMSPROP_OPTIONS, sgd: SGD_OPTIONS }),
    ...Object.values({ ...DATASETS, ...AUGMENTATIONS }).map(({ name, options }) => [name, options] as const),
    ...Object.values(MODELS).flatMap((model): [string, OptionTable][] => [
      [`model ${model.name}`, model.options],
      [`training of ${model.name}`, loopOptionsOf(model)],
    ]),
  ]);
  for await (const { name } of Deno.readDir(COMMANDS)) {
    const { SPEC }: { SPEC?: TaskSpec } = await import(new URL(name, COMMANDS).href);
    for (const [prefix, group] of Object.entries(SPEC?.groups ?? {})) {
      if (typeof group !== "function") tables.set(`deno task ${SPEC!.name} ${prefix}`, group);
    }
  }
  return tables;
}

const NUMBER = String.raw`\d+(?:\.\d+)?`;
/** Ranges as helps say them; what stands in brackets is another program's name. */
const RANGES = new RegExp(
  `above ${NUMBER} and (?:at most|below) ${NUMBER}|above ${NUMBER}|${NUMBER} or more|` +
    `${NUMBER} to (?:below )?${NUMBER}|at most ${NUMBER}`,
  "g",
);
/** That zero stands for something else than a size: "0 for none", "0 keeps all". */
const ZERO = /(^|[;,] )0 (?!or more|to |cells)[a-z]/;

/** Why a help is not its option's; undefined where it is. */
function disagreement({ help, ...option }: Option): string | undefined {
  const claims = help.replaceAll(/\[[^\]]*\]/g, "").match(RANGES) ?? [];
  const range = rangeOf({ help, ...option });
  const isZeroSaid = option.min === 0 && ZERO.test(help);
  // Where zero means something else the range that is said may begin above it.
  const beyondZero = (claim: string) =>
    isZeroSaid && (option.max === undefined ? /^above 0$| or more$/.test(claim) : claim.endsWith(` to ${option.max}`));
  const wrong = claims.find((claim) => claim !== range && !beyondZero(claim));
  if (wrong !== undefined) return `says "${wrong}" and takes "${range}"`;
  return range === "" || claims.length > 0 || isZeroSaid ? undefined : `does not say that it takes ${range}`;
}

const number = (help: string, bounds: Partial<Option>): Option => ({ value: 1, help, ...bounds });

Deno.test("a help that disagrees with its bounds is found", () => {
  const found = [
    number("the step size, above 0", { min: 0 }),
    number("the step size", { min: 0 }),
    number("a share, 0 to 1", { min: 0, below: 1 }),
    number("threads, 1 to 8", { min: 0, max: 8 }),
    number("threads, 1 to 8; 0 for all", { min: 0, max: 9 }),
    number("units, 1 or more", { min: 1, max: 9 }),
  ].map(disagreement);
  assertEquals(found, [
    'says "above 0" and takes "0 or more"',
    "does not say that it takes 0 or more",
    'says "0 to 1" and takes "0 to below 1"',
    'says "1 to 8" and takes "0 to 8"',
    'says "1 to 8" and takes "0 to 9"',
    'says "1 or more" and takes "1 to 9"',
  ]);
  const right = [
    number("the step size, above 0", { above: 0 }),
    number("factors, each above 0 and at most 1", { above: 0, max: 1 }),
    number("a share, 0 to below 1 [keep, 0 to 1]", { min: 0, below: 1 }),
    number("threads, 1 to 8; 0 for all", { min: 0, max: 8 }),
    number("a norm, above 0; 0 leaves them", { min: 0 }),
    number("anything", {}),
  ];
  for (const option of right) assertEquals(disagreement(option), undefined, option.help);
});

Deno.test({
  name: "every number's help says the range that its table takes",
  ignore: !may("read", "env", "sys"),
  fn: async () => {
    const tables = await everyTable();
    const numbers = [...tables].flatMap(([of, table]) =>
      Object.entries(table).flatMap(([name, option]) =>
        elementType(option) === "number" ? [{ name: `${of}: ${name}`, option }] : []
      )
    );
    assert(tables.has("deno task reproduce ") && numbers.length > 200, `${tables.size} tables`);
    const wrong = numbers.flatMap(({ name, option }) => {
      const found = disagreement(option);
      return found === undefined ? [] : [`${name} ${found}: ${option.help}`];
    });
    assertEquals(wrong, []);
  },
});
