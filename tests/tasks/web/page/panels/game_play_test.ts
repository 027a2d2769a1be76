import { assertEquals, assertExists } from "@std/assert";
import type { Drawing } from "../../../../../pipelines/strokes/stroke.ts";
import type { Naming } from "../../../../../tasks/web/engine/engine.ts";
import { type Clock, createPlay } from "../../../../../tasks/web/page/panels/game_play.ts";
import { wordOf } from "../../../../../tasks/web/page/panels/game_machine.ts";
import { sentenceOf } from "../../../../../tasks/web/page/panels/game_talk.ts";
import { drawByHand, fakeEngine, fakePage, turns } from "./fakes.ts";

const CLASSES = ["cat", "dog", "eye", "fish", "sun", "house", "line"];

/** A clock that the test sets. */
function fakeClock() {
  const ticking = new Set<() => void>();
  const clock = {
    time: 0,
    now: () => clock.time,
    date: () => 1_000_000 + clock.time,
    every: (callback: () => void) => {
      ticking.add(callback);
      return () => void ticking.delete(callback);
    },
    /** Passes time in tenths of a second. */
    pass(milliseconds: number) {
      for (const end = clock.time + milliseconds; clock.time < end;) {
        clock.time = Math.min(end, clock.time + 100);
        for (const callback of ticking) callback();
      }
    },
  };
  return clock satisfies Clock;
}

/** A page with a run that names drawings, a game on it, and a way to answer what the run is asked last. */
async function play(classes: readonly string[] = CLASSES) {
  const naming = { side: 1, frames: 8, explains: false };
  const { engine, calls } = fakeEngine({ name: "namer", classes, naming });
  const other = fakeEngine({ name: "other", classes: ["sun", "moon"], naming });
  const store = await fakePage(engine, other.engine);
  const clock = fakeClock();
  const game = createPlay(store, clock);
  let answered = 0;
  const say = async (name: string, probability = 0.9) => {
    const rest = (1 - probability) / (classes.length - 1);
    const rows = [classes.map((other) => other === name ? probability : rest)];
    for (; answered < calls.length; answered++) { // one answer may let the next question through
      const drawing = calls[answered].args[0] as Drawing;
      const answer: Naming = {
        rows,
        drawing,
        raster: new Uint8Array(1),
        grey: false,
        seen: 1,
        ms: { all: 1, model: 1 },
      };
      calls[answered].resolve(answer);
      other.calls[answered].resolve({ ...answer, rows: [[0.3, 0.7]] });
      await turns();
    }
  };
  return { store, clock, game, say, wanted: () => wordOf(game.game.value!)! };
}

const LINE = [[0.1, 0.1], [0.9, 0.5]] as const;

Deno.test("a round: asked, drawn, guessed aloud, recognised, kept with what each run says", async () => {
  const { store, clock, game, say, wanted } = await play();
  const stop = game.follow();
  game.start(1);
  drawByHand(store, LINE); // before it begins nothing counts
  const asked = wanted();
  await say(asked);
  clock.pass(60_000);
  assertEquals([game.game.value?.phase, game.left.value], ["asked", 20_000]);
  game.go();
  assertEquals(store.strokes.value, []);
  clock.pass(3000);
  assertEquals(game.left.value, 17_000);
  drawByHand(store, LINE);
  const wrong = CLASSES.find((name) => name !== asked)!;
  await say(wrong, 0.4);
  assertEquals(sentenceOf(game.talk.value), `I see … ${wrong}?`);
  clock.pass(2000);
  drawByHand(store, [[0.9, 0.5], [0.1, 0.9]]);
  await say(asked, 0.8);
  assertEquals(sentenceOf(game.talk.value), `I see … ${wrong}, no, ${asked}?`);
  assertEquals([game.game.value?.phase, game.left.value], ["asked", 20_000]);
  const [round] = game.rounds.value;
  assertEquals([round.word, round.recognized, round.used, round.strokes.length], [asked, true, 5000, 2]);
  assertEquals(round.guesses, [{ run: "namer", name: asked, probability: 0.8 }, {
    ...{ run: "other", name: "moon", probability: 0.7 },
  }]);
  assertEquals(round.at, clock.date());
  stop();
});

Deno.test("what is seen of a stroke that is still drawn is said, and counts once the pen is lifted", async () => {
  const { store, game, say, wanted } = await play();
  const stop = game.follow();
  game.start(1);
  game.go();
  drawByHand(store, LINE, true);
  await say(wanted());
  assertEquals([game.talk.value.names, game.rounds.value.length], [[wanted()], 0]);
  store.pen.up();
  assertEquals(game.rounds.value.length, 0); // the whole stroke has not been seen yet
  await say(wanted());
  assertEquals(game.rounds.value.map(({ recognized }) => recognized), [true]);
  stop();
});

Deno.test("a guess that came too soon is said once there was time to breathe", async () => {
  const { store, clock, game, say, wanted } = await play();
  const stop = game.follow();
  game.start(1);
  game.go();
  const [first, second] = CLASSES.filter((name) => name !== wanted());
  drawByHand(store, LINE);
  await say(first);
  drawByHand(store, LINE);
  await say(second);
  assertEquals(game.talk.value.names, [first]);
  clock.pass(1000);
  assertEquals(game.talk.value.names, [first, second]);
  stop();
});

Deno.test("time that is up ends the round; what was drawn before is not taken for the next", async () => {
  const { store, clock, game, say, wanted } = await play();
  const stop = game.follow();
  game.start(2);
  game.go();
  drawByHand(store, LINE);
  await say(CLASSES.find((name) => name !== wanted())!);
  clock.pass(20_000);
  assertEquals(game.rounds.value.map(({ recognized, used }) => [recognized, used]), [[false, 20_000]]);
  await say(wanted()); // late, and of the drawing before
  game.go();
  assertEquals([game.game.value?.phase, game.talk.value.names], ["drawing", []]);
  game.skip();
  assertEquals(game.rounds.value[1].strokes, []);
  game.skip(); // before it began
  assertEquals(game.rounds.value[2], {
    ...{ word: game.rounds.value[2].word, recognized: false, used: 0, strokes: [], guesses: [], at: clock.date() },
  });
  stop();
});

Deno.test("a pause stops the time, drawing goes on with it, and so does leaving the panel and coming back", async () => {
  const { store, clock, game } = await play();
  const stop = game.follow();
  game.start(3);
  game.go();
  clock.pass(4000);
  game.pause();
  clock.pass(50_000);
  assertEquals([game.game.value?.phase, game.left.value], ["paused", 16_000]);
  drawByHand(store, LINE);
  assertEquals(game.game.value?.phase, "drawing");
  clock.pass(1000);
  stop();
  assertEquals([game.game.value?.phase, game.left.value], ["paused", 15_000]);
  clock.pass(50_000);
  const again = game.follow();
  game.go();
  assertEquals(store.strokes.value.length, 1); // going on does not clear the canvas
  clock.pass(5000);
  assertEquals(game.left.value, 10_000);
  game.stop();
  assertEquals(game.game.value, undefined);
  again();
});

Deno.test("six rounds make a game; two classes make one of two; a run with one class does not play", async () => {
  const { game } = await play();
  game.start(4);
  for (let i = 0; i < 6; i++) game.skip();
  assertEquals([game.game.value?.phase, game.rounds.value.length], ["over", 6]);
  game.start(5);
  assertEquals([game.game.value?.phase, game.rounds.value.length], ["asked", 0]);
  const two = await play(["cat", "dog"]);
  two.game.start(1);
  assertEquals(two.game.game.value?.words.length, 2);
  const one = await play(["cat"]);
  assertEquals(one.game.runs.value.map(({ run }) => run.name), ["other"]);
  assertExists(one.game.run.value);
});
