/**
 * What the page's side of an engine and its Worker say to each other. Browser safe.
 *
 * @module
 */
import type { BackendName } from "../../../models/backends/backend.ts";
import type { SiteRun } from "../site/manifest.ts";
import type { Engine, RunCard } from "./engine.ts";

/** What is asked of an engine. */
export type EngineMethod = "name" | "explain" | "finish" | "drawStrokes" | "drawImages";

/** The first message to a Worker: it fetches the run's file, and builds its model. */
export interface OpenMessage {
  readonly kind: "open";
  readonly run: SiteRun;
  /** What the run's paths are relative to. */
  readonly base: string;
  readonly wasmFolder?: string | undefined;
  readonly backend?: BackendName | undefined;
}

/** A call of a method of the engine. */
export interface CallMessage<M extends EngineMethod = EngineMethod> {
  readonly kind: "call";
  /** Comes back with the answer. */
  readonly id: number;
  readonly method: M;
  readonly args: Parameters<Engine[M]>;
}

/** What the Worker says: that it is open or cannot be opened, and what comes of each call. */
export type AnswerMessage =
  | { readonly kind: "opened"; readonly card: RunCard }
  | { readonly kind: "closed"; readonly message: string }
  | { readonly kind: "answer"; readonly id: number; readonly answer: unknown }
  | { readonly kind: "fault"; readonly id: number; readonly message: string };

/** What is said of something that was thrown. */
export const messageOf = (error: unknown): string => error instanceof Error ? error.message : String(error);
