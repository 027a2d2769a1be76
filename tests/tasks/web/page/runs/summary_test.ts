import { assertEquals } from "@std/assert";
import { likeliest, percent } from "../../../../../tasks/web/page/runs/summary.ts";

Deno.test("probabilities in words never say that what is not certain is", () => {
  const cases = [[1, "100 %"], [0.9951, "> 99 %"], [0.994, "99 %"], [0.5, "50 %"], [0.0051, "1 %"], [0.004, "< 1 %"]];
  for (const [probability, words] of [...cases, [0, "0 %"]]) assertEquals(percent(Number(probability)), words);
});

Deno.test("the likeliest come first, the first of equals before the others", () => {
  const top = likeliest([0.1, 0.4, 0.1, 0.4], 3);
  assertEquals(top.map(({ label }) => label), [1, 3, 0]);
  assertEquals(likeliest([], 3), []);
});
