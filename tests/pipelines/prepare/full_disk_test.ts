/** A full disk: one line, exit code 2, the old output as it was, nothing half-written. On a file system of our own. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { CAN_MOUNT, leave, onSmallDisk } from "../../small_disk.ts";
import { CAN_RUN, complaints, runTask } from "../../tasks/command.ts";
import { embedded, filesOf, prepareTo } from "../../tasks/prepared.ts";

const ignore = !CAN_RUN || !CAN_MOUNT;

Deno.test({
  name: "a full disk: one line, exit code 2, the old output as it was",
  ignore,
  fn: () =>
    onSmallDisk(async (disk) => {
      const output = `${disk}/out`;
      await prepareTo(output, { sources: embedded("line") });
      await leave(disk, 0);
      const [before, old] = [await filesOf(disk), await filesOf(output)];
      const run = await runTask("prepare", ["--output", output, "--overwrite"]);
      assertEquals([run.code, run.stdout, complaints(run).length], [2, "", 1], run.stderr);
      assertStringIncludes(complaints(run)[0], "No space left on device");
      assertStringIncludes(complaints(run)[0], output);
      assertEquals([await filesOf(disk), await filesOf(output)], [before, old]);
    }),
});

for (const [what, memory] of [["", {}], [", while rows are put on it too", { memory: 2 ** 10 }]] as const) {
  Deno.test({
    name: `wherever the disk is full, the output is the old one or the whole new one${what}`,
    ignore,
    fn: () =>
      onSmallDisk(async (disk) => {
        const output = `${disk}/out`;
        await prepareTo(output, { sources: embedded("line") });
        const whole = await filesOf(output);
        await prepareTo(output, { sources: embedded("sun"), overwrite: true });
        const old = await filesOf(output);
        let failures = 0;
        for (let space = 0;; space += what ? 131_072 : 8192) {
          await leave(disk, space);
          const attempt = prepareTo(output, { sources: embedded("line"), overwrite: true, ...memory });
          const failed = await attempt.then(() => undefined, (error) => error);
          assertEquals(Object.keys(await filesOf(disk)), ["filler", "out/"], `${space} bytes: ${failed}`);
          if (failed === undefined) break;
          assertStringIncludes(failed.message, "os error 28");
          assertEquals(await filesOf(output), old);
          failures++;
        }
        assertEquals(await filesOf(output), whole);
        assert(failures >= 3, `it failed ${failures} times, so not at each kind of file`);
      }),
  });
}
