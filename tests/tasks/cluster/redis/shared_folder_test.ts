import { assertEquals, assertNotEquals } from "@std/assert";
import { folderHere, noteSubmitted } from "../../../../tasks/cluster/redis/shared_folder.ts";
import { inTemporaryFolder, may } from "../../../helpers.ts";

const shares = "a worker that shares no folder has one of its own for what is submitted";
Deno.test({
  name: `redis: ${shares}: the same for the same command, while the folder is there`,
  ignore: !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (parent) => {
      const folder = `${parent}/q`;
      const [first, second, third] = ["1", "2", "3"].map((digit) => digit.repeat(32));
      const jobs = { folder, task: "sweep", args: ["--seed", "0,1"] } as const;
      await Deno.mkdir(folder);
      const place = await noteSubmitted(jobs, first);
      assertEquals(await folderHere({ folder, id: first, place }), { folder, isShared: true });
      const elsewhere = { folder: `${parent}/elsewhere`, id: first, place };
      assertEquals(await folderHere(elsewhere), { folder: `${parent}/elsewhere/queue-${place}`, isShared: false });
      // The same command, as after rows that failed: what is done stays so.
      assertEquals(await noteSubmitted(jobs, second), place);
      assertNotEquals(await noteSubmitted({ ...jobs, args: ["--seed", "0,2"] }, second), place);
      // The folder was removed.
      await Deno.remove(folder, { recursive: true });
      await Deno.mkdir(folder);
      assertNotEquals(await noteSubmitted(jobs, third), place);
    }),
});
