import { assert, assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import { UsageError } from "../../../tasks/cli/option_values.ts";
import { KnownToAll } from "../../../tasks/mpi/together.ts";
import { agree, differenceOf } from "../../../tasks/mpi/agreement.ts";
import { ranksOfOne } from "../../models/ranks_of_one.ts";

Deno.test("ranks of another version, or asked for something else, are told apart by name", async () => {
  const one = { host: "a", says: { strokewise: "1.0.0 of commit 12", seed: "0" } };
  assertEquals(differenceOf([one, one, { ...one, host: "b" }]), undefined);
  assertEquals(
    differenceOf([one, one, { host: "b", says: { ...one.says, strokewise: "1.0.1" } }]),
    "rank 2 on b has strokewise 1.0.1, rank 0 on a has 1.0.0 of commit 12; all ranks need the same",
  );
  assertEquals(
    differenceOf([{ ...one, host: "" }, { host: "", says: { ...one.says, more: "1" } }]),
    "rank 1 has more 1, rank 0 has none; all ranks need the same",
  );
  const agreed = (...seeds: number[]) =>
    Promise.allSettled(
      ranksOfOne(seeds.length).map((ranks, i) => {
        return agree(
          ranks,
          () => seeds[i] < 0 ? Promise.reject(new UsageError("no seed")) : Promise.resolve({ seed: seeds[i] }),
        );
      }),
    );
  /** What each rank throws, which is to be known to all. */
  const thrown = (results: PromiseSettledResult<void>[]) =>
    results.map((result) => {
      assert(result.status === "rejected" && result.reason instanceof KnownToAll);
      return result.reason.error as Error;
    });
  assertEquals((await agreed(1, 1)).map(({ status }) => status), ["fulfilled", "fulfilled"]);
  for (const { message } of thrown(await agreed(1, 1, 2))) {
    assertMatch(message, /^--mpi: rank 2.* has seed 2, rank 0.* has 1; /);
  }
  for (const { message } of thrown(await agreed(1, -1))) assertMatch(message, /^rank 1.*: no seed$/);
  assertInstanceOf(thrown(await agreed(-1, -1))[0], UsageError); // its own: the hint to --help is its
});
