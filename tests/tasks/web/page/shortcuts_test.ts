import { assertEquals } from "@std/assert";
import { SHORTCUTS } from "../../../../tasks/web/page/shortcuts.ts";

/** What a key does, with those that are held. */
function does(key: string, ...held: ("ctrl" | "meta" | "alt" | "shift")[]): string | undefined {
  const has = (name: "ctrl" | "meta" | "alt" | "shift") => held.includes(name);
  const event = { key, ctrlKey: has("ctrl"), metaKey: has("meta"), altKey: has("alt"), shiftKey: has("shift") };
  const found = SHORTCUTS.filter((shortcut) => shortcut.matches(event as KeyboardEvent));
  assertEquals(found.length <= 1, true, key);
  return found[0]?.does;
}

Deno.test("keys undo, redo and clear on every system, with capitals too, and leave other keys alone", () => {
  for (const command of ["ctrl", "meta"] as const) {
    assertEquals(does("z", command), "Undo");
    assertEquals(does("Z", command), "Undo", "with caps lock");
    assertEquals(does("Z", command, "shift"), "Redo");
    assertEquals(does("y", command), "Redo");
  }
  for (const key of ["Delete", "Backspace", "Escape"]) assertEquals(does(key), "Clear");
  for (const key of ["z", "y", "a", " ", "Enter", "Tab", "ArrowLeft"]) assertEquals(does(key), undefined);
  assertEquals([does("z", "ctrl", "alt"), does("Delete", "ctrl"), does("a", "ctrl")], [
    undefined,
    undefined,
    undefined,
  ]);
});
