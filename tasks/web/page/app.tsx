/// <reference lib="dom" />
/**
 * The page.
 *
 * @module
 */
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Canvas } from "./sheet/canvas.tsx";
import { Help } from "./help.tsx";
import { Icon } from "./icons.tsx";
import { Guesses, Said } from "./live.tsx";
import { NoRun } from "./no_run.tsx";
import { guesses } from "./panels/guesses.tsx";
import { PANELS } from "./panels/panels.ts";
import { Glance, hueOf, RunColumns } from "./runs/run_columns.tsx";
import { hasSheet } from "./sheet/has_sheet.ts";
import { handleKeys } from "./shortcuts.ts";
import type { Store } from "./store.ts";
import { Tabs } from "./tabs.tsx";
import { theme, THEMES } from "./theme.ts";
import { Toolbar } from "./toolbar.tsx";

/** All of the page. */
export function App({ store }: { readonly store: Store }): JSX.Element {
  const help = useRef<HTMLDialogElement>(null);
  const openHelp = (): void => help.current?.showModal();
  useEffect(() => handleKeys(store, openHelp), []);
  return (
    <>
      <header class="top">
        <h1 class="wordmark">
          strokewise
          <svg viewBox="0 0 120 10" preserveAspectRatio="none" aria-hidden="true">
            <path d="M2 6c14-5 22-4 30-1s18 3 28-1 20-3 27 0 18 3 31-1" />
          </svg>
        </h1>
        <Switches store={store} />
        <div class="top-tools">
          <ThemeButton />
          <button type="button" class="bare" aria-label="Help" aria-keyshortcuts="?" onClick={openHelp}>
            <Icon name="help" />
          </button>
        </div>
      </header>
      <main class={hasSheet(store) ? "desk" : "desk is-bare"}>
        {hasSheet(store) && (
          <div class="easel">
            <Canvas store={store} />
            <Toolbar store={store} />
            <div class="foot">
              <Said store={store} />
              {guesses.isOffered(store) && <Glance store={store} />}
            </div>
          </div>
        )}
        <div class="minds">
          {!hasSheet(store) && <Said store={store} />}
          {store.runs.length === 0 && <NoRun store={store} />}
          {!guesses.isOffered(store) && <RunColumns store={store} />}
          <Tabs store={store} panels={PANELS} />
        </div>
      </main>
      <Guesses store={store} />
      <Help dialog={help} draws={hasSheet(store)} />
    </>
  );
}

/** Which runs are on show, where there is a choice. */
function Switches({ store: { runs } }: { readonly store: Store }): JSX.Element {
  if (runs.length < 2) return <div class="switches" />;
  return (
    <div role="group" aria-label="Runs on show" class="switches">
      {runs.map(({ run, isShown }, i) => (
        <button
          key={run.name}
          type="button"
          class={`switch ${hueOf(i)}`}
          aria-pressed={isShown.value}
          onClick={() => void (isShown.value = !isShown.value)}
        >
          {run.name}
        </button>
      ))}
    </div>
  );
}

function ThemeButton(): JSX.Element {
  const next = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length];
  return (
    <button
      type="button"
      class="bare"
      aria-label={`Colours: ${theme.value}`}
      title={`Colours: ${theme.value}. Click for ${next}.`}
      onClick={() => void (theme.value = next)}
    >
      <Icon name={theme.value} />
    </button>
  );
}
