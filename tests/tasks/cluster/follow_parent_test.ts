import { assertEquals } from "@std/assert";
import { followParent } from "../../../tasks/cluster/follow_parent.ts";

/** What a process does whose parent ends so many milliseconds after it has closed what is read of it. */
async function done(ends: number): Promise<string[]> {
  const said: string[] = [];
  let parent = 7;
  setTimeout(() => parent = 1, ends);
  await followParent({
    ...{ input: new Blob([]).stream(), parent: () => parent },
    askToEnd: () => said.push("asked"),
    end: () => said.push("ended"),
  });
  await new Promise((resolve) => setTimeout(resolve, 700));
  return said;
}

Deno.test("child: it ends in good order with its parent, and at once where that had asked and ends before", async () => {
  assertEquals(await Promise.all([done(0), done(700)]), [["asked"], ["asked", "ended"]]);
});
