// Over TCP: a run that goes on under the eyes of a page, and the page that follows it.
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { InputError } from "../../../../pipelines/base/errors.ts";
import { appendMetrics } from "../../../../tasks/runs/run_directory.ts";
import { RunClaim } from "../../../../tasks/runs/run_claim.ts";
import { openWatcher } from "../../../../tasks/web/watch/watcher.ts";
import { RunWatch } from "../../../../tasks/web/watch/watch_run.ts";
import { CHROMIUM, inChromium, launchChromium } from "../../../chromium.ts";
import { FAST, inTemporaryFolder, may } from "../../../helpers.ts";
import { MAY_SERVE } from "../../../pipelines/sources/hostile_server.ts";
import { evaluationLine, stepLine } from "../../lines.ts";
import { smallData, trainTiny } from "../../runs.ts";

function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({
    name: `watch: ${name}`,
    ignore: FAST || !MAY_SERVE || !may("read", "write", "env"),
    fn: () => inTemporaryFolder(fn),
  });
}

/** Milliseconds after which nothing is waited for any more. */
const PATIENCE = 60_000;

/** A page that looks on: the parts that it has, and why it was told that nothing more comes. */
class Looker {
  readonly parts: Record<string, string> = {};
  why: string | undefined;
  readonly #texts: AsyncIterator<string>;
  readonly #stop: AbortController;
  #rest = "";

  private constructor(response: Response, stop: AbortController) {
    this.#texts = response.body!.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
    this.#stop = stop;
  }

  static async at(url: string): Promise<Looker> {
    const stop = new AbortController();
    return new Looker(await fetch(`${url}events`, { signal: stop.signal }), stop);
  }

  /** Reads on until something holds; the events must not have ended before. */
  async until(holds: (looker: Looker) => boolean): Promise<void> {
    const timer = setTimeout(() => this.#stop.abort(new Error("it never held")), PATIENCE);
    try {
      while (!holds(this)) assert(await this.#read(), "the events have ended");
    } finally {
      clearTimeout(timer);
    }
  }

  /** Reads to the end of the events. */
  async end(): Promise<void> {
    while (await this.#read());
  }

  async #read(): Promise<boolean> {
    const { done, value } = await this.#texts.next();
    if (done) return false;
    const events = (this.#rest + value).split("\n\n");
    this.#rest = events.pop()!;
    for (const event of events) {
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(event) ?? [];
      if (name === "sections") Object.assign(this.parts, JSON.parse(data));
      if (name === "end") this.why = JSON.parse(data).why;
    }
    return true;
  }
}

const quiet = { host: "127.0.0.1", port: 0, allowHost: [], patience: { look: 20, times: 0 } };

test("what a training writes is told as it comes; where it ends the events end, and the page stays", async (folder) => {
  const [data, run] = [`${folder}/data`, `${folder}/a "run"`];
  await smallData(data);
  await trainTiny(data, run, { loop: { epochs: 2, logEvery: 1 } });
  const claim = await RunClaim.of(run);
  const [complaints, ends]: string[][] = [[], []];
  const watch = await RunWatch.start({
    ...{ ...quiet, complain: (line: string) => void complaints.push(line) },
    onEnd: (state) => void ends.push(state),
  });
  try {
    await watch.show(`${run}/`);
    const page = await (await fetch(watch.url)).text();
    assertStringIncludes(page, "a &quot;run&quot;</h1>");
    assertStringIncludes(page, "It is being trained.");
    assertStringIncludes(page, '<noscript><meta http-equiv="refresh"');

    const looker = await Looker.at(watch.url);
    await looker.until(({ parts }) => parts.curves?.includes("<svg"));
    await looker.until(({ parts }) => parts.work?.includes("What it takes drawings for"));
    const { work } = looker.parts;
    await appendMetrics(run, { ...stepLine(9, { loss: 0.625, accuracy: 0.5 }), epoch: 2.25 });
    await looker.until(({ parts }) => parts.head.includes("<dd>9</dd>") && parts.head.includes("<dd>0.625</dd>"));
    const { curves } = looker.parts;
    await appendMetrics(run, { ...evaluationLine(9, { loss: 0.5, accuracy: 0.75 }, true), epoch: 2.25 });
    await looker.until(({ parts }) => parts.head.includes("75.0 %") && parts.curves !== curves);
    assertEquals(looker.parts.work, work); // there is no new checkpoint

    claim[Symbol.dispose]();
    await looker.until(({ parts }) => parts.head.includes("It has finished"));
    await looker.end();
    assertStringIncludes(looker.why!, "The training is over");
    assertEquals(ends, ["finished"]);

    // Who comes later sees how it ended, and is told at once that nothing more comes.
    assert(!(await (await fetch(watch.url)).text()).includes("<noscript>"));
    const late = await Looker.at(watch.url);
    await late.end();
    assertStringIncludes(late.parts.work, "By the weights of step 8");
    assertEquals(late.why, looker.why);
    assertEquals(complaints, []);
  } finally {
    claim[Symbol.dispose]();
    await watch.end();
  }
  await assertRejects(() => fetch(watch.url));
});

test("a page is told when its server ends before the run does; a damaged file is told, not thrown", async (folder) => {
  const [data, run] = [`${folder}/data`, `${folder}/run`];
  await smallData(data);
  await trainTiny(data, run, { loop: { steps: 2 } });
  using _claim = await RunClaim.of(run);
  const watch = await RunWatch.start({ ...quiet, complain: (line) => assertEquals(line, "") });
  await watch.show(run);
  const looker = await Looker.at(watch.url);
  await looker.until(({ parts }) => parts.head !== undefined);
  await Deno.writeTextFile(`${run}/metrics.jsonl`, '{"kind":"step"}\n', { append: true });
  await looker.until(({ parts }) => parts.head.includes("Note: "));
  assertStringIncludes(looker.parts.head, "not a line of metrics as it was written");
  const ended = watch.end();
  await looker.end();
  assertStringIncludes(looker.why!, "The run goes on");
  await ended;
});

test("no run's folder is shown, and a page that goes is forgotten", async (folder) => {
  const watch = await RunWatch.start({ ...quiet, complain() {} });
  try {
    await assertRejects(() => watch.show(`${folder}/none`), InputError, "none: no such folder");
    await assertRejects(() => watch.show(folder), InputError, "no run's folder");
    assertStringIncludes(await (await fetch(watch.url)).text(), "It is being opened");
    for (let i = 0; i < 40; i++) { // more than may look on at once
      const stop = new AbortController();
      const { status, body } = await fetch(`${watch.url}events`, { signal: stop.signal });
      assertEquals(status, 200);
      await body!.getReader().read();
      stop.abort();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  } finally {
    await watch.end();
  }
});

test("a Worker watches for the training beside it; a busy port is told before anything begins", async (folder) => {
  const [data, run] = [`${folder}/data`, `${folder}/run`];
  await smallData(data);
  const complaints: string[] = [];
  const where = { host: "127.0.0.1", port: 0, allowHost: [], complain: (line: string) => void complaints.push(line) };
  const watcher = await openWatcher(where);
  const looker = await Looker.at(watcher.url);
  await looker.until(({ parts }) => parts.head?.includes("It is being opened"));
  const { port } = new URL(watcher.url);
  await assertRejects(
    () => openWatcher({ ...where, port: Number(port) }),
    InputError,
    `--port ${port}: something else`,
  );
  await trainTiny(data, run, { loop: { steps: 3, logEvery: 1 } });
  watcher.show(run);
  await looker.until(({ parts }) => parts.head.includes("It has finished"));
  await looker.end();
  assertStringIncludes(looker.parts.curves, "<svg");
  await watcher.end();
  await assertRejects(() => fetch(watcher.url));
  assertEquals(complaints, []);
});

Deno.test({
  name: inChromium("a page follows a run without being loaded again, and says when it is over"),
  ignore: FAST || CHROMIUM === undefined,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [data, run] = [`${folder}/data`, `${folder}/<b>run`];
      await smallData(data);
      await trainTiny(data, run, { loop: { steps: 2, logEvery: 1 } });
      const claim = await RunClaim.of(run);
      const watch = await RunWatch.start({ ...quiet, complain() {} });
      const browser = await launchChromium();
      try {
        await watch.show(run);
        const page = await browser.newPage();
        const faults: string[] = [];
        page.on("console", (message) => void faults.push(message.text()));
        page.on("pageerror", (error) => void faults.push(String(error)));
        await page.goto(watch.url);
        await page.evaluate("window.isSame = true");
        await page.waitForSelector("#work li img");
        assertEquals(await page.textContent("h1"), run);
        await appendMetrics(run, stepLine(1234, { loss: 0.5 }));
        await page.waitForSelector("text=1,234");
        claim[Symbol.dispose]();
        await page.waitForSelector("#link:has-text('The training is over')");
        assertEquals(await page.evaluate("window.isSame"), true);
        assertEquals(await page.locator("#curves svg").count() > 0, true);
        assertEquals(faults.filter((text) => !text.includes("favicon")), []);

        const plain = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
        await plain.goto(watch.url);
        assertEquals(await plain.locator("#work li img").count() > 0, true);
      } finally {
        claim[Symbol.dispose]();
        await browser.close();
        await watch.end();
      }
    }),
});
