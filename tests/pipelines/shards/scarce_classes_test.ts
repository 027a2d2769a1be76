import { assertEquals } from "@std/assert";
import { scarceNotes } from "../../../pipelines/shards/scarce_classes.ts";

Deno.test("classes with fewer examples than were asked for are told, the rarest first", () => {
  const classes = ["cat", "eye", "sun"];
  const splits = [{ perClass: [80, 10, 1000] }, { perClass: [10, 1, 5] }, { perClass: [10, 0, 5] }];
  const notes = (perClass: number) => scarceNotes({ classes, splits, perClass });
  assertEquals([notes(11), notes(Infinity)], [[], []]);
  assertEquals(notes(12), ["--per-class 12 is more than there are of 1 class: eye 11"]);
  assertEquals(notes(2000), ["--per-class 2,000 is more than there are of 3 classes: eye 11, cat 100, sun 1,010"]);
  const many = Array.from({ length: 10 }, (_, i) => `c${i}`);
  const [note] = scarceNotes({ classes: many, splits: [{ perClass: many.map(() => 1) }], perClass: 2 });
  assertEquals(note.slice(-11), " and 2 more");
});
