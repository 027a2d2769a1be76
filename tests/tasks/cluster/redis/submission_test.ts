import { assertEquals } from "@std/assert";
import { QUEUE_OPTIONS } from "../../../../tasks/cluster/redis/queue_options.ts";
import { defaultsOf } from "../../../../pipelines/base/option_table.ts";
import { FAST, inTemporaryFolder } from "../../../helpers.ts";
import { clientOf, HAS_REDIS, startRedis, withRedis } from "../redis_server.ts";

Deno.test({
  name: withRedis("redis: two that submit the same rows at once put them into the queue once"),
  ignore: FAST || !HAS_REDIS,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const { submitRows } = await import("../../../../tasks/cluster/redis/submission.ts");
      await using server = await startRedis();
      const rows = ["seed-0", "seed-1"].map((name) => ({ name, folder: name }));
      const work = {
        jobs: { task: "sweep", args: ["--seed", "0,1"], rows, folder: `${folder}/q`, data: [] },
        ...{ options: defaultsOf(QUEUE_OPTIONS), redis: server.url, signal: AbortSignal.timeout(3000) },
        ...{ say() {}, complain() {}, here: () => Promise.resolve("done" as const) },
        progress: () => ({ update() {}, log() {}, end() {} }),
      } as const;
      const ends = await Promise.allSettled([1, 2, 3].map(() => submitRows(work)));
      for (const end of ends) {
        const said = end.status === "fulfilled" ? end.value : end.reason.message;
        assertEquals(/^interrupted$|: another command is submitting rows from it/.test(said), true, said);
      }
      const client = await clientOf(server.url);
      assertEquals((await client.keys("strokewise:rows-*-table")).length, 1);
      client.disconnect();
    }),
});
