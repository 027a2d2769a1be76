import { assertEquals } from "@std/assert";
import { OverlapTrial } from "../../../models/gradients/overlap_trial.ts";

/** Takes steps of so many milliseconds each way, the first ones slow; tells which way each went. */
function ways(ahead: number, whole: number): boolean[] {
  const trial = new OverlapTrial();
  const found: boolean[] = [];
  let before = 0;
  for (let step = 0; step < 40; step++) {
    const { isAhead } = trial;
    found.push(isAhead);
    trial.add(before);
    before = step < 2 ? 1000 : isAhead ? ahead : whole;
  }
  return found;
}

Deno.test("both ways are tried in turn, and the faster one stays", () => {
  for (const [ahead, whole] of [[5, 6], [6, 5]]) {
    const found = ways(ahead, whole);
    assertEquals(found.slice(0, 12), Array.from({ length: 12 }, (_, i) => i % 2 === 0));
    assertEquals(found.slice(14), Array(26).fill(ahead < whole));
  }
});
