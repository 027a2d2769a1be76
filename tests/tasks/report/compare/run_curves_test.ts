import { assertEquals } from "@std/assert";
import type { Metrics } from "../../../../tasks/runs/metrics.ts";
import { runCurves } from "../../../../tasks/report/compare/run_curves.ts";
import { may } from "../../../helpers.ts";

Deno.test({
  name: "curves: the axes have round numbers, whatever moments were measured",
  ignore: !may("read"),
  fn: async () => {
    const run = (name: string, seconds: number) => {
      const moment = { step: 7, epoch: 1, clock: { seconds } };
      const metrics: Metrics[] = [{ ...moment, kind: "evaluation", valid: { loss: 2.5 }, best: true }];
      return { name, metrics, summary: { seconds } };
    };
    const [{ overSteps, overTime }] = await runCurves([run("a", 0.9437182731), run("b", 1.4147282719)]);
    const numbers = (svg: unknown) => [...String(svg).matchAll(/>([\d.,]+)<\/text>/g)].map(([, number]) => number);
    assertEquals(numbers(overTime).filter((number) => number.length > 3), []);
    assertEquals(numbers(overSteps).includes("7"), true); // the last step is where the axis ends
  },
});
