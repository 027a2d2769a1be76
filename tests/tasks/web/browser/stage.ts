/** What a test of the paint page stands on: runs, a browser, and the page open in it, made once and shared. */
import type { Browser } from "playwright-core";
import { launchChromium } from "../../../chromium.ts";
import { makeRuns } from "./paint_runs.ts";
import { exportSite, serveSite, type Site } from "./sites.ts";
import { type Opening, type Visit, visit } from "./visit.ts";

/** Where the page comes from: a server's, or a plain file's. */
export const ORIGINS = ["served", "exported"] as const;

/** One of {@linkcode ORIGINS}. */
export type Origin = typeof ORIGINS[number];

/** Runs, browser and sites; made when they are first asked for. */
export class Stage implements AsyncDisposable {
  readonly #made = new Map<string, Promise<unknown>>();
  readonly #open: AsyncDisposable[] = [];

  /** What was made once under a name. */
  #once<T>(name: string, make: () => Promise<T>): Promise<T> {
    if (!this.#made.has(name)) this.#made.set(name, make());
    return this.#made.get(name) as Promise<T>;
  }

  /** A folder for what tests make; it goes with the stage. */
  folder(): Promise<string> {
    return this.#once("folder", () => Deno.makeTempDir({ prefix: "strokewise-paint-" }));
  }

  #browser(): Promise<Browser> {
    return this.#once("browser", () => launchChromium());
  }

  /** The runs' folders. */
  runs(): Promise<string[]> {
    return this.#once("runs", async () => await makeRuns(await this.folder()));
  }

  /** The page with all runs. */
  site(origin: Origin): Promise<Site> {
    return this.#once(origin, async () => {
      const [folder, runs] = [await this.folder(), await this.runs()];
      const site = origin === "served"
        ? await serveSite(runs, { collected: `${folder}/collected.ndjson` })
        : await exportSite(runs, `${folder}/site`);
      this.#open.unshift(site);
      return site;
    });
  }

  /** Opens the page. */
  async visit(origin: Origin, opening: Opening): Promise<Visit> {
    return await visit(await this.#browser(), (await this.site(origin)).url, opening);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#made.has("browser")) await (await this.#browser()).close();
    try {
      for (const part of this.#open) await part[Symbol.asyncDispose]();
    } finally {
      if (this.#made.has("folder")) await Deno.remove(await this.folder(), { recursive: true });
    }
  }
}
