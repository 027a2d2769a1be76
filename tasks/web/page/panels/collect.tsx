/// <reference lib="dom" />
/**
 * The drawing to take along, and to give.
 *
 * @module
 */
import { signal, useSignal, useSignalEffect } from "@preact/signals";
import type { JSX } from "preact";
import { Choice } from "../parts/choice.tsx";
import { saveFile } from "../parts/save.ts";
import { hasSheet } from "../sheet/has_sheet.ts";
import type { Store } from "../store.ts";
import { Send } from "./collect_button.tsx";
import { fileName, type KeptDrawing, ndjsonOf, svgOf } from "./collect_files.ts";
import { Naming } from "./collect_guesses.tsx";
import { pictureOf } from "./collect_picture.ts";
import { isRecognized } from "./first_guess.ts";
import { keptFor } from "./kept.ts";
import type { Panel } from "./panel.ts";

const wordOf = keptFor(() => signal(""));

/** The panel. */
export const collect: Panel = {
  id: "keep",
  title: "Keep it",
  isOffered: hasSheet,
  Content: ({ store }) => {
    const word = wordOf(store);
    useSignalEffect(() => {
      if (store.strokes.value.length === 0) word.value = "";
    });
    const strokes = store.strokes.value;
    const name = word.value.trim();
    const named = name === "" ? {} : { word: name, recognized: isRecognized(store.runs, name) };
    const drawing: KeptDrawing = { strokes, at: Date.now(), ...named };
    return (
      <>
        <p>
          Take your drawing along.{" "}
          {store.manifest.collects && "Or send it: whoever runs this page collects drawings to train models on."}
        </p>
        <Naming store={store} word={word} />
        <Files store={store} drawing={drawing} />
        <Send store={store} drawings={[drawing]} name="Send it" />
      </>
    );
  },
};

/** Whether the browser hands pictures on to other programs. */
function canShare(): boolean {
  const picture = new File([""], "drawing.png", { type: "image/png" });
  return navigator.canShare?.({ files: [picture] }) ?? false;
}

/** Pixels of a side. */
const SIDES = [256, 512, 1024, 2048];

/** Buttons for each kind of file. */
function Files({ store, drawing }: { readonly store: Store; readonly drawing: KeptDrawing }): JSX.Element {
  const size = useSignal(2);
  const fault = useSignal("");
  const { strokes, word } = drawing;
  const isBlank = strokes.length === 0;
  const name = fileName(word);
  const picture = () => pictureOf(strokes, SIDES[size.value]);
  const share = async (): Promise<void> => {
    const files = [new File([await picture()], `${name}.png`, { type: "image/png" })];
    await navigator.share({ files, title: word ?? "A drawing" });
  };
  const copy = async (): Promise<void> => {
    await navigator.clipboard.write([new ClipboardItem({ "image/png": picture() })]);
    store.say("The picture is on the clipboard.");
  };
  const acts: readonly { readonly name: string; readonly isOffered?: boolean; run(): Promise<void> | void }[] = [
    { name: "PNG", run: async () => saveFile(await picture(), `${name}.png`) },
    { name: "SVG", run: () => saveFile(svgOf(strokes, word), `${name}.svg`, "image/svg+xml") },
    { name: "ndjson", run: () => saveFile(ndjsonOf([drawing]), `${name}.ndjson`, "application/x-ndjson") },
    { name: "Copy", isOffered: "ClipboardItem" in globalThis && "clipboard" in navigator, run: copy },
    { name: "Share", isOffered: canShare(), run: share },
  ];
  const run = async (act: () => Promise<void> | void): Promise<void> => {
    fault.value = "";
    try {
      await act();
    } catch (error) {
      const { name, message } = error as Error;
      if (name !== "AbortError") fault.value = message; // who shares may think better of it
    }
  };
  return (
    <>
      <div class="controls">
        <div class="button-row">
          {acts.filter(({ isOffered = true }) => isOffered).map(({ name, run: act }) => (
            <button
              key={name}
              type="button"
              aria-disabled={isBlank}
              onClick={() => isBlank || void run(act)}
            >
              {name}
            </button>
          ))}
        </div>
        <Choice
          label="Pictures of"
          options={SIDES.map((side) => `${side} × ${side}`)}
          chosen={size.value}
          choose={(place) => void (size.value = place)}
        />
      </div>
      <p class="quiet">
        {isBlank
          ? "The canvas is blank."
          : "ndjson has the strokes with their times, as Quick, Draw! has them: training data for “deno task prepare --fit”."}
      </p>
      {fault.value && <p class="fault" role="alert">{fault.value}</p>}
    </>
  );
}
