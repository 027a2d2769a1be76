/// <reference lib="dom" />
/**
 * Whether the page has room for one thing at a time beside or below the sheet: a phone, upright or not, or a large zoom.
 *
 * @module
 */
import { signal } from "@preact/signals";

/** One column, or a low one; the style sheet's `desk.css` has the same. */
const NARROW = "(max-width: 899px) and (orientation: portrait), (max-width: 599px), (max-height: 520px)";

/** Whether it is so now. */
export const isNarrow = signal(false);

/** Follows the window from now on. */
export function followWidth(): void {
  const query = matchMedia(NARROW);
  const read = (): void => void (isNarrow.value = query.matches);
  query.addEventListener("change", read);
  read();
}
