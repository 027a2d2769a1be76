/**
 * What a process that another of this project's started does when that one ends, or asks it to.
 *
 * @module
 */

/** Milliseconds in which a process that was ended leaves its children, and those between looks for that. */
const [LEAVING, LOOK_EVERY] = [500, 200];

/** Who is followed, and what is done then. */
export interface Followed {
  /** Ends when it ends, or asks this process to end. */
  readonly input: AsyncIterable<Uint8Array>;
  /** The process that this one is of, as it is now. */
  parent(): number;
  /** Ends this process in good order. */
  askToEnd(): void;
  /** Ends it at once. */
  end(): void;
}

/**
 * Waits for the end of what the parent writes, and ends in good order then; at once where the parent, which had asked for that,
 * ends before, as at a second Ctrl-C.
 */
export async function followParent({ input, parent, askToEnd, end }: Followed): Promise<void> {
  const before = parent();
  for await (const _bytes of input);
  askToEnd();
  await new Promise((passed) => Deno.unrefTimer(setTimeout(passed, LEAVING)));
  if (parent() !== before) return; // it was killed, and has asked for nothing
  const timer = setInterval(() => {
    if (parent() === before) return;
    clearInterval(timer);
    end();
  }, LOOK_EVERY);
  Deno.unrefTimer(timer);
}
