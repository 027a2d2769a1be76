import { assertEquals } from "@std/assert";
import { unlessGone } from "../../../../tasks/cluster/redis/unless_gone.ts";

Deno.test({
  name: "redis: what waits for a Redis that is gone is left when the signal comes, once nothing else is at hand",
  fn: async () => {
    const never = () => new Promise<string>(() => {});
    const gone = () => false;
    const asked = AbortSignal.abort();
    assertEquals(await unlessGone(() => Promise.resolve("done"), { isThere: gone, signal: asked }), "done");
    const began = performance.now();
    const busy = { isBusy: () => performance.now() - began < 1000 };
    const [soon, later] = [unlessGone(never, { isThere: gone, signal: asked }), {
      isThere: gone,
      signal: asked,
      ...busy,
    }];
    const waited = unlessGone(never, later).then((end) => [end, performance.now() - began > 2600]);
    assertEquals(await soon, "gone");
    assertEquals(await waited, ["gone", true]);
    // It is back, or nobody asks.
    const slow = () => new Promise<string>((resolve) => setTimeout(() => resolve("done"), 2500));
    const { signal } = new AbortController();
    assertEquals(
      await Promise.all([
        unlessGone(slow, { isThere: () => true, signal: asked }),
        unlessGone(slow, { isThere: gone, signal }),
      ]),
      ["done", "done"],
    );
  },
});
