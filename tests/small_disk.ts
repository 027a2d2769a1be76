/** A disk of four megabytes, which can be filled: a file system in memory, where one can be mounted. */
import { assert, assertStringIncludes } from "@std/assert";
import { inTemporaryFolder, may } from "./helpers.ts";

/** Runs a command of the system; false where it fails or is not there. */
async function works(command: string, ...args: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(command, { args, stdout: "null", stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}

const mount = (folder: string) => works("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder);

/** Runs a test on a disk of four megabytes. */
export function onSmallDisk(test: (disk: string) => Promise<void>): Promise<void> {
  return inTemporaryFolder(async (folder) => {
    assert(await mount(folder));
    try {
      await test(folder);
    } finally {
      assert(await works("umount", folder));
    }
  });
}

async function canMount(): Promise<boolean> {
  const folder = await Deno.makeTempDir({ prefix: "strokewise-" });
  const mounted = await mount(folder) && await works("umount", folder);
  await Deno.remove(folder);
  return mounted;
}

/** Whether a disk can be mounted here: on Linux, as root. */
export const CAN_MOUNT = may("read", "write", "run") && await canMount();

/** Fills a disk but for so many bytes. */
export async function leave(disk: string, bytes: number): Promise<void> {
  await Deno.writeFile(`${disk}/filler`, new Uint8Array(0));
  const block = new Uint8Array(4096);
  let filled = 0;
  try {
    for (;; filled += block.length) await Deno.writeFile(`${disk}/filler`, block, { append: true });
  } catch (error) {
    assertStringIncludes((error as Error).message, "os error 28");
  }
  await Deno.truncate(`${disk}/filler`, filled - bytes);
}
