/** Sketch-RNN's numbers that are places and not steps. */
import { assertEquals } from "@std/assert";
import { SeenFiles } from "../../../../pipelines/datasets/quickdraw/seen_files.ts";

/** Ten drawings of the same points, dx, dy and pen each. */
function notesOf(...drawing: readonly (readonly [number, number, number])[]): string[] {
  const seen = new SeenFiles({ fit: false, epsilon: 2, splits: "hash" });
  const vectors = Int16Array.from(Array.from({ length: 10 }, () => drawing).flat(2));
  const points = new Uint32Array(10).fill(drawing.length);
  seen.add({ vectors: { vectors, points, refused: new Map(), outside: 0, split: "train", first: 1 } });
  return seen.notes;
}

Deno.test("drawings that go right and down alone are told, others are not", () => {
  const places = "no line of Sketch-RNN's drawings goes left or up: its numbers are steps, are these places?";
  assertEquals(notesOf([-5, -5, 0], [9, 0, 0], [9, 9, 0], [0, 9, 1]), [places]);
  assertEquals(notesOf([5, 5, 0], [9, 0, 0], [0, 9, 0], [-9, 0, 1]), []);
  assertEquals(notesOf([5, 5, 0], [9, 0, 1]), []); // a line
});
