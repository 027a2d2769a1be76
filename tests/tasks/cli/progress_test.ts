import { assert, assertEquals, assertMatch } from "@std/assert";
import { humanNumber, humanQuantity, humanTime, Progress, type ProgressOptions } from "../../../tasks/cli/progress.ts";

/** A progress line whose output and clock a test holds. */
function rig(isTerminal: boolean, options: Partial<ProgressOptions> = {}, columns = 100): {
  progress: Progress;
  clock: { time: number };
  taken: () => string;
} {
  const clock = { time: 0 };
  let text = "";
  const system = { isTerminal, columns, now: () => clock.time, write: (part: string): void => void (text += part) };
  const progress = new Progress({ label: "reading", unit: "drawings", ...options }, system);
  return {
    progress,
    clock,
    taken: () => {
      const written = text;
      text = "";
      return written;
    },
  };
}

Deno.test("numbers and times that a person can read", () => {
  const numbers: [number, string][] = [
    [0, "0"],
    [7, "7"],
    [0.123, "0.12"],
    [12.34, "12"],
    [3.25, "3.3"],
    [999, "999"],
    [999.7, "1.0 k"],
    [12_345, "12.3 k"],
    [4_500_000, "4.5 M"],
    [999_960, "1.0 M"],
    [1.25e9, "1.3 G"],
  ];
  for (const [value, text] of numbers) assertEquals(humanNumber(value), text);
  assertEquals(humanQuantity(4.5e6, "B"), "4.5 MB");
  assertEquals(humanQuantity(512, "B"), "512 B");
  assertEquals(humanQuantity(12_345, ""), "12.3 k");
  assertEquals(humanQuantity(88, "steps"), "88 steps");
  assertEquals([7, 83, 59.6, 7509].map(humanTime), ["0:07", "1:23", "1:00", "2:05:09"]);
});

Deno.test("elsewhere than on a terminal: a line every 5 s, and a last one", () => {
  const { progress, clock, taken } = rig(false, { total: 1000 });
  for (let i = 1; i <= 120; i++) {
    clock.time = i * 100;
    progress.update(i * 5);
  }
  assertEquals(taken().split("\n"), [
    "reading   25 %  250 of 1,000 drawings  50 drawings/s  ETA 0:15",
    "reading   50 %  500 of 1,000 drawings  50 drawings/s  ETA 0:10",
    "",
  ]);
  progress.update(1000, { extra: "loss 0.5" });
  progress.end();
  progress.end();
  progress.update(2000);
  assertEquals(taken(), "reading  100 %  1,000 of 1,000 drawings  83 drawings/s  0:12  loss 0.5\n");
});

Deno.test("a short task still says a line", () => {
  const { progress, clock, taken } = rig(false);
  clock.time = 500;
  progress.update(40);
  assertEquals(taken(), "");
  progress[Symbol.dispose]();
  assertEquals(taken(), "reading  40 drawings  80 drawings/s  0:01\n");
});

Deno.test("on a terminal one line is rewritten, ten times a second at most", () => {
  const { progress, clock, taken } = rig(true, { total: 1000, unit: "B" });
  for (let i = 0; i < 1000; i++) {
    clock.time = i;
    progress.update(i);
  }
  const written = taken();
  assertEquals(written.split("\r").length - 1, 10);
  assert(!written.includes("\n"));
  assertMatch(
    written.split("\r").at(-1)!,
    /^reading {2}█{18}░{2} {3}90 % {2}900 of 1\.0 kB {2}1\.0 kB\/s {2}ETA 0:00 *$/,
  );
  progress.end();
  assertMatch(taken(), /^\rreading .*\n$/);
});

Deno.test("on a terminal a shorter line covers a longer one, and none is wider than the terminal", () => {
  const { progress, clock, taken } = rig(true, {}, 40);
  progress.update(1, { extra: "a long text that does not fit the line at all" });
  assertEquals(taken().length, 40);
  clock.time = 200;
  progress.update(2);
  assertEquals(taken().length, 40);
});

Deno.test("log writes above the line", () => {
  const { progress, taken } = rig(true, { total: 10 });
  progress.log("first");
  assertEquals(taken(), "first\n");
  progress.update(5);
  const shown = taken().slice(1);
  progress.log("second");
  assertEquals(taken(), `\r${" ".repeat(shown.length)}\rsecond\n${shown}`);
});

Deno.test("the rate follows the last ten seconds", () => {
  const { progress, clock, taken } = rig(false, { total: 10_000 });
  for (let second = 1; second <= 60; second++) {
    clock.time = second * 1000;
    progress.update(second <= 30 ? second : 30 + (second - 30) * 100);
  }
  assertMatch(taken().trimEnd().split("\n").at(-1)!, /100 drawings\/s {2}ETA 1:10$/);
});

Deno.test("where the first units take longer, the end in sight is that of the work; the units are counted as they are", () => {
  const { progress, clock, taken } = rig(false, { total: 100 });
  const work = (done: number) => done + 9 * Math.min(done, 10); // the first ten take ten times as long
  for (let second = 1; second <= 10; second++) {
    clock.time = second * 1000;
    progress.update(second, { share: work(second) / work(100) });
  }
  assertEquals(taken().split("\n"), [
    "reading   26 %  5 of 100 drawings  1 drawings/s  ETA 0:14",
    "reading   52 %  10 of 100 drawings  1 drawings/s  ETA 0:09",
    "",
  ]);
});
