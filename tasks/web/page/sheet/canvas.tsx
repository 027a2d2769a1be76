/// <reference lib="dom" />
/**
 * The sheet that is drawn on.
 *
 * @module
 */
import { effect, type ReadonlySignal, useComputed, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { createPainter, type Look, type Painter } from "./painter.ts";
import { handlePointers } from "./pointers.ts";
import type { Store } from "../store.ts";
import { describe } from "../runs/summary.ts";
import { palette } from "../theme.ts";

/** The sheet. */
export function Canvas({ store }: { readonly store: Store }): JSX.Element {
  const element = useRef<HTMLCanvasElement>(null);
  const size = useSignal<Pick<Look, "side" | "ratio" | "isStill"> | undefined>(undefined);
  const look = useComputed((): Look | undefined => size.value && { ...size.value, colours: palette.value });
  const label = useComputed(() => describe(store)).value; // changes less often than what it is made of
  const isBlank = useComputed(() => store.strokes.value.length === 0).value;

  useEffect(() => {
    const canvas = element.current!;
    const still = matchMedia("(prefers-reduced-motion: reduce)");
    const measure = (): void => {
      const side = canvas.clientWidth;
      if (side > 0) size.value = { side, ratio: devicePixelRatio, isStill: still.matches };
    };
    const observer = new ResizeObserver(measure);
    observer.observe(canvas);
    addEventListener("resize", measure); // another zoom or screen changes the ratio alone
    still.addEventListener("change", measure);
    const forgetPointers = handlePointers(canvas, store.pen);
    return () => {
      observer.disconnect();
      removeEventListener("resize", measure);
      still.removeEventListener("change", measure);
      forgetPointers();
    };
  }, []);

  useEffect(() => keepPainted(createPainter(element.current!), store, look), []);

  return (
    <div class="sheet">
      <canvas ref={element} class="sheet-canvas" role="img" aria-label={label} />
      {isBlank && (
        <p class="sheet-hint" aria-hidden="true">
          Draw here
          {store.runs.some(({ run, fault }) => run.names && !fault.value) && (
            <small>The models guess with every stroke</small>
          )}
        </p>
      )}
      <Legend store={store} />
    </div>
  );
}

/** What the colours of a decision are. */
function Legend({ store }: { readonly store: Store }): JSX.Element | null {
  const { run, label } = store.reason.value ?? {};
  if (run === undefined || label === undefined) return null;
  return (
    <p class="sheet-legend">
      <span>
        <i class="swatch is-for" /> for {run.run.classes[label]}
      </span>
      <span>
        <i class="swatch is-against" /> against it
      </span>
      <span class="quiet">{run.run.name}</span>
    </p>
  );
}

/** Paints what there is whenever it changes, once a frame. */
function keepPainted(painter: Painter, store: Store, look: ReadonlySignal<Look | undefined>): () => void {
  let frame = 0;
  const { strokes, isDrawing, overlay, placement, reason } = store;
  const paint = (): void => {
    const seen = look.peek();
    const picture = {
      strokes: strokes.peek(),
      isDrawing: isDrawing.peek(),
      overlay: overlay.peek(),
      placement: placement.peek(),
      reason: reason.peek(),
    };
    const isMoving = seen !== undefined && painter.paint(picture, seen);
    frame = isMoving ? requestAnimationFrame(paint) : 0;
  };
  const forget = effect(() => {
    void [look.value, strokes.value, isDrawing.value, overlay.value, reason.value];
    if (frame === 0) frame = requestAnimationFrame(paint);
  });
  return () => {
    forget();
    cancelAnimationFrame(frame);
  };
}
