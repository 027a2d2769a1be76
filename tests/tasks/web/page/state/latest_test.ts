import { assertEquals } from "@std/assert";
import { latest } from "../../../../../tasks/web/page/state/latest.ts";
import { turns } from "../panels/fakes.ts";

/** Somebody slow, who answers when the test says so. */
function slow() {
  const open: PromiseWithResolvers<string>[] = [];
  const [asked, taken]: [number[], string[]] = [[], []];
  const questions = latest((question: number) => {
    asked.push(question);
    const answer = Promise.withResolvers<string>();
    open.push(answer);
    return answer.promise;
  }, {
    answer: (answer, question) => void taken.push(`${question}: ${answer}`),
    failure: (error) => void taken.push(String(error)),
  });
  return { open, asked, taken, questions };
}

Deno.test("one question is under way, and of those that come meanwhile the newest is next", async () => {
  const { open, asked, taken, questions } = slow();
  for (const question of [1, 2, 3, 4]) questions.ask(question);
  assertEquals(asked, [1]);
  open[0].resolve("a");
  await turns();
  assertEquals([asked, taken], [[1, 4], ["1: a"]]);
  open[1].resolve("b");
  await turns();
  assertEquals(taken, ["1: a", "4: b"]);
  questions.ask(5); // and it goes on afterwards
  assertEquals(asked, [1, 4, 5]);
});

Deno.test("what is forgotten is not answered, what is asked after that is", async () => {
  const { open, asked, taken, questions } = slow();
  questions.ask(1);
  questions.ask(2);
  questions.forget();
  open[0].resolve("a");
  await turns();
  assertEquals([asked, taken], [[1], []]);
  questions.ask(3);
  questions.forget();
  questions.ask(4);
  open[1].resolve("b");
  await turns();
  assertEquals(asked, [1, 3, 4]);
  open[2].resolve("c");
  await turns();
  assertEquals(taken, ["4: c"]);
});

Deno.test("a failure is told, and ends nothing", async () => {
  const { open, taken, questions } = slow();
  questions.ask(1);
  questions.ask(2);
  open[0].reject("broken");
  await turns();
  open[1].resolve("b");
  await turns();
  assertEquals(taken, ["broken", "2: b"]);
});
