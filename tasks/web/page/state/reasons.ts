/// <reference lib="dom" />
/**
 * Keeps the answer to where a decision comes from up to date with the drawing, between strokes.
 *
 * @module
 */
import { effect, type ReadonlySignal, signal } from "@preact/signals";
import type { Drawing } from "../../../../pipelines/strokes/stroke.ts";
import { latest } from "./latest.ts";
import type { Placement, Question, Reason } from "../store.ts";
import type { Scene } from "./watching.ts";

/** The label that a question is about, once the run has named the present drawing: its own, or the likeliest one. */
function labelAsked({ run, label }: Question, drawing: Drawing): number | undefined {
  const naming = run.naming.value;
  if (naming?.drawing !== drawing) return undefined;
  const row = naming.rows[naming.rows.length - 1];
  return label ?? row.indexOf(Math.max(...row));
}

/**
 * Answers from now on.
 *
 * @returns The answer; undefined while nobody asks, while a stroke is drawn, and until there is one.
 */
export function watchReasons(
  scene: Scene & { readonly placement: ReadonlySignal<Placement | undefined> },
  question: ReadonlySignal<Question | undefined>,
): ReadonlySignal<Reason | undefined> {
  const reason = signal<Reason | undefined>(undefined);
  const questions = latest(
    async ({ run, label, placement }: Omit<Reason, "explanation">): Promise<Reason | undefined> => {
      const explanation = await run.engine.peek()?.explain(scene.drawing.peek(), label);
      return explanation && { run, label, placement, explanation };
    },
    {
      answer: (answer) => void (reason.value = answer),
      failure: () => void (reason.value = undefined),
    },
  );
  effect(() => {
    const asked = question.value;
    const [label, placement] = [asked && labelAsked(asked, scene.drawing.value), scene.placement.value];
    const canBe = asked?.run.engine.value?.card.naming?.explains && asked.run.isShown.value;
    questions.forget();
    reason.value = undefined;
    if (!asked || !canBe || label === undefined || !placement || scene.isDrawing.value) return;
    questions.ask({ run: asked.run, label, placement });
  });
  return reason;
}
