/// <reference lib="dom" />
/**
 * From pointers to the pen: a mouse's main button, a pen's tip, one finger.
 *
 * @module
 */
import type { Pen, PenPoint } from "../store.ts";

/** Places are whole multiples of the element's side over it, a power of 2: files say them in few digits, and exactly. */
const FINENESS = 2 ** 16;

/** A distance as a share of a side. */
function shareOf(distance: number, side: number): number {
  return Math.round(FINENESS * distance / side) / FINENESS;
}

/** The bit of `buttons` for a mouse's main button, a pen's tip, a finger. */
const MAIN = 1;

/**
 * Lets pointers on an element draw.
 *
 * One pointer draws at a time: a second finger is not seen. A pen takes the place of a finger, which was the palm of the hand
 * that holds it. What the system takes away (`pointercancel`) is forgotten; what only leaves the element goes on.
 *
 * @returns What ends it.
 */
export function handlePointers(element: HTMLElement, pen: Pen): () => void {
  let active: { readonly id: number; readonly type: string } | undefined;

  const pointOf = ({ clientX, clientY, timeStamp }: PointerEvent, frame: DOMRect): PenPoint => ({
    x: shareOf(clientX - frame.left, frame.width),
    y: shareOf(clientY - frame.top, frame.height),
    time: timeStamp,
  });
  const down = (event: PointerEvent): void => {
    const isPalm = active?.type === "touch" && event.pointerType === "pen";
    if (event.button !== 0 || !event.isPrimary || active && !isPalm) return;
    if (isPalm) pen.cancel();
    event.preventDefault(); // no text is selected, no picture dragged
    // And so no focus is moved: keys would still press the button that was clicked before.
    const focused = element.ownerDocument?.activeElement;
    if (focused && "blur" in focused) (focused as HTMLElement).blur();
    active = { id: event.pointerId, type: event.pointerType };
    try {
      element.setPointerCapture(event.pointerId);
    } catch {
      // the pointer is gone already: its end was seen, or comes
    }
    pen.down(pointOf(event, element.getBoundingClientRect()));
  };
  const move = (event: PointerEvent): void => {
    if (event.pointerId !== active?.id) return;
    // While another button is held, letting the main one go is a movement too.
    if ((event.buttons & MAIN) === 0) return up(event);
    const frame = element.getBoundingClientRect();
    const parts = event.getCoalescedEvents?.() ?? [];
    pen.move((parts.length > 0 ? parts : [event]).map((part) => pointOf(part, frame)));
  };
  const end = (event: PointerEvent, finish: () => void): void => {
    if (event.pointerId !== active?.id) return;
    active = undefined;
    finish();
  };
  const up = (event: PointerEvent): void => end(event, pen.up);
  const cancel = (event: PointerEvent): void => end(event, pen.cancel);
  const menu = (event: Event): void => active && event.preventDefault(); // a long touch is a stroke that rests

  const listeners = {
    pointerdown: down,
    pointermove: move,
    pointerup: up,
    pointercancel: cancel,
    lostpointercapture: up,
    contextmenu: menu,
  };
  const entries = Object.entries(listeners) as [string, EventListener][];
  for (const [type, listener] of entries) element.addEventListener(type, listener);
  return () => {
    for (const [type, listener] of entries) element.removeEventListener(type, listener);
  };
}
