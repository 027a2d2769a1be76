import { assertEquals } from "@std/assert";
import { refusalOf, sendDrawings } from "../../../../../tasks/web/page/panels/collect_send.ts";
import type { DrawnStroke } from "../../../../../tasks/web/page/store.ts";

const stroke: DrawnStroke = { xs: [0.25, 0.5], ys: [0.5, 0.5], times: [100, 120], by: "hand" };
const kept = (word: string, recognized = true) => ({ strokes: [stroke], word, recognized, at: 0 });

Deno.test("only what hands drew is sent, and not before somebody says what it is", () => {
  assertEquals(refusalOf(kept("sun")), undefined);
  assertEquals(refusalOf(kept("  ")), "Say what it is.");
  assertEquals(refusalOf({ strokes: [stroke], at: 0 }), "Say what it is.");
  assertEquals(refusalOf({ ...kept("sun"), strokes: [] }), "There is no drawing.");
  for (const by of ["model", "prototype"] as const) {
    const mixed = { ...kept("sun"), strokes: [stroke, { ...stroke, by }] };
    assertEquals(refusalOf(mixed), "A model drew part of it: only what hands draw is collected.");
  }
});

Deno.test("drawings are sent one by one, as the server reads them", async () => {
  const sent: unknown[] = [];
  const outcome = await sendDrawings([kept(" sun "), kept("cat", false)], (address, { method, headers, body }) => {
    sent.push({ address, method, headers, body: JSON.parse(body as string) });
    return Promise.resolve(Response.json({ key_id: "1" }, { status: 201 }));
  });
  assertEquals(outcome, { taken: 2 });
  const about = { address: "drawings", method: "POST", headers: { "content-type": "application/json" } };
  const strokes = [[[256, 512], [512, 512], [0, 20]]];
  assertEquals(sent, [
    { ...about, body: { word: "sun", recognized: true, strokes } },
    { ...about, body: { word: "cat", recognized: false, strokes } },
  ]);
});

Deno.test("the first that is not taken ends it, with what the server said", async () => {
  const answers = [
    () => Response.json({ key_id: "1" }, { status: 201 }),
    () => Response.json({ error: 'unknown class: "sum" is none that is known here' }, { status: 400 }),
  ];
  const outcome = await sendDrawings(
    [kept("sun"), kept("sum"), kept("cat")],
    () => Promise.resolve(answers.shift()!()),
  );
  assertEquals(outcome, { taken: 1, fault: 'unknown class: "sum" is none that is known here' });
});

Deno.test("a server that says nothing, or something that is no message, is told apart from one that is gone", async () => {
  const faultOf = async (post: () => Promise<Response>) => (await sendDrawings([kept("sun")], post)).fault;
  const json = { "content-type": "application/json" };
  for (
    const [body, headers, expected] of [
      ["", {}, "The server did not take it (507)."],
      ["<html>busy</html>", {}, "The server did not take it (507)."],
      ["the disk is full\n", {}, "the disk is full"],
      ["{", json, "The server did not take it (507)."],
      ['{"error":3}', json, "The server did not take it (507)."],
      ["null", json, "The server did not take it (507)."],
      ["x".repeat(1000), {}, "x".repeat(300)],
    ] as const
  ) {
    const found = await faultOf(() => Promise.resolve(new Response(body, { status: 507, headers })));
    assertEquals(found, expected);
  }
  const gone = "The server does not answer. Is it still running?";
  assertEquals(await faultOf(() => Promise.reject(new TypeError("failed to fetch"))), gone);
});
