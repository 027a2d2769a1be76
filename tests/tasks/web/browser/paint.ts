/// <reference lib="dom" />
/** The paint page as somebody uses it: found by roles and names, drawn on, waited for. */
import type { Locator, Page } from "playwright-core";
import type { Guess } from "../../../../models/zoo/drawing_classifier.ts";
import { drawByMouse, drawByTouch, type Movement } from "./hand.ts";
import type { Visit } from "./visit.ts";

/** The page, and the hand that draws on it. */
export class Paint {
  readonly page: Page;
  readonly #visit: Visit;

  constructor(visit: Visit) {
    this.page = visit.page;
    this.#visit = visit;
  }

  /** The sheet; its name says how much is drawn on it. */
  get canvas(): Locator {
    return this.page.getByRole("img", { name: /^(The canvas, blank|Your drawing)/ });
  }

  /** Strokes on the sheet, as its name says. */
  async strokes(): Promise<number> {
    return Number(/: (\d+) stroke/.exec(await this.canvas.getAttribute("aria-label") ?? "")?.[1] ?? 0);
  }

  /** The part of the page that is a run's. */
  run(name: string): Locator {
    return this.page.getByRole("region", { name, exact: true });
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole("button", { name, exact: typeof name === "string" });
  }

  /** Opens a panel. */
  async panel(title: string): Promise<Locator> {
    await this.page.getByRole("tab", { name: title, exact: true }).click();
    return this.page.getByRole("tabpanel", { name: title, exact: true });
  }

  /** Waits until nothing is being drawn in a panel, and what was asked for last is there. */
  async rested(panel: Locator): Promise<void> {
    await this.page.waitForTimeout(100);
    await panel.locator("[aria-busy=true]").first().waitFor({ state: "detached" });
  }

  /** Waits until all runs are there. */
  async loaded(): Promise<void> {
    await this.canvas.waitFor();
    // A run that is loaded says on what it runs: `cnn · wasm`.
    await this.page.locator(".run-head > .quiet").filter({ hasNotText: "·" }).first().waitFor({ state: "detached" });
  }

  /** Moves the pen, held as the visitor does, and waits for nothing. */
  async move(movements: readonly Movement[]): Promise<void> {
    await this.canvas.scrollIntoViewIfNeeded();
    const box = (await this.canvas.boundingBox())!;
    await (this.#visit.phone ? drawByTouch : drawByMouse)(this.#visit.session, box, movements);
  }

  /** Draws, and waits for what the runs say. */
  async draw(movements: readonly Movement[]): Promise<void> {
    const before = await this.strokes();
    await this.move(movements);
    await this.settled(before + movements.length);
  }

  /**
   * Waits until there are so many strokes, and all has been said of them.
   *
   * @param seen How many of them the runs see, each of which has frames for eight.
   */
  async settled(strokes: number, seen = Math.min(strokes, 8)): Promise<void> {
    await this.page.getByRole("img", { name: strokes === 0 ? /blank/ : new RegExp(`: ${strokes} stroke`) }).waitFor();
    await this.page.waitForFunction((seen) => {
      const tables = [...document.querySelectorAll("table")];
      const isSeen = tables.every((table) => table.querySelectorAll("thead th").length - 1 === seen);
      const said = tables.map(({ textContent }) => textContent).join() + document.querySelector(".runs")?.innerHTML;
      const watched = globalThis as unknown as { held?: { said: string; since: number } };
      if (watched.held?.said !== said) watched.held = { said, since: performance.now() };
      return isSeen && performance.now() - watched.held.since > 200;
    }, seen);
  }

  /** What a run says, the likeliest first: its bars, to four digits. */
  async bars(name: string): Promise<Guess[]> {
    return await this.run(name).locator(".bar").evaluateAll((bars) =>
      bars.map((bar) => ({
        name: bar.querySelector(".bar-name")!.textContent!,
        probability: Number(/scaleX\((.*)\)/.exec(bar.querySelector<HTMLElement>(".bar-ink")!.style.transform)![1]),
      }))
    );
  }

  /** Takes what was drawn away, shows all runs, and goes to the first panel. */
  async tidy(): Promise<void> {
    if (await this.strokes() > 0) await this.button("Clear").click();
    for (
      const hidden of await this.page.getByRole("group", { name: "Runs on show" }).getByRole("button", {
        pressed: false,
      }).all()
    ) {
      await hidden.click();
    }
    await this.page.getByRole("tab").first().click();
    await this.settled(0);
  }
}
