/// <reference lib="dom" />
/**
 * Images step by step: a place to drag to, and a button that lets the steps run.
 *
 * @module
 */
import { type Signal, useSignal, useSignalEffect } from "@preact/signals";
import type { JSX } from "preact";
import { useLayoutEffect } from "preact/hooks";
import { Slider } from "../parts/slider.tsx";

/** Milliseconds in which all steps run, and at least from one to the next. */
const [ALL, LEAST] = [3000, 60];

/**
 * The steps; they run once by themselves, but for those who prefer no motion.
 *
 * @param props.step How many are shown, 1-based.
 * @param props.total How many there are, 2 or more.
 */
export function Steps({ step, total }: { readonly step: Signal<number>; readonly total: number }): JSX.Element {
  const isRunning = useSignal(false);
  useLayoutEffect(() => {
    isRunning.value = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    step.value = isRunning.value ? 1 : total;
  }, []);
  useSignalEffect(() => {
    if (!isRunning.value) return;
    const timer = setInterval(() => {
      step.value = Math.min(total, step.peek() + 1);
      if (step.peek() === total) isRunning.value = false;
    }, Math.max(LEAST, ALL / total));
    return () => clearInterval(timer);
  });
  const toggle = (): void => {
    if (!isRunning.value && step.value >= total) step.value = 1;
    isRunning.value = !isRunning.value;
  };
  return (
    <div class="controls">
      <button type="button" onClick={toggle}>{isRunning.value ? "Pause" : "Play"}</button>
      <Slider
        label="Step"
        value={step}
        min={1}
        max={total}
        step={1}
        format={(value) => `${value} of ${total}`}
        touch={() => void (isRunning.value = false)}
      />
    </div>
  );
}
