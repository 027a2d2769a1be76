/// <reference lib="dom" />
/** What models draw: endings of a drawing, samples, the way from one to another. */
import type { Locator } from "playwright-core";
import { assert, assertEquals } from "@std/assert";
import { shapeByHand } from "./hand.ts";
import type { Paint } from "./paint.ts";
import type { PaintCase } from "./paint_case.ts";

/** The lines of small drawings: what is in each, as text. */
const linesIn = (tiles: Locator) =>
  tiles.evaluateAll((all) =>
    all.map((tile) => [...tile.querySelectorAll("path")].map((path) => path.getAttribute("d")).join(" "))
  );

/** The pixels of small pictures. */
const pixelsIn = (tiles: Locator) =>
  tiles.evaluateAll((all) => all.map((tile) => tile.querySelector("canvas")!.toDataURL()));

/** Sets a slider as the keys do: from its beginning, so many steps on. */
async function slide(slider: Locator, steps: number): Promise<void> {
  await slider.press("Home");
  for (let i = 0; i < steps; i++) await slider.press("ArrowRight");
}

async function opened(paint: Paint, title: string, run?: string): Promise<Locator> {
  const panel = await paint.panel(title);
  if (run !== undefined) await panel.getByRole("combobox", { name: "Drawn by" }).selectOption({ label: run });
  await panel.locator("ol").waitFor();
  await paint.rested(panel);
  return panel;
}

export const MAKING_CASES: readonly PaintCase[] = [
  {
    name: "what is begun is finished in several ways, of which one is taken, and taken back",
    async check({ paint }) {
      await paint.draw(shapeByHand("sun").slice(0, 2));
      const panel = await opened(paint, "Finish it");
      const endings = panel.getByRole("button", { name: /^Ending \d/ });
      const first = await linesIn(endings);
      assertEquals(first.length, 6);
      assert(new Set(first).size > 1, "several endings");
      await slide(panel.getByRole("slider", { name: "Temperature" }), 19);
      await panel.getByRole("slider", { name: "Temperature" }).evaluate((slider: HTMLInputElement) =>
        slider.value === "1"
      );
      await paint.rested(panel);
      assert(`${await linesIn(endings)}` !== `${first}`, "at another temperature others are drawn");
      await panel.getByRole("button", { name: "Again" }).click();
      await paint.rested(panel);
      await panel.getByRole("button", { name: /^Ending \d(?!, nothing)/ }).first().click();
      await paint.page.getByRole("status").filter({ hasText: "The model's strokes are on the canvas" }).waitFor();
      assert(await paint.strokes() > 2);
      await paint.button("Undo").click();
      await paint.settled(2);
      assertEquals(await paint.page.getByText("The model's strokes are on the canvas").count(), 0);
    },
  },
  {
    name: "others like a drawing are drawn in its place",
    async check({ paint }) {
      await paint.draw(shapeByHand("square"));
      const panel = await opened(paint, "Finish it");
      await panel.getByRole("button", { name: "Others like it" }).click();
      await paint.rested(panel);
      await panel.getByRole("button", { name: /^Ending \d(?!, nothing)/ }).first().click();
      await paint.page.getByRole("status").filter({ hasText: "The model's strokes are on the canvas" }).waitFor();
      await paint.button("Undo").click();
      await paint.settled(1);
      assertEquals((await paint.bars("cnn"))[0].name, "square");
      await panel.getByRole("button", { name: "Finish it" }).click();
    },
  },
  {
    name: "Sketch-RNN's samples: two are chosen, dragging leads from one to the other, and one is put onto the sheet",
    async check({ paint, paint: { page } }) {
      const panel = await opened(paint, "Samples", "sketch-rnn");
      const tiles = panel.getByRole("button", { name: /^Sample \d/ });
      const wall = await linesIn(tiles);
      assertEquals(wall.length, 12);
      await tiles.nth(0).click();
      await tiles.nth(5).click();
      const chosen = page.getByRole("region", { name: "Chosen samples" });
      const between = chosen.getByRole("figure").filter({ hasText: "Between" });
      await between.getByRole("button").first().waitFor();
      const seen = new Set<string>();
      for (const steps of [10, 60]) {
        await slide(chosen.getByRole("slider", { name: "From A to B" }), steps);
        await page.waitForTimeout(200);
        seen.add((await linesIn(between))[0]);
      }
      assertEquals(seen.size, 2);
      await chosen.getByRole("button", { name: "A: Onto the canvas" }).click();
      await paint.page.getByRole("img", { name: /^Your drawing/ }).waitFor();
      await panel.getByRole("button", { name: "Others" }).click();
      await paint.rested(panel);
      assert(`${await linesIn(tiles)}` !== `${wall}`);
    },
  },
  {
    name: "DRAW's samples, step by step",
    async check({ paint }) {
      const panel = await opened(paint, "Samples", "draw");
      const tiles = panel.getByRole("button", { name: /^Sample \d/ });
      const slider = panel.getByRole("slider", { name: "Step" });
      const steps: string[] = [];
      for (const step of [0, 2, 5]) {
        await slide(slider, step);
        const all = await pixelsIn(tiles);
        assertEquals(all.length, 12);
        steps.push(`${all}`);
        assertEquals(await panel.locator("svg.window").count() > 0, step < 5, "the window is shown but at the end");
      }
      assertEquals(new Set(steps).size, 3);
      await panel.getByRole("combobox", { name: "Drawn by" }).selectOption({ label: "sketch-rnn" });
      await paint.rested(panel);
    },
  },
];
