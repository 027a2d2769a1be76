/// <reference lib="dom" />
/**
 * The panels as tabs, of which one is open.
 *
 * @module
 */
import { useComputed } from "@preact/signals";
import type { JSX } from "preact";
import { address, goTo } from "./address.ts";
import type { Panel } from "./panels/panel.ts";
import type { Store } from "./store.ts";

/** Keys that lead from one tab to another, and by how many. */
const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };

/** The tabs of those panels that the runs can fill, and what the open one shows. */
export function Tabs({ store, panels }: { readonly store: Store; readonly panels: readonly Panel[] }): JSX.Element {
  const offered = useComputed(() => panels.filter((panel) => panel.isOffered(store))).value;
  const open = offered.find(({ id }) => id === address.value) ?? offered[0];
  if (!open) return <div />;
  const step = (event: JSX.TargetedKeyboardEvent<HTMLElement>): void => {
    const by = STEPS[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const at = Math.min(offered.length - 1, Math.max(0, offered.indexOf(open) + by));
    goTo(offered[at].id);
    document.getElementById(`tab-${offered[at].id}`)?.focus();
  };
  return (
    <div class="panels">
      <div role="tablist" aria-label="What to do" class="tabs" onKeyDown={step}>
        {offered.map(({ id, title }) => (
          <button
            key={id}
            id={`tab-${id}`}
            type="button"
            role="tab"
            class="tab"
            aria-selected={id === open.id}
            aria-controls="panel"
            tabIndex={id === open.id ? 0 : -1}
            onClick={() => goTo(id)}
          >
            {title}
          </button>
        ))}
      </div>
      <div role="tabpanel" id="panel" class="panel" aria-labelledby={`tab-${open.id}`}>
        <open.Content key={open.id} store={store} />
      </div>
    </div>
  );
}
