import { assertEquals } from "@std/assert";
import { hear, sentenceOf, SILENCE } from "../../../../../tasks/web/page/panels/game_talk.ts";

const sees = (name: string, probability = 0.6) => ({ name, probability });

Deno.test("a run says what it sees, changes its mind in plain words, and leaves time to breathe", () => {
  assertEquals(sentenceOf(SILENCE), "I am looking …");
  let talk = hear(SILENCE, sees("cloud"), 0);
  assertEquals(sentenceOf(talk), "I see … cloud?");
  assertEquals(hear(talk, sees("cloud", 0.9), 5000), talk); // nothing new
  assertEquals(hear(talk, sees("sheep"), 999), talk); // too soon
  talk = hear(talk, sees("sheep"), 1000);
  assertEquals(sentenceOf(talk), "I see … cloud, no, sheep?");
  assertEquals(hear(talk, sees("dog", 0.14), 9000), talk); // too unsure
  assertEquals(sentenceOf(hear(talk, sees("cloud"), 2000)), "I see … cloud, no, sheep, no, cloud?");
});

Deno.test("of many guesses the last four are kept in the sentence", () => {
  const talk = [..."abcde"].reduce((talk, name, i) => hear(talk, sees(name), 1000 * i), SILENCE);
  assertEquals(talk.names, [..."abcde"]);
  assertEquals(sentenceOf(talk), "I see … no, b, no, c, no, d, no, e?");
});
