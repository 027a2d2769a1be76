/** Room in a cache of several processes: a second copy of the module stands for another process, as far as locks can tell. */
import { assertEquals } from "@std/assert";
import { room } from "../../../pipelines/shards/cache_room.ts";
import { remoteFolder, withRemoteOptions } from "../../../pipelines/sources/remote_folder.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";
import { namesIn } from "../../tasks/prepared.ts";

/** The second copy; to load it takes a permission. */
const otherProcess = (): Promise<typeof import("../../../pipelines/shards/cache_room.ts")> =>
  import(`${new URL("../../../pipelines/shards/cache_room.ts", import.meta.url)}?other`);

function test(name: string, fn: (cache: string) => Promise<void>): void {
  Deno.test({ name: `cache: ${name}`, ignore: !may("read", "write"), fn: () => inTemporaryFolder(fn) });
}

const folderOf = (cache: string, limit: number) =>
  remoteFolder(withRemoteOptions("https://127.0.0.1/data/", { cache, limit }));

/** Writes a file that was used so many seconds ago. */
async function used(path: string, bytes: number, seconds: number): Promise<void> {
  await Deno.writeFile(path, new Uint8Array(bytes));
  const then = new Date(Date.now() - 1000 * seconds);
  await Deno.utime(path, then, then);
}

test("who wants room waits until another process has its file, which may go then", async (cache) => {
  const folder = folderOf(cache, 100);
  const mine = await room(folder, { name: "a.npz", bytes: 60 });
  let isMade = false;
  const other = await otherProcess();
  const theirs = other.room(folder, { name: "b.npz", bytes: 60 }).then((made) => {
    isMade = true;
    return made;
  });
  await new Promise((resolve) => setTimeout(resolve, 500));
  assertEquals(isMade, false);
  await used(`${cache}/a.npz`, 60, 10);
  await mine[Symbol.asyncDispose]();
  await using _theirs = await theirs;
  assertEquals((await namesIn(cache)).filter((name) => name.endsWith(".npz")), []);
});

test("what was not used for the longest time goes, and no more than must", async (cache) => {
  const folder = folderOf(cache, 100);
  for (const [i, name] of ["old", "older", "new"].entries()) await used(`${cache}/${name}`, 30, [20, 30, 1][i]);
  await using _first = await room(folder, { name: "a.npz", bytes: 10 });
  const other = await otherProcess();
  await using _second = await other.room(folder, { name: "b.npz", bytes: 25 });
  assertEquals((await namesIn(cache)).filter((name) => !name.includes("room")), ["new", "old"]);
});

test("what a process that was killed wanted does not count", async (cache) => {
  const folder = folderOf(cache, 100);
  await Deno.writeTextFile(`${cache}/dead.npz.0123456789abcdef.room`, "90");
  await using _room = await room(folder, { name: "a.npz", bytes: 60 });
  assertEquals((await namesIn(cache)).filter((name) => name.startsWith("dead")), []);
});

test("two that want the same file keep room for it once", async (cache) => {
  const folder = folderOf(cache, 100);
  await using _mine = await room(folder, { name: "a.npz", bytes: 60 });
  const other = await otherProcess();
  await using _theirs = await other.room(folder, { name: "a.npz", bytes: 60 });
});
