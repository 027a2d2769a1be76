import { assertEquals, assertNotEquals } from "@std/assert";
import type { Guess } from "../../../../../tasks/web/page/panels/first_guess.ts";
import {
  begin,
  type Game,
  GAME_RULES,
  isPlayable,
  leftOf,
  look,
  newGame,
  pause,
  scoreOf,
  skip,
  tick,
  wordOf,
} from "../../../../../tasks/web/page/panels/game_machine.ts";

const CLASSES = ["cat", "dog", "eye", "fish", "sun", "house", "line", "moon"];

/** The first guess of a run. */
const sureOf = (name: string, probability = 0.9): Guess => ({ name, probability });

Deno.test("six rounds of 20 seconds, each class asked for once, the order by the seed", () => {
  const game = newGame(CLASSES, 3);
  assertEquals([game.rules.rounds, game.rules.time, game.words.length], [6, 20_000, 6]);
  for (let seed = 0; seed < 50; seed++) {
    const { words } = newGame(CLASSES, seed);
    assertEquals(new Set(words).size, 6);
    assertEquals(words.every((word) => CLASSES.includes(word)), true);
    assertEquals(newGame(CLASSES, seed).words, words);
  }
  assertNotEquals(newGame(CLASSES, 3).words, newGame(CLASSES, 4).words);
  const firsts = new Set(Array.from({ length: 200 }, (_, seed) => newGame(CLASSES, seed).words[0]));
  assertEquals(firsts.size, CLASSES.length); // each can be the first
});

Deno.test("fewer classes are played as they are, equal names count once, one alone is no game", () => {
  assertEquals(newGame(["cat", "dog", "cat"], 1).words.toSorted(), ["cat", "dog"]);
  assertEquals([["cat", "dog"], ["cat", "cat"], ["cat"], []].map(isPlayable), [true, false, false, false]);
});

Deno.test("a drawing is recognised when what is asked for comes first and is sure enough, and the game goes on", () => {
  let game = begin(newGame(CLASSES, 1), 1000);
  const [first, second] = game.words;
  assertEquals(wordOf(game), first);
  game = look(game, sureOf(second), 2000); // another comes first
  assertEquals(game.phase, "drawing");
  game = look(game, sureOf(first, 0.4999), 3000); // first, and not sure
  assertEquals(game.phase, "drawing");
  game = look(game, sureOf(first, GAME_RULES.threshold), 8250);
  assertEquals([game.phase, game.results], ["asked", [{ word: first, recognized: true, used: 7250 }]]);
  assertEquals([wordOf(game), leftOf(game, 9000), scoreOf(game)], [second, 20_000, 1]);
  assertEquals(look(game, sureOf(second), 9000), game); // the next has not begun
});

Deno.test("time runs while one draws and is up after 20 seconds, whoever notices it", () => {
  const game = begin(newGame(CLASSES, 1), 500);
  assertEquals([leftOf(game, 500), leftOf(game, 10_500), leftOf(game, 99_999)], [20_000, 10_000, 0]);
  assertEquals(tick(game, 20_499), game);
  const result = { word: game.words[0], recognized: false, used: 20_000 };
  for (
    const noticed of [
      tick(game, 20_500),
      look(game, sureOf(game.words[0]), 20_501), // too late
      pause(game, 30_000),
      skip(game, 30_000),
    ]
  ) assertEquals([noticed.phase, noticed.results], ["asked", [result]]);
});

Deno.test("a pause takes no time, however often and however long", () => {
  let game = begin(newGame(CLASSES, 1), 0);
  game = pause(game, 5000);
  assertEquals([game.phase, leftOf(game, 1e6)], ["paused", 15_000]);
  assertEquals(tick(game, 1e6), game);
  assertEquals(look(game, sureOf(game.words[0]), 1e6), game);
  assertEquals(pause(game, 1e6), game);
  game = pause(begin(game, 1e6), 1e6 + 4000);
  game = begin(game, 2e6);
  assertEquals(leftOf(game, 2e6 + 1000), 10_000);
  game = look(game, sureOf(game.words[0]), 2e6 + 1000);
  assertEquals(game.results[0].used, 10_000);
});

Deno.test("after the last round the game is over, and nothing changes it", () => {
  let game: Game = newGame(CLASSES, 2);
  game.words.forEach((word, i) => {
    game = begin(game, 30_000 * i);
    game = i % 2 === 0 ? look(game, sureOf(word), 30_000 * i + 1) : skip(game, 30_000 * i + 1);
  });
  assertEquals([game.phase, scoreOf(game), game.results.map(({ word }) => word)], ["over", 3, [...game.words]]);
  assertEquals(wordOf(game), undefined);
  for (const act of [begin, tick, pause, skip]) assertEquals(act(game, 1e9), game);
  assertEquals(look(game, sureOf("cat"), 1e9), game);
});

Deno.test("a round that is skipped before it begins used no time; one that runs cannot be begun again", () => {
  const game = skip(newGame(CLASSES, 1), 100);
  assertEquals(game.results, [{ word: game.words[0], recognized: false, used: 0 }]);
  const running = begin(game, 1000);
  assertEquals(begin(running, 9000), running);
});
