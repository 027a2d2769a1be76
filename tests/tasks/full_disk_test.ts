/** A full disk: one line, exit code 2, the old output as it was, nothing half-written. On a file system of our own. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { CAN_RUN, complaints, runTask } from "./command.ts";
import { embedded, filesOf, prepareTo } from "./prepared.ts";

const DISK = CAN_RUN ? mountSmallDisk() : undefined;
if (DISK) globalThis.addEventListener("unload", () => unmount(DISK));

/** Where a file system of a megabyte is mounted, where that can be done: Linux, as root. */
function mountSmallDisk(): string | undefined {
  const folder = Deno.makeTempDirSync({ prefix: "strokewise-disk-" });
  try {
    const args = ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder];
    if (new Deno.Command("mount", { args, stdout: "null", stderr: "null" }).outputSync().success) return folder;
  } catch {
    // There is no such command.
  }
  Deno.removeSync(folder);
  return undefined;
}

function unmount(folder: string): void {
  new Deno.Command("umount", { args: [folder] }).outputSync();
  Deno.removeSync(folder);
}

/** Fills the disk but for so many bytes. */
async function leave(bytes: number): Promise<void> {
  await Deno.writeFile(`${DISK}/filler`, new Uint8Array(0));
  const block = new Uint8Array(4096);
  let filled = 0;
  try {
    for (;; filled += block.length) await Deno.writeFile(`${DISK}/filler`, block, { append: true });
  } catch (error) {
    assertStringIncludes((error as Error).message, "os error 28");
  }
  await Deno.truncate(`${DISK}/filler`, filled - bytes);
}

Deno.test({
  name: "a full disk: one line, exit code 2, the old output as it was",
  ignore: DISK === undefined,
  fn: async () => {
    const output = `${DISK}/out`;
    await prepareTo(output, { sources: embedded("line") });
    await leave(0);
    const before = await filesOf(DISK!);
    const old = await filesOf(output);
    const run = await runTask("prepare", ["--output", output, "--overwrite"]);
    assertEquals([run.code, run.stdout, complaints(run).length], [2, "", 1], run.stderr);
    assertStringIncludes(complaints(run)[0], "No space left on device");
    assertStringIncludes(complaints(run)[0], output);
    assertEquals(await filesOf(DISK!), before);
    assertEquals(await filesOf(output), old);
  },
});

Deno.test({
  name: "wherever the disk is full, the output is the old one or the whole new one",
  ignore: DISK === undefined,
  fn: async () => {
    const output = `${DISK}/out`; // of the test before, where that one ran
    const other = await Deno.makeTempDir({ prefix: "strokewise-" });
    await prepareTo(`${other}/out`, { sources: embedded("line") });
    const whole = await filesOf(`${other}/out`);
    await Deno.remove(other, { recursive: true });

    await Deno.remove(`${DISK}/filler`).catch(() => {});
    await Deno.remove(output, { recursive: true }).catch(() => {});
    await prepareTo(output, { sources: embedded("sun") });
    const old = await filesOf(output);
    let failures = 0;
    for (let space = 0;; space += 8192) {
      await leave(space);
      const attempt = prepareTo(output, { sources: embedded("line"), overwrite: true });
      const failed = await attempt.then(() => undefined, (error) => error);
      const names = Object.keys(await filesOf(DISK!));
      assertEquals(names, ["filler", "out/"], `${space} bytes: ${failed}`);
      if (failed === undefined) break;
      await assertRejects(() => Promise.reject(failed), Error, "os error 28");
      assertEquals(await filesOf(output), old);
      failures++;
    }
    assertEquals(await filesOf(output), whole);
    assert(failures >= 3, `it failed ${failures} times, so not at each kind of file`);
  },
});
