/// <reference lib="dom" />
/**
 * Light, dark, or as the system has it; remembered where the browser lets the page remember.
 *
 * @module
 */
import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { type Colours, coloursAt } from "./sheet/colours.ts";

/** What can be chosen. */
export const THEMES = ["system", "light", "dark"] as const;

/** A choice. */
export type Theme = typeof THEMES[number];

const KEY = "strokewise-theme";

/** The choice. */
export const theme = signal<Theme>(remembered());

/** Counts up whenever the colours may have changed, by choice or by the system. */
const changes = signal(0);

/** The style sheet's colours in the present theme. */
export const palette: ReadonlySignal<Colours> = computed(() => {
  void changes.value;
  return coloursAt(document.body);
});

/** Applies the choice from now on. */
export function startTheme(): void {
  effect(() => {
    const chosen = theme.value;
    if (chosen === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = chosen;
    remember(chosen);
    changes.value = changes.peek() + 1;
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => void changes.value++);
}

function remembered(): Theme {
  try {
    const found = localStorage.getItem(KEY);
    return THEMES.find((name) => name === found) ?? "system";
  } catch { // a page may be forbidden to remember
    return "system";
  }
}

function remember(chosen: Theme): void {
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // it is chosen for as long as the page is open
  }
}
