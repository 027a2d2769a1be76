/// <reference lib="dom" />
/**
 * What the page is, and its keys.
 *
 * @module
 */
import type { JSX, RefObject } from "preact";
import { Icon } from "./icons.tsx";
import { HELP_KEY, SHORTCUTS } from "./shortcuts.ts";

/** The help; whoever opens it calls `showModal`. It is about drawing where there is a sheet to draw on. */
export function Help({ dialog, draws }: {
  readonly dialog: RefObject<HTMLDialogElement>;
  readonly draws: boolean;
}): JSX.Element {
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title" onClick={closeOutside}>
      <form method="dialog" class="help-close">
        <button type="submit" class="bare" aria-label="Close">
          <Icon name="close" />
        </button>
      </form>
      {draws ? <Drawing /> : <Making />}
      <dl class="keys">
        {draws && SHORTCUTS.map(({ does, keys }) => (
          <div key={does}>
            <dt>{does}</dt>
            <dd>{keys.map((combination) => <kbd key={combination}>{combination}</kbd>)}</dd>
          </div>
        ))}
        <div>
          <dt>This help</dt>
          <dd>
            <kbd>{HELP_KEY}</kbd>
          </dd>
        </div>
      </dl>
    </dialog>
  );
}

function Drawing(): JSX.Element {
  return (
    <>
      <h2 id="help-title">Draw, and watch the models make up their minds</h2>
      <p>
        Each run is a model that was trained on drawings, stroke by stroke. It works here, in your browser: what you
        draw goes nowhere unless you send it.
      </p>
      <p>
        The bars say how likely each class is to it now; the lines, how it came to think so; the small pictures, what it
        saw after each stroke. Choose a bar, and the canvas shows what speaks for and against that class.
      </p>
      <p>
        Behind the tabs, the models do more with it, as far as your runs can: tidy it up, finish it, draw of their own
        accord, or play against the clock with you.
      </p>
    </>
  );
}

function Making(): JSX.Element {
  return (
    <>
      <h2 id="help-title">Watch the models make pictures</h2>
      <p>
        Each run is a model that was trained on pictures, and makes new ones out of random numbers, here, in your
        browser. None of them looks at drawings, so there is nothing to draw on.
      </p>
      <p>
        Choose a picture to keep it, or two to go from one to the other; Others makes more.
      </p>
    </>
  );
}

/** A click beside the dialog, on its backdrop, closes it. */
function closeOutside({ currentTarget, target }: JSX.TargetedMouseEvent<HTMLDialogElement>): void {
  if (target === currentTarget) currentTarget.close();
}
