/** The clean shape of what is drawn: offered, told, taken, refused. */
import type { Locator } from "playwright-core";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { shapeByHand, turned } from "./hand.ts";
import type { Paint } from "./paint.ts";
import type { PaintCase } from "./paint_case.ts";

/** Opens the panel, with the run that is the surer of the two. */
async function opened(paint: Paint): Promise<Locator> {
  const panel = await paint.panel("Clean shape");
  await panel.getByRole("combobox", { name: "Named by" }).selectOption({ label: "cnn" });
  return panel;
}

/** What the panel says of a shape's size or angle. */
function fact(panel: Locator, term: string): Promise<string> {
  return panel.locator("dt", { hasText: term }).locator("+ dd").innerText();
}

/** What lies over the drawing, as the sheet's name says. */
const overlay = ({ page }: Paint, shape: string) =>
  page.getByRole("img", { name: new RegExp(`over it the clean shape of: ${shape}$`) });

export const REPLACE_CASES: readonly PaintCase[] = [
  {
    name: "the clean shape lies over the drawing, with its size and angle; a key takes it, another refuses it",
    async check({ paint, paint: { page } }) {
      const panel = await opened(paint);
      await paint.draw(shapeByHand("circle"));
      await paint.button("Clear").click(); // whose key is Enter too, until one draws
      await paint.settled(0);
      await paint.draw(turned(shapeByHand("triangle", 7), 12));
      await overlay(paint, "triangle").waitFor();
      const [, angle, turn] = /^(\d+)° clockwise.*the same every (\d+)°/.exec(await fact(panel, "Angle"))!;
      assert(Math.abs(Number(angle) - 12) <= 3, angle);
      assertEquals(turn, "120");
      const sizes = [...(await fact(panel, "Size")).matchAll(/(\d+) %/g)].map(([, percent]) => Number(percent));
      assert(Math.abs(sizes[0] - 60) <= 6 && Math.abs(sizes[1] - 57) <= 6, `${sizes}`);
      await page.keyboard.press("Enter");
      await page.getByRole("status").filter({ hasText: "the clean shape is in your drawing's place" }).waitFor();
      await paint.settled(1);
      assertEquals((await paint.bars("cnn"))[0].name, "triangle");
      assertEquals(await overlay(paint, "triangle").count(), 0);
      await page.keyboard.press("Control+z");
      await overlay(paint, "triangle").waitFor();
      await page.keyboard.press("n");
      await overlay(paint, "triangle").waitFor({ state: "detached" });
      assertEquals(await paint.strokes(), 1);
    },
  },
  {
    name: "a circle has no angle, a square only up to 45 degrees",
    async check({ paint }) {
      const panel = await opened(paint);
      await paint.draw(shapeByHand("circle", 7));
      await overlay(paint, "circle").waitFor();
      assertMatch(await fact(panel, "Angle"), /^none/);
      await panel.getByRole("button", { name: /^Take it/ }).click();
      await panel.getByText("That is the clean shape.").waitFor();
      await paint.button("Clear").click();
      await paint.settled(0);
      await paint.draw(turned(shapeByHand("square", 7), 10));
      await overlay(paint, "square").waitFor();
      assertMatch(await fact(panel, "Angle"), /^(8|9|1[0-3])° clockwise.*at most 45°.*every 90°/);
    },
  },
  {
    name: "a shape is offered from the threshold on, and not below it",
    async check({ paint }) {
      const panel = await opened(paint);
      await panel.getByRole("combobox", { name: "Named by" }).selectOption({ label: "cnn-lstm" });
      await paint.draw(shapeByHand("square", 7));
      const [{ name, probability }] = await paint.bars("cnn-lstm");
      assertEquals(name, "square");
      const slider = panel.getByRole("slider", { name: "Sure from" });
      const least = Math.ceil(probability * 100) / 100;
      await slider.fill(least.toFixed(2));
      await panel.getByText("not sure enough").waitFor();
      assertEquals(await overlay(paint, "square").count(), 0);
      await slider.fill((least - 0.01).toFixed(2));
      await overlay(paint, "square").waitFor();
      await paint.panel("Model's view"); // what lies over the drawing goes with the panel
      await overlay(paint, "square").waitFor({ state: "detached" });
    },
  },
];
