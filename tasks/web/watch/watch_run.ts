/**
 * Watching a run: a server of a page that shows it while it goes. Only files are read, so that whoever trains it, in this
 * process or another, is not in the least concerned; models are asked for something only while a page looks on, only of new
 * checkpoints, and for a small share of the time.
 *
 * @module
 */
import { startBackend } from "../../../models/backends/backend.ts";
import { type Html, NOTHING } from "../../report/html.ts";
import { hostCheck } from "../server/hosts.ts";
import { startServer } from "../server/server.ts";
import { Feed, type Sections } from "./feed.ts";
import { LiveWorks } from "./live_works.ts";
import { watchHandler } from "./watch_handler.ts";
import { sectionsOf, watchPage } from "./watch_page.ts";
import { WatchedRun } from "./watched_run.ts";

/**
 * `look`: milliseconds between looks at the run's files; `times`: the time that something took, so often, is waited before it is
 * done again, in milliseconds `longest` at most where pages are only told what is new.
 */
const PATIENCE = { look: 1000, times: 40, longest: 10_000 };
/** Milliseconds that who has asked for the page looks on, at least. */
const LOOKS = 15_000;
/** Why a page is told no more. */
const [OVER, LEFT] = [
  "The training is over: this page does not change any more, until it is loaded again.",
  "The run goes on; the server of this page has ended.",
];

/** How a run is watched. */
export interface WatchSettings {
  /** The address to listen at. */
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Further names by which browsers may ask. */
  readonly allowHost: readonly string[];
  /** Is told what goes wrong. */
  readonly complain: (line: string) => void;
  /** Is told when no training has the run any more. */
  readonly onEnd?: (state: string) => void;
  /** {@linkcode PATIENCE}, where a test has less. */
  readonly patience?: Partial<typeof PATIENCE>;
}

/** Watches one run. */
export class RunWatch {
  readonly #settings: WatchSettings;
  readonly #patience: typeof PATIENCE;
  readonly #feed = new Feed();
  #run: WatchedRun | undefined;
  #works: LiveWorks | undefined;
  #work: Html = NOTHING;
  /** When somebody asked for the page, who has perhaps no scripts. */
  #askedAt = -Infinity;
  /** Of the checkpoint that the work is of. */
  #worked = "";
  /** Counts what is new; of what {@linkcode #sections} are of. */
  #version = 0;
  #sections: { readonly version: number; readonly parts: Promise<Sections> } | undefined;
  #told: Sections = {};
  #notBefore = { work: 0, telling: 0 };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turn: Promise<void> = Promise.resolve();
  #isOver = false;
  /** What was complained of last: it is not said at every look. */
  #complaint = "";
  #end: (() => Promise<void>) | undefined;
  #url = "";

  private constructor(settings: WatchSettings) {
    this.#settings = settings;
    this.#patience = { ...PATIENCE, ...settings.patience };
  }

  /**
   * Begins to serve the page.
   *
   * @throws {InputError} When it cannot listen there.
   */
  static async start(settings: WatchSettings): Promise<RunWatch> {
    const watch = new RunWatch(settings);
    const { host, port, allowHost, complain } = settings;
    const handler = await watchHandler({
      isHost: hostCheck(host, allowHost),
      feed: watch.#feed,
      page: async () => {
        watch.#askedAt = performance.now();
        watch.#lookSoon();
        return watchPage(await watch.#parts(), { run: watch.#run });
      },
      sections: () => watch.#parts(),
      onListener: () => watch.#lookSoon(),
    });
    const server = await startServer(handler, { host, port, complain });
    [watch.#end, watch.#url] = [server.end, server.url];
    return watch;
  }

  /** Where the page is. */
  get url(): string {
    return this.#url;
  }

  /**
   * Shows a run from now on.
   *
   * @throws {InputError} When the folder is not there, or no run's.
   */
  async show(folder: string): Promise<void> {
    this.#run = await WatchedRun.open(folder);
    this.#works = new LiveWorks(this.#run.folder);
    this.#version++;
    this.#lookSoon();
  }

  /** Looks once more, tells the pages what there is, ends their events and the server. */
  async end(): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#timer);
    await this.#look();
    this.#feed.end(this.#run?.isRunning ? LEFT : OVER);
    await this.#end?.();
  }

  #parts(): Promise<Sections> {
    if (this.#sections?.version !== this.#version) {
      const parts = sectionsOf({ run: this.#run, work: this.#work });
      this.#sections = { version: this.#version, parts };
    }
    return this.#sections.parts;
  }

  #lookSoon(milliseconds = 0): void {
    if (this.#isOver) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(async () => {
      await this.#look();
      this.#lookSoon(Math.max(this.#patience.look, this.#notBefore.telling - performance.now()));
    }, milliseconds);
  }

  /** Looks at the run's files, one look after the other. */
  #look(): Promise<void> {
    return this.#turn = this.#turn.then(() => this.#lookNow()).catch((error) => {
      const { message } = error as Error;
      if (message !== this.#complaint) this.#settings.complain(`the page does not show all: ${message}`);
      this.#complaint = message;
    });
  }

  async #lookNow(): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    const wasRunning = run.isRunning;
    if (await run.refresh()) this.#version++;
    if (wasRunning && !run.isRunning) this.#settings.onEnd?.(run.isThere ? run.summary.state : "its folder is gone");
    if (this.#feed.count === 0 && performance.now() > this.#askedAt + LOOKS) return;
    await this.#tell();
    const mayWork = !run.isRunning || !this.#isOver && performance.now() >= this.#notBefore.work;
    if (run.checkpoint !== "" && run.checkpoint !== this.#worked && mayWork) {
      const [checkpoint, began] = [run.checkpoint, performance.now()];
      await startBackend("wasm");
      this.#work = await this.#works!.show();
      this.#worked = checkpoint;
      this.#version++;
      this.#notBefore.work = performance.now() + this.#patience.times * (performance.now() - began);
      await this.#tell();
    }
    if (!run.isRunning) this.#feed.end(OVER);
  }

  /** Tells the pages what has changed. */
  async #tell(): Promise<void> {
    const began = performance.now();
    const parts = await this.#parts();
    const changed = Object.entries(parts).filter(([id, html]) => this.#told[id] !== html);
    this.#told = parts;
    if (changed.length === 0) return;
    this.#feed.tell(Object.fromEntries(changed));
    const { times, longest } = this.#patience;
    this.#notBefore.telling = performance.now() + Math.min(longest, times * (performance.now() - began));
  }
}
