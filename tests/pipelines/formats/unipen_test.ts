/** UNIPEN against lines written by hand. */
import { assertEquals } from "@std/assert";
import { isUnipen, readUnipen } from "../../../pipelines/formats/unipen.ts";

const HEAD = '.INCLUDE dene.doc\n\n.LEXICON "0" "1"\n.HIERARCHY DIGIT\n\n';
const ONE = '.SEGMENT DIGIT    0 ? "1"\n.COMMENT 1 12  7\n.PEN_DOWN\n 5  9\n 6  1\n.PEN_UP\n.DT 100\n' +
  ".PEN_DOWN\n -3  2.5\n.PEN_UP\n.DT 100\n";

const told = (text: string) =>
  [...readUnipen(text)].map((
    { line, label, comment, strokes, fault },
  ) => [line, label, comment[1], strokes, fault?.reason]);

Deno.test("UNIPEN: strokes are what is between pen down and pen up, the label is in quotes", () => {
  assertEquals(told(HEAD + ONE), [[6, "1", "12", [[[5, 6], [9, 1]], [[-3], [2.5]]], undefined]]);
  assertEquals(told(HEAD + ONE.replaceAll("\n", "\r\n")), told(HEAD + ONE));
  assertEquals(told(ONE + ONE).map(([line]) => line), [1, 12]);
});

Deno.test("UNIPEN: .COORD says which columns are x and y", () => {
  const [[, , , strokes]] = told('.COORD T Y X P\n.SEGMENT DIGIT 0 ? "1"\n.PEN_DOWN\n 0 9 5 1\n 10 1 6 1\n.PEN_UP\n');
  assertEquals(strokes, [[[5, 6], [9, 1]]]);
});

Deno.test("UNIPEN: what is wrong with a segment is told, and the next one read", () => {
  const bad: [string, string][] = [
    [ONE.replace(" 6  1", " 6  one"), "not a point"],
    [ONE.replace(" 6  1", " 6"), "not a point"],
    ['.SEGMENT DIGIT 0 ? "1"\n.PEN_DOWN\n.PEN_UP\n', "no points"],
    ['.SEGMENT DIGIT 0 ? "1"\n', "no points"],
    ['.SEGMENT DIGIT 0 ? "1"\n.PEN_DOWN\n 1 2\n', "cut"],
  ];
  for (const [text, reason] of bad) assertEquals(told(text + ONE).map((found) => found[4]), [reason, undefined]);
  assertEquals(told(" 1 2\n.PEN_DOWN\n"), []);
  const isOpen = (text: string) => [...readUnipen(text)].at(-1)!.isOpen;
  assertEquals(bad.map(([text]) => isOpen(text)), [false, false, true, true, true]);
  assertEquals([ONE, ONE.slice(0, -9), ONE.slice(0, 60), ONE.slice(0, 20)].map(isOpen), [false, false, true, true]);
});

Deno.test("UNIPEN: a segment without all the strokes that it announces was cut, wherever it ends", () => {
  const two = ONE.replace(" 0 ?", " 6-7 ?");
  const cut = two.slice(0, two.indexOf(".PEN_UP") + ".PEN_UP".length);
  const said = (text: string) => [...readUnipen(text)].map(({ isOpen, fault }) => [isOpen, fault?.message]);
  assertEquals(said(two), [[false, undefined]]);
  for (const end of ["", "\n", "\n.DT 100\n", "\n.PEN_DO"]) {
    assertEquals(said(cut + end), [[true, "cut: .SEGMENT announces 2 strokes, found 1"]]);
  }
  assertEquals(said(cut + "\n" + two).map(([isOpen]) => isOpen), [true, false]);
  assertEquals(said(cut + "\n 6 2\n 7 3\n"), [[false, undefined]]); // the pen in the air has a number too
  const announcing = (components: string) => said(cut.replace("6-7", components))[0][0];
  assertEquals(["0", "0-2", "0,2", "1,3-4", "0:1-1:9", "?"].map(announcing), [false, true, true, true, false, false]);
});

Deno.test("UNIPEN is told from other texts", () => {
  assertEquals([HEAD + ONE, ONE, "\n" + ONE].map(isUnipen), [true, true, true]);
  assertEquals(["", ".hidden", '{"drawing":[]}', ".COMMENT but nothing else"].map(isUnipen), [
    false,
    false,
    false,
    false,
  ]);
});
