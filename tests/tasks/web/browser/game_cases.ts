/** The game, by a clock that the test moves. */
import type { Locator } from "playwright-core";
import { assert, assertEquals } from "@std/assert";
import { parseRawLine } from "../../../../pipelines/formats/quickdraw/raw.ts";
import { type Shape, SHAPE_NAMES, shapeByHand } from "./hand.ts";
import type { PaintCase } from "./paint_case.ts";
import { CLASSES } from "./paint_runs.ts";
import { savedBy } from "./saved.ts";

const isShape = (word: string): word is Shape => (SHAPE_NAMES as readonly string[]).includes(word);

/** What the game's clock shows. */
const secondsLeft = async (panel: Locator) => Number.parseInt((await panel.getByRole("timer").textContent())!);

export const GAME_CASES: readonly PaintCase[] = [
  {
    name: "a game: what is drawn well is recognised, what is not runs out of time, and the score adds up",
    device: { clock: true },
    async check({ paint, paint: { page } }) {
      const panel = await paint.panel("Game");
      await panel.getByRole("combobox", { name: "Guessed by" }).selectOption({ label: "cnn" });
      await panel.getByRole("button", { name: "Play" }).click();
      const asked: string[] = [];
      for (const round of CLASSES.keys()) {
        await panel.getByText(`Round ${round + 1} of ${CLASSES.length}`).waitFor();
        const word = (await panel.locator(".game-word").textContent())!.replace(/^(Next, draw|Draw) /, "");
        asked.push(word);
        await panel.getByRole("button", { name: "Go", exact: true }).click();
        if (isShape(word)) {
          await paint.move(shapeByHand(word, 4));
          await page.getByText(new RegExp(`^I know: ${word}!`)).or(panel.getByRole("heading", { name: /recognised$/ }))
            .waitFor();
        } else {
          await page.clock.pauseAt(await page.evaluate(() => Date.now() + 500));
          const left = await secondsLeft(panel);
          assert(left > 0 && left <= 20, `${left} s are left`);
          await page.clock.runFor(1000);
          assertEquals(await secondsLeft(panel), left - 1);
          await page.clock.runFor(20_000);
          await page.clock.resume();
          await page.getByText(`Time is up. I did not see ${word}.`).or(
            panel.getByRole("heading", { name: /recognised$/ }),
          ).waitFor();
        }
      }
      assertEquals(asked.toSorted(), [...CLASSES]);
      await panel.getByRole("heading", { name: `${SHAPE_NAMES.length} of ${CLASSES.length} recognised` }).waitFor();
      for (const shape of SHAPE_NAMES) await panel.getByRole("img", { name: `Your ${shape}` }).waitFor();
      const { bytes } = await savedBy(paint, panel.getByRole("button", { name: "Download the drawings" }));
      const lines = new TextDecoder().decode(bytes).trimEnd().split("\n").map(parseRawLine);
      assertEquals(lines.map(({ word }) => word).toSorted(), [...SHAPE_NAMES].toSorted());
      assertEquals(new Set(lines.map(({ keyId }) => keyId)).size, SHAPE_NAMES.length);
      assert(lines.every(({ recognized }) => recognized));
    },
  },
  {
    name: "a game is paused, goes on, and is given up",
    device: { clock: true },
    async check({ paint, paint: { page } }) {
      const panel = await paint.panel("Game");
      const again = panel.getByRole("button", { name: "Done" });
      if (await again.count() > 0) await again.click();
      await panel.getByRole("button", { name: "Play" }).click();
      await panel.getByRole("button", { name: "Go", exact: true }).click();
      await page.clock.runFor(3500);
      await panel.getByRole("button", { name: "Pause" }).click();
      const left = await secondsLeft(panel);
      await page.clock.runFor(30_000);
      assertEquals(await secondsLeft(panel), left);
      await panel.getByRole("button", { name: "Go on" }).click();
      await page.clock.runFor(2000);
      assert(await secondsLeft(panel) < left);
      await panel.getByRole("button", { name: "Skip" }).click();
      await panel.getByText("Round 2 of 6").waitFor();
      await panel.getByRole("button", { name: "Stop" }).click();
      await panel.getByRole("button", { name: "Play" }).waitFor();
    },
  },
];
