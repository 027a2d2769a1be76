import { assertEquals } from "@std/assert";
import { globToRegExp, isGlob } from "../../../pipelines/sources/glob.ts";

const NAMES = ["a", "ab", "abc", "b", ".a", "a.b", "a]b", "a^b", "a-b", "a\\b", "a+b", "日本", "a,b", "{a}", "a\nb"];

/** What a glob stands for, among the names; by bash's own rules. */
const CASES: [glob: string, names: string[]][] = [
  ["a", ["a"]],
  ["*", NAMES.filter((name) => name !== ".a")],
  [".*", [".a"]],
  ["a?", ["ab"]],
  ["??", ["ab", "日本"]],
  ["a.b", ["a.b"]],
  ["a[.+]b", ["a.b", "a+b"]],
  ["a[]^]b", ["a]b", "a^b"]],
  ["a[+^-]b", ["a^b", "a-b", "a+b"]],
  ["a[^a-z.+]b", ["a]b", "a^b", "a-b", "a\\b", "a,b", "a\nb"]],
  ["a[z-a]", []],
  ["a[!a-z.+]b", ["a]b", "a^b", "a-b", "a\\b", "a,b", "a\nb"]],
  ["a[b-c]", ["ab"]],
  ["{a,ab,x}", ["a", "ab"]],
  ["{a,a{b,.b}}", ["a", "ab", "a.b"]],
  ["a,b", ["a,b"]],
  ["a{b", []],
  ["[", []],
];

for (const [glob, names] of CASES) {
  Deno.test(`glob ${glob}`, () => assertEquals(NAMES.filter((name) => globToRegExp(glob).test(name)), names));
}

Deno.test("isGlob tells patterns from names", () => {
  assertEquals(["a*", "a?", "[a]", "{a,b}"].every(isGlob), true);
  assertEquals(["a", "a.ndjson.gz", "power outlet", "a]b"].some(isGlob), false);
});
