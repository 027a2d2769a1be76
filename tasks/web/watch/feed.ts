/**
 * What pages are told while they look on, as server-sent events (WHATWG HTML, section 9.2): parts of the page that have
 * changed, and that nothing more comes.
 *
 * @module
 */

/** Parts of the page by the ids of their elements, as HTML. */
export type Sections = Readonly<Record<string, string>>;

/** Milliseconds between signs of life: whatever stands between may end a connection on which nothing moves. */
const BEAT = 10_000;
/** Pages that look on at once. */
const MOST = 32;

const encoder = new TextEncoder();
const event = (name: string, content: unknown) =>
  encoder.encode(`event: ${name}\ndata: ${JSON.stringify(content)}\n\n`); // JSON has no line breaks of its own

/** One page's events. What it has not taken yet is replaced by what is newer, so that a slow one costs nothing. */
class Listener implements AsyncIterableIterator<Uint8Array<ArrayBuffer>> {
  #waiting: Record<string, string>;
  #state: "open" | "ending" | "over" = "open";
  #why = "";
  #wake: () => void = () => {};
  readonly #onGone: () => void;
  readonly #beat: number;

  constructor(first: Sections, { onGone, beat }: { readonly onGone: () => void; readonly beat: number }) {
    this.#waiting = { ...first };
    [this.#onGone, this.#beat] = [onGone, beat];
  }

  tell(sections: Sections): void {
    Object.assign(this.#waiting, sections);
    this.#wake();
  }

  end(why: string): void {
    if (this.#state === "open") [this.#state, this.#why] = ["ending", why];
    this.#wake();
  }

  async next(): Promise<IteratorResult<Uint8Array<ArrayBuffer>>> {
    if (this.#state === "open" && Object.keys(this.#waiting).length === 0) await this.#something();
    if (this.#state === "over") return { done: true, value: undefined };
    const sections = this.#waiting;
    this.#waiting = {};
    if (Object.keys(sections).length > 0) return { done: false, value: event("sections", sections) };
    if (this.#state === "open") return { done: false, value: encoder.encode(":\n\n") };
    const why = this.#why;
    void this.return();
    return { done: false, value: event("end", { why }) };
  }

  /** Is told when the page has gone. */
  return(): Promise<IteratorResult<Uint8Array<ArrayBuffer>>> {
    this.#state = "over";
    this.#onGone();
    this.#wake();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #something(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = setTimeout(resolve, this.#beat);
    await promise;
    clearTimeout(timer);
  }
}

/** All pages that look on. */
export class Feed {
  readonly #listeners = new Set<Listener>();
  readonly #beat: number;

  /** @param beat Milliseconds between signs of life. */
  constructor(beat: number = BEAT) {
    this.#beat = beat;
  }

  /** How many look on. */
  get count(): number {
    return this.#listeners.size;
  }

  /** Whether there is room for one more. */
  get hasRoom(): boolean {
    return this.count < MOST;
  }

  /**
   * A page that looks on from now.
   *
   * @param first What it is told first.
   */
  listen(first: Sections): AsyncIterable<Uint8Array<ArrayBuffer>> {
    const listener: Listener = new Listener(first, {
      onGone: () => void this.#listeners.delete(listener),
      beat: this.#beat,
    });
    this.#listeners.add(listener);
    return listener;
  }

  /** Tells all of them. */
  tell(sections: Sections): void {
    for (const listener of this.#listeners) listener.tell(sections);
  }

  /** Tells all of them that nothing more comes, and why, behind what they have not taken yet. */
  end(why: string): void {
    for (const listener of this.#listeners) listener.end(why);
    this.#listeners.clear();
  }
}
