/// <reference lib="dom" />
/**
 * How samples are shown and what can be done with one, by kind.
 *
 * @module
 */
import type { JSX } from "preact";
import { svgOf } from "./collect_files.ts";
import { pictureOf } from "./collect_picture.ts";
import { saveFile } from "../parts/save.ts";
import { Sketch } from "../parts/sketch.tsx";
import { centred, putOnCanvas } from "../state/placement.ts";
import type { DrawnStroke, Store } from "../store.ts";
import { timeAfter } from "./canvas_strokes.ts";
import { pixelFile, Pixels } from "./samples_pixels.tsx";
import type { SamplesByKind, Wall } from "./samples_wall.ts";
import type { ModelStrokes } from "../../engine/engine.ts";

/** How many of an image's steps are shown, 1-based, and whether with the window of the last of them. */
export interface Moment {
  readonly steps: number;
  readonly isWriting: boolean;
}

/** Something that can be done with a sample. */
interface Act<S> {
  readonly name: string;
  run(sample: S, store: Store): Promise<void> | void;
}

/** What there is for a kind of samples. */
interface KindView<S> {
  show(sample: S, moment: Moment): JSX.Element;
  /** What is worth saying of one; empty where nothing is. */
  note(sample: S): string;
  readonly acts: readonly Act<S>[];
}

/** Pixels of a side of a picture that is saved. */
const SIDE = 512;

function placed({ drawing }: ModelStrokes, start = 0): DrawnStroke[] {
  return drawing.length === 0 ? [] : putOnCanvas(drawing, { placement: centred(drawing), by: "model", start });
}

const VIEWS: { readonly [K in keyof SamplesByKind]: KindView<SamplesByKind[K]> } = {
  strokes: {
    show: ({ drawing }) => <Sketch layers={[{ drawing, by: "model" }]} />,
    note: ({ ended }) => ended ? "" : "cut short",
    acts: [
      {
        name: "Onto the canvas",
        run(sample, store) {
          store.replace(placed(sample, timeAfter(store.strokes.peek())));
          store.say("The model's drawing is on the canvas. Undo brings yours back.");
        },
      },
      {
        name: "PNG",
        run: async (sample) => saveFile(await pictureOf(placed(sample), SIDE), "sample.png"),
      },
      { name: "SVG", run: (sample) => saveFile(svgOf(placed(sample), undefined), "sample.svg", "image/svg+xml") },
    ],
  },
  images: {
    show: (image, { steps, isWriting }) => (
      <Pixels image={image} step={Math.min(steps, image.steps) - 1} isWriting={isWriting} />
    ),
    note: () => "",
    acts: [{ name: "PNG", run: async (image) => saveFile(await pixelFile(image), "sample.png") }],
  },
};

/** A sample of a wall with what belongs to its kind. */
export interface ShownSample {
  readonly picture: JSX.Element;
  readonly note: string;
  readonly acts: readonly { readonly name: string; run(): Promise<void> | void }[];
}

/** The samples of a wall, ready to be shown. */
export function shownOf(wall: Wall, moment: Moment, store: Store): ShownSample[] {
  const shown = <K extends keyof SamplesByKind>(kind: K, samples: readonly SamplesByKind[K][]): ShownSample[] => {
    const { show, note, acts } = VIEWS[kind];
    return samples.map((sample) => ({
      picture: show(sample, moment),
      note: note(sample),
      acts: acts.map(({ name, run }) => ({ name, run: () => run(sample, store) })),
    }));
  };
  return wall.kind === "strokes" ? shown("strokes", wall.samples) : shown("images", wall.samples);
}

/** The steps of a wall's images; 1 of samples that have none. */
export function stepsOf(wall: Wall | undefined): number {
  return wall?.kind === "images" ? wall.samples[0]?.steps ?? 1 : 1;
}
