/**
 * A run at work in the thread that it is called from: what the Worker does, without the Worker. Browser safe.
 *
 * @module
 */
import { type BackendDescription, type BackendName, startBackend } from "../../../models/backends/backend.ts";
import { checkDrawing } from "../../../models/zoo/drawing_reader.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import type { SelfCheck } from "../site/manifest.ts";
import { type CheckResult, compareNumbers, selfCheckNumbers } from "../site/self_check.ts";
import { buildRun, type BuiltRun, partsOf, type RunParts } from "./built_run.ts";
import type { Engine, Explanation, Naming, RunCard } from "./engine.ts";
import { gradientTimesInput } from "./explain.ts";
import { drawPageImages } from "./image_work.ts";
import { strokeWork } from "./stroke_work.ts";

/** What an engine is made of. */
export interface EngineInput {
  /** The run's name. */
  readonly name: string;
  /** As `readModelFile` encodes it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly check: SelfCheck;
  /** What was said of the run before. */
  readonly notes?: readonly string[];
  /** Whether grey pictures that it draws are light, 255 white, and no ink; not when left out. */
  readonly light?: boolean;
}

/** What it runs on. */
export interface EngineBackend {
  /** The first that works and passes the check when left out. */
  readonly backend?: BackendName | undefined;
  /** Where tfjs's `.wasm` lies: a URL that ends in `/`; a page needs it. */
  readonly wasmFolder?: string | undefined;
}

/**
 * Builds a run's model and checks that it computes what was stored. A graphics card that computes something else is passed
 * over, if nobody asked for it.
 *
 * @throws {InputError} When the file is none, or there is nothing that the model can do on a page.
 * @throws {Error} When no backend starts.
 */
export async function openRunEngine(input: EngineInput, { backend, wasmFolder }: EngineBackend = {}): Promise<Engine> {
  const begun = performance.now();
  const options = wasmFolder === undefined ? {} : { wasmFolder };
  let started = await startBackend(backend, options);
  const notes: string[] = [];
  let opened = backend === undefined && started.name === "webgpu" ? await tried(input, notes, started) : undefined;
  if (opened === undefined) {
    if (notes.length > 0) started = await startBackend("wasm", options);
    opened = await buildAndCheck(input);
  }
  const { run, parts, result } = opened;
  const card: RunCard = {
    name: input.name,
    model: run.spec.name,
    classes: run.state.data.classes,
    ...{ backend: started.name, device: started.device },
    notes: [...input.notes ?? [], ...parts.notes, ...notes],
    check: result,
    loadMs: performance.now() - begun,
    ...abilities(parts),
  };
  return engineOf(card, run, { ...parts, isLight: input.light ?? false });
}

/** A model that has been warmed up by its check. */
interface Opened {
  readonly run: BuiltRun;
  readonly parts: RunParts;
  readonly result: CheckResult;
}

async function buildAndCheck({ bytes, name, check }: EngineInput): Promise<Opened> {
  const run = await buildRun(bytes, name);
  try {
    const parts = partsOf(run);
    return { run, parts, result: compareNumbers(await selfCheckNumbers(parts, check), check.numbers) };
  } catch (error) {
    run.model.dispose();
    throw error;
  }
}

/** A model on a graphics card that nobody asked for; undefined, and a note, where it does not compute what it should. */
async function tried(
  input: EngineInput,
  notes: string[],
  { device }: BackendDescription,
): Promise<Opened | undefined> {
  let why: string;
  try {
    const opened = await buildAndCheck(input);
    if (opened.result.passed) return opened;
    opened.run.model.dispose();
    why = `computes other numbers, off by ${opened.result.worst.toPrecision(2)}`;
  } catch (error) {
    if (error instanceof InputError) throw error; // no card would help
    why = `fails: ${(error as Error).message}`;
  }
  notes.push(`WebGPU on ${device} ${why}; it is passed over`);
  return undefined;
}

/** The part of a card that says what the run can do. */
function abilities({ naming, strokes, images }: RunParts): Pick<RunCard, "naming" | "strokes" | "images"> {
  const view = naming?.reader.view;
  return {
    ...(view
      ? {
        naming: {
          ...{ side: view.side, frames: view.frames, explains: naming?.frames !== undefined },
          ...(view.overflow ? { overflow: view.overflow } : {}),
        },
      }
      : {}),
    ...(strokes ? { strokes: { latentSize: strokes.latentSize, told: strokes.classes > 0 } } : {}),
    ...(images
      ? { images: { latentShape: images.drawer.latentShape, prior: images.source.isNormal ? "normal" : "none" } }
      : {}),
  };
}

function engineOf(
  card: RunCard,
  { model }: BuiltRun,
  { naming, strokes, images, isLight }: RunParts & { readonly isLight: boolean },
): Engine {
  const needed = <T>(part: T | undefined, what: string): T => {
    if (part !== undefined) return part;
    throw new TypeError(`${card.name}, ${card.model}, ${what}`);
  };
  const drawer = strokes && strokeWork(strokes);
  return {
    card,
    async name(drawing, every): Promise<Naming> {
      const begun = performance.now();
      const { reader } = needed(naming, "names no drawings");
      const { probabilities, picture, ms } = every ? await reader.readEach(drawing) : await reader.read(drawing);
      const { view } = reader;
      return {
        ...{ drawing, rows: probabilities, raster: picture, grey: view.isGrey, seen: view.countOf(drawing) },
        ms: { all: performance.now() - begun, model: ms },
      };
    },
    async explain(drawing, label): Promise<Explanation> {
      const begun = performance.now();
      const { reader: { view }, frames } = needed(naming, "names no drawings");
      checkDrawing(drawing, "explain");
      checkLabel(label, card.classes.length);
      const cells = gradientTimesInput(needed(frames, "looks at no frames"), view.see([drawing]).batch, label);
      const values = Float32Array.from(await cells.data<"float32">());
      cells.dispose();
      return { cells: values, frames: view.frames, side: view.side, ms: performance.now() - begun };
    },
    finish: async (begun, wish) => await needed(drawer, "draws no strokes").finish(begun, wish),
    drawStrokes: async (wish, like) => await needed(drawer, "draws no strokes").drawStrokes(wish, like),
    drawImages: async (wish) => await drawPageImages(needed(images, "draws no images"), wish, isLight),
    [Symbol.dispose]: () => model.dispose(),
  };
}

function checkLabel(label: number, classes: number): void {
  if (Number.isInteger(label) && label >= 0 && label < classes) return;
  throw new RangeError(`class ${label}: expected 0 to ${classes - 1}`);
}
