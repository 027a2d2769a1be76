/// <reference lib="dom" />
/**
 * A number that is set by dragging.
 *
 * @module
 */
import type { Signal } from "@preact/signals";
import type { JSX } from "preact";

/** A slider with its name and its value beside it. */
export function Slider({ label, value, min, max, step, format = String, touch }: {
  readonly label: string;
  readonly value: Signal<number>;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** The value as one reads it. */
  readonly format?: (value: number) => string;
  /** Is told whenever somebody moves it. */
  readonly touch?: () => void;
}): JSX.Element {
  const shown = format(value.value);
  return (
    <label class="slider">
      <span>{label}</span>
      <input
        type="range"
        min={min}
        max={max}
        step={step}
        value={value.value}
        aria-valuetext={shown}
        onInput={({ currentTarget }) => {
          touch?.();
          value.value = currentTarget.valueAsNumber;
        }}
      />
      <output>{shown}</output>
    </label>
  );
}

/** How much a model that draws strokes leaves to chance. */
export function TemperatureSlider({ value }: { readonly value: Signal<number> }): JSX.Element {
  return (
    <Slider
      label="Temperature"
      value={value}
      min={0.05}
      max={1}
      step={0.05}
      format={(value) => value.toFixed(2)}
    />
  );
}
