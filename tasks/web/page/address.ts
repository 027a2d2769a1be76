/// <reference lib="dom" />
/**
 * The part of the address behind `#`, which says what panel is chosen.
 *
 * @module
 */
import { signal } from "@preact/signals";

/** What is behind `#`; empty where nothing is. */
export const address = signal("");

/** Follows the address from now on. */
export function followAddress(): void {
  const read = (): void => void (address.value = decoded(location.hash.slice(1)));
  addEventListener("hashchange", read);
  read();
}

/** What was typed there is perhaps no address of this page's. */
function decoded(hash: string): string {
  try {
    return decodeURIComponent(hash);
  } catch {
    return "";
  }
}

/** Goes to another panel; the browser's way back leads to the one before. */
export function goTo(id: string): void {
  location.hash = id;
}
