/**
 * How far a task has come: one line on a terminal, rewritten in place; a line now and then elsewhere. To stderr, so that
 * stdout stays free for results.
 *
 * @module
 */
import { grouped, percent } from "../../pipelines/base/text.ts";
import { sketch, terminalWidth, visible } from "./terminal.ts";

/** A number in three digits or so: `950`, `12.3 k`, `4.5 M`, `1.2 G`. */
export function humanNumber(value: number): string {
  const size = Math.abs(value);
  const power = size < 999.5 ? 0 : size < 999_950 ? 1 : size < 999_950_000 ? 2 : 3;
  if (power > 0) return `${(value / 1000 ** power).toFixed(1)} ${" kMG"[power]}`;
  return size === 0 || size >= 99.5 || Number.isInteger(value) ? value.toFixed(0) : value.toPrecision(2);
}

/**
 * A number with its unit: `4.5 MB`, `88 drawings`, `12.3 k`.
 *
 * @param unit `B` for bytes, joined to its prefix; "" for none.
 */
export function humanQuantity(value: number, unit: string): string {
  const number = humanNumber(value);
  if (unit === "") return number;
  return unit === "B" && /[kMG]$/.test(number) ? `${number}B` : `${number} ${unit}`;
}

/** A time: `0:07`, `1:23`, `2:05:09`. */
export function humanTime(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const padded = (part: number): string => String(part).padStart(2, "0");
  return h > 0 ? `${h}:${padded(m)}:${padded(s)}` : `${m}:${padded(s)}`;
}

/** Where progress goes and what time it is; a test passes its own. */
export interface ProgressSystem {
  /** Whether lines can be rewritten in place. */
  readonly isTerminal: boolean;
  /** The width of the terminal, in characters. */
  readonly columns: number;
  /** Milliseconds; only differences count. */
  now(): number;
  write(text: string): void;
}

/** What is shown. */
export interface ProgressOptions {
  /** What is being done: `reading`. */
  readonly label: string;
  /** What there is to do; when it is not known, there is no bar and no end in sight. */
  readonly total?: number | undefined;
  /** What is counted: `drawings`, `steps`, or `B` for bytes. */
  readonly unit: string;
}

const stderr: ProgressSystem = {
  get isTerminal() {
    return Deno.stderr.isTerminal();
  },
  get columns() {
    return terminalWidth() ?? 80;
  },
  now: () => performance.now(),
  write: sketch,
};

/** At most this often a terminal's line is rewritten, in milliseconds. */
const TERMINAL_PERIOD = 100;
/** At most this often a line is written elsewhere. */
const PLAIN_PERIOD = 5000;
/** The rate is that of the last so many milliseconds, so that a slow start does not spoil it for long. */
const RATE_WINDOW = 10_000;

/** What was told last. */
interface Told {
  readonly done: number;
  readonly extra: string;
  /** Undefined where the end is not known. */
  readonly share: number | undefined;
}

/** How far the work was at a time, in milliseconds. */
interface Mark extends Pick<Told, "done"> {
  readonly time: number;
  readonly share: number;
}

/**
 * One progress line.
 *
 * @example
 * ```ts
 * import { Progress } from "./progress.ts";
 * import { assertEquals } from "@std/assert";
 *
 * let [text, time] = ["", 0];
 * const write = (part: string) => void (text += part);
 * const system = { isTerminal: false, columns: 80, now: () => time, write };
 * const progress = new Progress({ label: "reading", total: 2000, unit: "drawings" }, system);
 * time = 10_000;
 * progress.update(1000);
 * assertEquals(text, "reading   50 %  1,000 of 2,000 drawings  100 drawings/s  ETA 0:10\n");
 * ```
 */
export class Progress implements Disposable {
  readonly #options: ProgressOptions;
  readonly #system: ProgressSystem;
  readonly #start: number;
  #lastShown: number;
  #last: Told;
  #marks: Mark[];
  #onScreen = "";
  #ended = false;

  /** @param system The terminal and the clock; stderr when left out. */
  constructor(options: ProgressOptions, system: ProgressSystem = stderr) {
    this.#options = options;
    this.#system = system;
    this.#start = system.now();
    this.#last = { done: 0, extra: "", share: this.#shareOf(0) };
    this.#lastShown = system.isTerminal ? -Infinity : this.#start;
    this.#marks = [{ time: this.#start, done: 0, share: 0 }];
  }

  /**
   * Tells how far the work is; cheap enough to be called often.
   *
   * @param done In units, of all the work.
   * @param about `extra`: what else to show at the end of the line, such as a loss. `share`: of the work, 0 to 1, where some
   * units take longer than others; that of the units when left out.
   */
  update(done: number, { extra = "", share }: { readonly extra?: string; readonly share?: number } = {}): void {
    const time = this.#system.now();
    this.#last = { done, extra, share: share ?? this.#shareOf(done) };
    const period = this.#system.isTerminal ? TERMINAL_PERIOD : PLAIN_PERIOD;
    if (this.#ended || time - this.#lastShown < period) return;
    this.#marks.push({ time, done, share: this.#last.share ?? 0 });
    while (this.#marks.length > 2 && time - this.#marks[1].time > RATE_WINDOW) this.#marks.shift();
    this.#show(this.#line(this.#rate("done"), this.#eta()), time);
  }

  /**
   * Writes a line of its own, above the progress line where there is one.
   *
   * @param line Without its end.
   */
  log(line: string): void {
    const clear = this.#onScreen === "" ? "" : `\r${" ".repeat(this.#onScreen.length)}\r`;
    this.#system.write(`${clear}${visible(line)}\n${this.#onScreen}`);
  }

  /** Shows the last line, with the mean rate and the time taken, and ends it. Further calls do nothing. */
  end(): void {
    if (this.#ended) return;
    const time = this.#system.now();
    const seconds = (time - this.#start) / 1000;
    this.#show(this.#line(seconds > 0 ? this.#last.done / seconds : 0, humanTime(seconds)), time);
    if (this.#system.isTerminal) this.#system.write("\n");
    this.#onScreen = "";
    this.#ended = true;
  }

  /** The same as {@linkcode Progress.end}: `using progress = new Progress(…)`. */
  [Symbol.dispose](): void {
    this.end();
  }

  #shareOf(done: number): number | undefined {
    const { total } = this.#options;
    return total === undefined || total <= 0 ? undefined : Math.min(1, done / total);
  }

  /** What a second adds. */
  #rate(of: "done" | "share"): number {
    const [since, now] = [this.#marks[0], this.#marks.at(-1)!];
    return now.time > since.time ? Math.max(0, now[of] - since[of]) / (now.time - since.time) * 1000 : 0;
  }

  #eta(): string | undefined {
    const [{ share }, rate] = [this.#last, this.#rate("share")];
    return share !== undefined && rate > 0 ? `ETA ${humanTime((1 - share) / rate)}` : undefined;
  }

  #line(rate: number, time: string | undefined): string {
    const { label, total, unit } = this.#options;
    const { done, extra, share } = this.#last;
    // Steps and drawings are counted one by one, so that two lines in a row never say the same.
    const number = unit === "B" ? humanNumber : grouped;
    const all = unit === "B" ? humanQuantity(total ?? done, unit) : `${grouped(total ?? done)} ${unit}`;
    const count = total === undefined ? all : `${number(done)} of ${all}`;
    const bar = share === undefined || !this.#system.isTerminal ? undefined : drawBar(share, 20);
    const part = share === undefined ? undefined : percent(Math.floor(100 * share) / 100, 0).padStart(5);
    return [label, bar, part, count, `${humanQuantity(rate, unit)}/s`, time, extra || undefined]
      .filter((text) => text !== undefined).map((text) => visible(text)).join("  ");
  }

  #show(line: string, time: number): void {
    this.#lastShown = time;
    if (!this.#system.isTerminal) return this.#system.write(`${line}\n`);
    const fitting = line.slice(0, Math.max(10, this.#system.columns - 1));
    this.#system.write(`\r${fitting.padEnd(this.#onScreen.length)}`);
    this.#onScreen = fitting;
  }
}

/** A bar of full and empty cells, the last full one in eighths. */
function drawBar(share: number, cells: number): string {
  const eighths = Math.floor(share * cells * 8);
  const part = " ▏▎▍▌▋▊▉"[eighths % 8];
  return `${"█".repeat(Math.floor(eighths / 8))}${eighths % 8 > 0 ? part : ""}`.padEnd(cells, "░");
}
