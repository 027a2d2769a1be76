/**
 * What a panel of the page is: a part beside the canvas that offers one thing to do.
 *
 * @module
 */
import type { JSX } from "preact";
import type { Store } from "../store.ts";

/** A panel. */
export interface Panel {
  /** Its address, `#id`. */
  readonly id: string;
  /** What its tab says. */
  readonly title: string;
  /** Whether the runs there are can do it; it is not shown otherwise. Reads signals. */
  isOffered(store: Store): boolean;
  /** What it shows while it is chosen. */
  readonly Content: (props: { readonly store: Store }) => JSX.Element;
}
