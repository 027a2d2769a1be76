/// <reference lib="dom" />
/**
 * What is done with the drawing, and how many strokes it has.
 *
 * @module
 */
import { useComputed } from "@preact/signals";
import type { JSX } from "preact";
import { Icon, type IconName } from "./icons.tsx";
import type { Store } from "./store.ts";

/** The bar below the canvas. */
export function Toolbar({ store }: { readonly store: Store }): JSX.Element {
  const hasInk = useComputed(() => store.strokes.value.length > 0).value;
  const tools: readonly { name: string; icon: IconName; can: boolean; run: () => void; keys: string }[] = [
    { name: "Undo", icon: "undo", can: store.canUndo.value, run: store.undo, keys: "Control+Z" },
    { name: "Redo", icon: "redo", can: store.canRedo.value, run: store.redo, keys: "Control+Shift+Z" },
    { name: "Clear", icon: "clear", can: hasInk, run: store.clear, keys: "Delete" },
  ];
  return (
    <div class="tools">
      <div role="toolbar" aria-label="Drawing" class="tool-group">
        {tools.map(({ name, icon, can, run, keys }) => (
          <button
            key={name}
            type="button"
            class="tool"
            aria-disabled={!can}
            aria-keyshortcuts={keys}
            onClick={() => can && run()}
          >
            <Icon name={icon} />
            <span>{name}</span>
          </button>
        ))}
      </div>
      <Tally store={store} />
    </div>
  );
}

/** Strokes as one counts them on paper, and how many there may be. */
function Tally({ store }: { readonly store: Store }): JSX.Element {
  const count = useComputed(() => store.strokes.value.length).value;
  const frames = Math.max(
    0,
    ...store.runs.map(({ engine, isShown }) => {
      const { frames = 1 } = isShown.value ? engine.value?.card.naming ?? {} : {};
      return frames > 1 ? frames : 0;
    }),
  );
  return (
    <p class="tally">
      <span class="tally-marks" aria-hidden="true">
        {Array.from({ length: frames }, (_, i) => <i key={i} class={i < count ? "is-drawn" : undefined} />)}
      </span>
      <span class={frames > 0 && count > frames ? "is-over" : undefined}>
        {frames > 0 && count <= frames ? `${count} of ${frames}` : count}{" "}
        <span class="tally-word">{count === 1 && frames === 0 ? "stroke" : "strokes"}</span>
      </span>
    </p>
  );
}
