/// <reference lib="dom" />
/**
 * Drawings given to the server that collects them.
 *
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { Store } from "../store.ts";
import type { KeptDrawing } from "./collect_files.ts";
import { refusalOf, sendDrawings } from "./collect_send.ts";

/** What has been sent, so that nothing is sent twice by a second click. */
const sent = new WeakSet<readonly object[]>();

/** What came of sending. */
interface Outcome {
  /** The first of the drawings that were to be sent. */
  readonly of: readonly object[];
  readonly said: string;
  readonly fault?: string;
}

/**
 * A button that sends drawings; nothing where the page's server takes none.
 *
 * @param props.drawings Those that cannot be sent are left out, and where there is no other, it says why.
 */
export function Send({ store, drawings, name }: {
  readonly store: Store;
  readonly drawings: readonly KeptDrawing[];
  readonly name: string;
}): JSX.Element | null {
  const outcome = useSignal<Outcome | undefined>(undefined);
  const isBusy = useSignal(false);
  if (!store.manifest.collects) return null;
  const able = drawings.filter((drawing) => refusalOf(drawing) === undefined);
  const left = able.filter(({ strokes }) => !sent.has(strokes));
  const canSend = left.length > 0 && !isBusy.value;
  const send = async (): Promise<void> => {
    isBusy.value = true;
    const { taken, fault } = await sendDrawings(left);
    for (const { strokes } of left.slice(0, taken)) sent.add(strokes);
    const thanks = taken === 1 ? "Sent. Thank you!" : `${taken} drawings sent. Thank you!`;
    outcome.value = {
      of: drawings[0].strokes,
      said: taken > 0 ? thanks : "",
      ...(fault === undefined ? {} : { fault }),
    };
    isBusy.value = false;
  };
  const refusal = able.length > 0 ? "" : drawings.length > 0 ? refusalOf(drawings[0]) : "There is no drawing.";
  const known = outcome.value?.of === drawings[0]?.strokes ? outcome.value : undefined; // of these, not of those before
  const said = known?.said || (able.length > 0 && left.length === 0 ? "It has been sent." : refusal);
  return (
    <div class="send">
      <button type="button" aria-disabled={!canSend} onClick={() => canSend && void send()}>
        {name}
      </button>
      <span role="status" class="quiet">
        {isBusy.value ? "Sending …" : said}
      </span>
      {known?.fault && <p class="fault" role="alert">{known.fault}</p>}
    </div>
  );
}
