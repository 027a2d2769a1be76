/** Questions that overtake each other: none is asked in vain, none stays without an answer. */
import { assertEquals, assertRejects } from "@std/assert";
import { newestOnly } from "../../../../tasks/web/engine/newest_only.ts";

Deno.test("one question is asked, one waits, and what waits is overtaken", async () => {
  const asked: string[] = [];
  const answers = new Map<string, PromiseWithResolvers<string>>();
  const ask = newestOnly((question: string) => {
    asked.push(question);
    const answer = Promise.withResolvers<string>();
    answers.set(question, answer);
    return answer.promise;
  });
  const [a, b, c] = ["a", "b", "c"].map(ask);
  assertEquals(asked, ["a"]);
  answers.get("a")!.resolve("A");
  assertEquals(await a, "A");
  const d = ask("d"); // c is being answered
  await Promise.resolve();
  assertEquals(asked, ["a", "c"]);
  answers.get("c")!.resolve("C");
  assertEquals(await Promise.all([b, c]), ["C", "C"]);
  answers.get("d")!.resolve("D");
  assertEquals(await d, "D");
  assertEquals(asked, ["a", "c", "d"]);
  const e = ask("e"); // at once, where nothing is under way
  assertEquals(asked.at(-1), "e");
  answers.get("e")!.resolve("E");
  assertEquals(await e, "E");
});

Deno.test("a question that fails does not stop those behind it", async () => {
  const ask = newestOnly((question: string) =>
    question === "bad" ? Promise.reject(new Error("no")) : Promise.resolve(question)
  );
  const answers = ["bad", "overtaken", "good"].map(ask);
  await assertRejects(() => answers[0], Error, "no");
  assertEquals(await Promise.all(answers.slice(1)), ["good", "good"]);
  const again = ["good", "overtaken", "bad"].map(ask);
  assertEquals(await again[0], "good");
  await assertRejects(() => again[1], Error, "no");
  await assertRejects(() => again[2], Error, "no");
});
