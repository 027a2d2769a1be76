/** Texts of drawings that are no UTF-8, and whether records name their class. */
import { assertEquals, assertThrows } from "@std/assert";
import { Reject } from "../../../../pipelines/base/errors.ts";
import { type DrawingPiece, readPiece } from "../../../../pipelines/formats/quickdraw/drawing_file.ts";

/** Letters as bytes of Latin-1, which are those of UTF-8 where they are ASCII. */
const latin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const itemsOf = (piece: DrawingPiece) => [...readPiece(piece)];

Deno.test("a record that is no UTF-8 is refused, those beside it and a real U+FFFD are read", () => {
  const lines = ['{"word":"caf\xe9","drawing":[[[1],[2]]]}', '{"word":"tea","drawing":[[[1],[2]]]}', ""].join("\n");
  const [coffee, tea] = itemsOf({ bytes: latin1(lines) });
  assertEquals(assertThrows(coffee.read, Reject).reason, "not UTF-8");
  assertThrows(coffee.read, Reject, "iconv -f LATIN1 -t UTF-8");
  assertEquals(tea.read().word, "tea");
  const [good] = itemsOf({ bytes: new TextEncoder().encode('{"word":"\ufffd","drawing":[[[1],[2]]]}\n') });
  assertEquals(good.read().word, "\ufffd");

  const columns = ["word", "drawing"];
  const [first, second] = itemsOf({ bytes: latin1('caf\xe9,"[[[1],[2]]]"\ntea,"[[[1],[2]]]"\n'), columns });
  assertEquals(assertThrows(first.read, Reject).reason, "not UTF-8");
  assertEquals(second.read().word, "tea");
});

Deno.test("whether a record names its class is what reading it tells, whatever else it holds", () => {
  const drawing = '"drawing":[[[1],[2]]]';
  const lines = [
    `{"word":"cat",${drawing}}`,
    `{${drawing},"word" : "cat"}`,
    `{${drawing},"w\\u006frd":"cat"}`,
    `{${drawing},"word":null}`,
    `{${drawing}}`,
    "[[[1],[2]]]",
    `{${drawing},"about":{"word":"cat"}}`,
    `{${drawing},"about":{"word":"cat"},"word":"dog"}`,
    `{${drawing},"about":"\\"word\\": cat"}`,
    `{${drawing},"a\\"word":"cat"}`,
  ];
  const named = itemsOf({ bytes: new TextEncoder().encode(`${lines.join("\n")}\n`) });
  assertEquals(named.map(({ hasWord }) => hasWord()), named.map(({ read }) => read().word !== undefined));
  assertEquals(named.map(({ hasWord }) => hasWord()).filter(Boolean).length, 5);

  const rows = new TextEncoder().encode('cat,"[[[1],[2]]]"\n,"[[[1],[2]]]"\n');
  assertEquals(itemsOf({ bytes: rows, columns: ["word", "drawing"] }).map(({ hasWord }) => hasWord()), [true, false]);
  const [broken] = itemsOf({ bytes: new TextEncoder().encode("{") });
  assertThrows(broken.hasWord, Reject);
});
