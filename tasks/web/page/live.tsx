/// <reference lib="dom" />
/**
 * What is said aloud: the page's messages, which all see, and the runs' guesses, for those who do not see the bars.
 *
 * @module
 */
import { useSignal, useSignalEffect } from "@preact/signals";
import type { JSX } from "preact";
import type { Store } from "./store.ts";
import { guessOf } from "./runs/summary.ts";

/** Milliseconds of rest before a guess is read out: not every change of it is news. */
const REST = 900;

/** The line that all see. */
export function Said({ store }: { readonly store: Store }): JSX.Element {
  // A new element for each message: the same words are read again.
  const { text } = store.message.value;
  return (
    <p class="said" role="status">{store.refusal.value ?? (text && <span key={store.message.value}>{text}</span>)}</p>
  );
}

/** The guesses, read out when the pen rests. */
export function Guesses({ store }: { readonly store: Store }): JSX.Element {
  const words = useSignal("");
  useSignalEffect(() => {
    const guesses = store.runs.map((page) => page.isShown.value ? guessOf(page, page.naming.value) : undefined)
      .filter((guess) => guess !== undefined);
    if (store.isDrawing.value) return;
    const timer = setTimeout(() => void (words.value = guesses.join(". ")), REST);
    return () => clearTimeout(timer);
  });
  return <p class="unseen" role="status">{words.value}</p>;
}
