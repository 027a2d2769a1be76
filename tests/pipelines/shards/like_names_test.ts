/** Classes that differ in what people do not see. */
import { assertEquals } from "@std/assert";
import { likeNamesNotes } from "../../../pipelines/shards/like_names.ts";

Deno.test("classes that look the same are told, letters and words that differ are not", () => {
  const alone = ["cat", "cats", "dog", "A", "a", "é", "É", "ice cream", "1", "01", "-", "_", "2", "²"];
  assertEquals(likeNamesNotes(alone), []);
  for (
    const pair of [["cat", "Cat"], ["cat", "cat "], ["caf\u00e9", "cafe\u0301"], ["ice cream", "ice_cream"], [
      "a",
      "a ",
    ], ["\u00fa", "u\u0301"]]
  ) {
    const [note, ...more] = likeNamesNotes([...alone, ...pair].filter((name, i, all) => all.indexOf(name) === i));
    assertEquals([note.startsWith("classes "), pair.every((name) => note.includes(JSON.stringify(name))), more], [
      true,
      true,
      [],
    ]);
  }
});
