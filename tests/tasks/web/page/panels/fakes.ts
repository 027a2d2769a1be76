/** A page with runs whose answers the tests decide. */
import type { Engine, ModelImage, ModelStrokes, RunCard } from "../../../../../tasks/web/engine/engine.ts";
import { createStore } from "../../../../../tasks/web/page/state/create_store.ts";
import type { Store } from "../../../../../tasks/web/page/store.ts";
import type { SiteRun } from "../../../../../tasks/web/site/manifest.ts";

/** What is called of an engine, with what. */
export interface Call {
  readonly name: string;
  readonly args: readonly unknown[];
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

/** An engine whose requests stay open until the test answers them. */
export function fakeEngine(card: Partial<RunCard>): { readonly engine: Engine; readonly calls: Call[] } {
  const calls: Call[] = [];
  const open = (name: string) => (...args: unknown[]) => {
    const { promise, resolve, reject } = Promise.withResolvers<never>();
    calls.push({ name, args, resolve: resolve as (answer: unknown) => void, reject });
    return promise;
  };
  const engine: Engine = {
    card: {
      ...{ name: "run", model: "fake", classes: [], backend: "cpu", device: "", notes: [], loadMs: 0 },
      check: { passed: true, worst: 0 },
      ...card,
    },
    ...{ name: open("name"), explain: open("explain"), finish: open("finish") },
    ...{ drawStrokes: open("drawStrokes"), drawImages: open("drawImages") },
    [Symbol.dispose]: () => {},
  };
  return { engine, calls };
}

/** A page with these engines, all loaded; frames are painted at once. */
export async function fakePage(...engines: readonly Engine[]): Promise<Store> {
  const file = { path: "weights", size: 1, sha256: "" };
  const runs = engines.map(({ card }): SiteRun => ({
    ...{ name: card.name, model: card.model, classes: card.classes, weights: file, notes: [] },
    ...{ names: card.naming !== undefined, looks: card.images === undefined },
    ...{ check: { drawing: [], seed: 0, numbers: [] } },
  }));
  const store = createStore({ version: 1, runs, worker: "", wasmFolder: "", command: "", collects: false }, {
    open: ({ name }) => Promise.resolve(engines.find(({ card }) => card.name === name)!),
    openPrototypes: () => Promise.resolve([]),
    requestFrame: (callback) => callback(),
  });
  await Promise.all(store.runs.map((run) => run.load()));
  return store;
}

/** Draws a stroke by hand; with `isOpen` the pen stays down. */
export function drawByHand(store: Store, points: readonly (readonly [x: number, y: number])[], isOpen = false): void {
  const pen = points.map(([x, y], i) => ({ x, y, time: 100 * i }));
  store.pen.down(pen[0]);
  store.pen.move(pen.slice(1));
  if (!isOpen) store.pen.up();
}

/** Lets what was answered take effect. */
export async function turns(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

/** Strokes that a model draws. */
export function strokesOf(drawing: ModelStrokes["drawing"], latent?: readonly number[]): ModelStrokes {
  return { drawing, ended: true, ...(latent ? { latent: Float32Array.from(latent) } : {}) };
}

/** An image of one cell that a model draws in as many steps as its latent is long. */
export function imageOf(latent: readonly number[]): ModelImage {
  const canvases = Uint8Array.from(latent, (value) => 100 * value);
  return { canvases, steps: latent.length, side: 1, channels: 1, latent: Float32Array.from(latent) };
}
