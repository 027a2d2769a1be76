/// <reference lib="dom" />
/** Drawing and taking back, by mouse and by keys; which runs are on show. */
import { assert, assertEquals } from "@std/assert";
import { shapeByHand, sunByHand } from "./hand.ts";
import type { PaintCase } from "./paint_case.ts";

/** How probable a blank sheet's classes are: nothing at all. */
const NOTHING: never[] = [];

export const DRAWING_CASES: readonly PaintCase[] = [
  {
    name: "the runs make up their minds while one draws, before the pen is lifted",
    async check({ paint, paint: { page } }) {
      const { x, y, width } = (await paint.canvas.boundingBox())!;
      const [circle] = shapeByHand("circle");
      await page.mouse.move(x + width * circle[0].x, y + width * circle[0].y);
      await page.mouse.down();
      const firsts = new Set<string>();
      for (let i = 0; i < circle.length; i += 8) {
        await page.mouse.move(x + width * circle[i].x, y + width * circle[i].y);
        if (i < 16) continue;
        await paint.run("cnn").locator(".bar").first().waitFor();
        firsts.add(JSON.stringify((await paint.bars("cnn"))[0]));
      }
      assert(firsts.size > 3, [...firsts].join());
      await page.mouse.up();
      await paint.settled(1);
      assertEquals((await paint.bars("cnn"))[0].name, "circle");
    },
  },
  {
    name: "undo, redo and clear, by their buttons",
    async check({ paint }) {
      const [circle] = shapeByHand("circle");
      await paint.draw([circle]);
      const first = await paint.bars("cnn");
      await paint.draw(shapeByHand("square"));
      const second = await paint.bars("cnn");
      assert(first[0].probability !== second[0].probability);
      await paint.button("Undo").click();
      await paint.settled(1);
      assertEquals(await paint.bars("cnn"), first);
      await paint.button("Redo").click();
      await paint.settled(2);
      assertEquals(await paint.bars("cnn"), second);
      await paint.button("Clear").click();
      await paint.settled(0);
      assertEquals(await paint.bars("cnn"), NOTHING);
      await paint.button("Undo").click(); // clearing is a step too
      await paint.settled(2);
      assertEquals(await paint.bars("cnn"), second);
    },
  },
  {
    name: "undo, redo and clear, by their keys",
    async check({ paint, paint: { page } }) {
      await paint.draw(shapeByHand("sun").slice(0, 3));
      for (
        const [keys, left] of [["Control+z", 2], ["Control+z", 1], ["Control+y", 2], ["Control+Shift+Z", 3]] as const
      ) {
        await page.keyboard.press(keys);
        await paint.settled(left);
      }
      await page.keyboard.press("Delete");
      await paint.settled(0);
      await page.keyboard.press("Control+z");
      await paint.settled(3);
      await page.keyboard.press("Escape");
      await paint.settled(0);
      await page.keyboard.press("?");
      const help = page.getByRole("dialog");
      await help.waitFor();
      await page.keyboard.press("Control+z"); // goes to the dialog, not through it
      await paint.button("Close").click();
      await help.waitFor({ state: "hidden" });
      assertEquals(await paint.strokes(), 0);
    },
  },
  {
    name: "a new stroke ends what could be redone",
    async check({ paint }) {
      await paint.draw(shapeByHand("circle"));
      await paint.button("Undo").click();
      await paint.draw(shapeByHand("triangle"));
      assertEquals(await paint.button("Redo").getAttribute("aria-disabled"), "true");
      assertEquals(await paint.strokes(), 1);
    },
  },
  {
    name: "runs are shown and hidden, and say the same when they come back",
    async check({ paint }) {
      await paint.draw(shapeByHand("triangle"));
      const before = await paint.bars("cnn-lstm");
      const group = paint.page.getByRole("group", { name: "Runs on show" });
      await group.getByRole("button", { name: "cnn-lstm", exact: true }).click();
      await paint.run("cnn-lstm").waitFor({ state: "detached" });
      assertEquals((await paint.bars("cnn"))[0].name, "triangle");
      await group.getByRole("button", { name: "cnn-lstm", exact: true }).click();
      await paint.settled(1);
      assertEquals(await paint.bars("cnn-lstm"), before);
    },
  },
  {
    name: "strokes for which there is no frame are told, and drawn into the last one or left out as the run's data was",
    async check({ paint }) {
      const remark = paint.run("cnn-lstm").getByText("It has 8 frames");
      await paint.draw(sunByHand(7));
      assertEquals(await remark.count(), 0);
      const whole = await paint.bars("cnn-lstm");
      await paint.draw(sunByHand(11).slice(9, 11));
      await remark.waitFor();
      assertEquals((await paint.bars("cnn-lstm"))[0].name, "sun");
      assert(/left out/.test(await remark.textContent() ?? ""));
      // The drawing may have been scaled anew by what was added: the class stays, the numbers nearly do.
      assert(Math.abs((await paint.bars("cnn-lstm"))[0].probability - whole[0].probability) < 0.2);
    },
  },
  {
    name: "a blank sheet is not named, nor is a dot, which one sees all the same",
    async check({ paint }) {
      for (const run of ["cnn", "cnn-lstm"]) assertEquals(await paint.bars(run), NOTHING);
      await paint.move([[{ x: 0.4, y: 0.4, t: 0 }]]);
      await paint.settled(1, 0);
      for (const run of ["cnn", "cnn-lstm"]) assertEquals(await paint.bars(run), NOTHING);
      await paint.page.getByRole("status").filter({ hasText: /dot/ }).waitFor();
      const opacity = await paint.canvas.evaluate((element) => {
        const { width, height } = element as HTMLCanvasElement;
        const context = (element as HTMLCanvasElement).getContext("2d")!;
        return context.getImageData(0.4 * width, 0.4 * height, 1, 1).data[3];
      });
      assertEquals(opacity, 255);
      await paint.draw(shapeByHand("circle"));
      for (const run of ["cnn", "cnn-lstm"]) assert((await paint.bars(run)).length > 0);
    },
  },
  {
    name: "a stroke that leaves the sheet goes on along its edge, and ends where the button is let go",
    async check({ paint, paint: { page } }) {
      const box = (await paint.canvas.boundingBox())!;
      await paint.move([[{ x: 0.5, y: 0.5, t: 0 }, { x: 0.9, y: 0.5, t: 50 }, { x: 1.02, y: 0.7, t: 99 }]]);
      await paint.settled(1);
      await page.mouse.move(box.x + 10, box.y + 10);
      assertEquals(await paint.strokes(), 1);
    },
  },
];
