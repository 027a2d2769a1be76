/// <reference lib="dom" />
/**
 * What keys do.
 *
 * @module
 */
import type { Store } from "./store.ts";

/** A shortcut. */
export interface Shortcut {
  /** What it does. */
  readonly does: string;
  /** As one reads it. */
  readonly keys: readonly string[];
  /** Whether a key is it. */
  matches(event: KeyboardEvent): boolean;
  run(store: Store): void;
}

const isCommand = (event: KeyboardEvent): boolean => (event.ctrlKey || event.metaKey) && !event.altKey;
const isPlain = (event: KeyboardEvent): boolean => !event.ctrlKey && !event.metaKey && !event.altKey;
const is = (event: KeyboardEvent, key: string): boolean => event.key.toLowerCase() === key;

/** All of the canvas's. */
export const SHORTCUTS: readonly Shortcut[] = [
  {
    does: "Undo",
    keys: ["Ctrl Z", "⌘ Z"],
    matches: (event) => isCommand(event) && !event.shiftKey && is(event, "z"),
    run: (store) => store.undo(),
  },
  {
    does: "Redo",
    keys: ["Ctrl Shift Z", "Ctrl Y", "⌘ Shift Z"],
    matches: (event) => isCommand(event) && (event.shiftKey && is(event, "z") || is(event, "y")),
    run: (store) => store.redo(),
  },
  {
    does: "Clear",
    keys: ["Delete", "Esc"],
    matches: (event) => isPlain(event) && ["delete", "backspace", "escape"].some((key) => is(event, key)),
    run: (store) => store.clear(),
  },
];

/** The key that opens the help. */
export const HELP_KEY = "?";

/**
 * Lets keys work from now on, but where text is written, while a dialog is open, and where a panel has used the key.
 *
 * @param help Opens the help.
 * @returns What ends it.
 */
export function handleKeys(store: Store, help: () => void): () => void {
  const press = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || isWriting(event.target) || document.querySelector("dialog[open]")) return;
    const found = SHORTCUTS.find((shortcut) => shortcut.matches(event));
    if (found) found.run(store);
    else if (isPlain(event) && event.key === HELP_KEY) help();
    else return;
    event.preventDefault();
  };
  addEventListener("keydown", press);
  return () => removeEventListener("keydown", press);
}

/** Whether keys write text there, or choose what is in a list. */
function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["button", "checkbox", "radio", "range"].includes(target.type);
  return target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
