/**
 * Where what is found of a run goes: to its own folder, or, on other examples or under other conditions, to one aside.
 *
 * @module
 */
import { sha256Of } from "../../pipelines/base/hash.ts";
import { exists } from "../../pipelines/base/files.ts";
import { isRemote, withoutSecrets } from "../../pipelines/sources/address.ts";
import type { Split } from "../../pipelines/base/split.ts";
import type { Judgement } from "./evaluate.ts";

/** So many characters of up to four bytes, and a hash, are a name that every disk takes. */
const LONGEST = 60;

/**
 * A path below the folder at hand, which no other is written like when its slashes are made dashes: of parts that neither begin
 * nor end with a dot, and none of which is the word for a split.
 */
const PLAIN = /^(\.\/+)?(?!split\/)[\p{L}\p{N}_](?:(?!\/split\/)[\p{L}\p{N}._/])*(?<!\.)\/*$/u;
const DOTTED = /\/\.|\.\/(?!$)/;

/** The folder in a run's in which an evaluation is kept that is not of its own test examples and conditions. */
export function asideFolder(run: string, name: string): string {
  return `${run}/judged/${name}`;
}

/** The folder of an evaluation of a run's own data, under the conditions of its training. */
export function judgedFolder(run: string, split: Split): string {
  return folderOfJudgement(run, { evaluation: { split } });
}

/** The split of their own data that all of some runs were judged on, test before valid; undefined where there is none. */
export async function judgedSplit(...runs: string[]): Promise<Split | undefined> {
  for (const split of ["test", "valid"] as const) {
    const are = await Promise.all(runs.map((run) => exists(`${judgedFolder(run, split)}/metrics.json`)));
    if (are.every((isJudged) => isJudged)) return split;
  }
  return undefined;
}

/**
 * The folder of an evaluation: the run's where it is of the test split of the data that it learnt from, as it was trained;
 * else one in it, named after what is another, so that its own figures stay; with a hash where another could have the same
 * name.
 *
 * @example
 * ```ts
 * import { folderOfJudgement } from "./judged_aside.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const split = "test";
 * assertEquals(folderOfJudgement("runs/a", { evaluation: { split } }), "runs/a");
 * assertEquals(folderOfJudgement("runs/a", { evaluation: { split: "valid" } }), "runs/a/judged/split-valid");
 * const evaluation = { split, conditions: { "augment.rotate": 30, augmentSeed: 0 } } as const;
 * assertEquals(folderOfJudgement("runs/a", { evaluation }), "runs/a/judged/augment.rotate-30-augmentSeed-0");
 * assertEquals(folderOfJudgement("runs/a", { evaluation: { split }, data: "data/b/" }), "runs/a/judged/data-b");
 * const elsewhere = { evaluation: { split }, data: "https://me:secret@host/b/?key=1" } as const;
 * assertEquals(folderOfJudgement("runs/a", elsewhere), "runs/a/judged/https-host-b-4cac047e");
 * ```
 */
export function folderOfJudgement(
  run: string,
  { evaluation: { split, conditions = {} }, data }: {
    readonly evaluation: Pick<Judgement["evaluation"], "split" | "conditions">;
    readonly data?: string | undefined;
  },
): string {
  const shown = data !== undefined && isRemote(data) ? withoutSecrets(data) : data;
  const own = split === "test" ? {} : { split };
  const others = [...(shown === undefined ? [] : [shown]), ...Object.entries({ ...own, ...conditions }).flat()];
  if (others.length === 0) return run;
  const text = others.join("-");
  const name = text.replaceAll(/[^\p{L}\p{N}._]+/gu, "-").replaceAll(/^[-.]+|[-.]+$/g, "") || "other";
  const letters = [...name];
  const isPlain = (shown === undefined || PLAIN.test(shown) && !DOTTED.test(shown.replace(/^(\.\/+)+/, ""))) &&
    Object.values(conditions).every((value) => !/[^\p{L}\p{N}._]/u.test(String(value)));
  if (letters.length <= LONGEST && isPlain) return asideFolder(run, name);
  const hash = sha256Of(text).slice(0, 8);
  return asideFolder(run, `${letters.slice(0, LONGEST).join("")}-${hash}`);
}
