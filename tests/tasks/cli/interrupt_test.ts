/** Signals as a process gets them from a person: heard at any time, the first in good order, the second at once. */
import { assertEquals } from "@std/assert";
import { FAST } from "../../helpers.ts";
import { CAN_RUN } from "../command.ts";

const CLI = new URL("../../../tasks/cli/", import.meta.url).href;

/**
 * Runs a task of this body, sends a signal after each line it says, each so many times, and tells what it wrote and how it
 * ended.
 */
async function run(body: string, signals: readonly Deno.Signal[], times = 1): Promise<string[]> {
  const program = `
    import { Interrupt, interruptedCode } from "${CLI}interrupt.ts";
    import { main, say, whenInterrupted } from "${CLI}main.ts";
    import { replaceFile } from "${new URL("../../pipelines/base/files.ts", CLI).href}";
    const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const block = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    await main("draw", async () => { await sleep(500); ${body} });`;
  const process = new Deno.Command(Deno.execPath(), {
    args: ["eval", program, "--", "--out", "a b"],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [lines, left] = [[] as string[], [...signals]];
  const complaints = new Response(process.stderr).text();
  for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) {
    for (const line of text.trim().split("\n")) {
      lines.push(line);
      const signal = left.shift();
      for (let sent = 0; signal && sent < times; sent++) {
        if (sent > 0) await new Promise((resolve) => setTimeout(resolve, 20)); // the system makes one of two at a time
        process.kill(signal);
      }
    }
  }
  const { code, signal } = await process.status;
  return [...lines, ...(await complaints).split("\n").filter((line) => line !== ""), signal ?? `${code}`];
}

const ANEW = "strokewise draw: interrupted; the same command begins anew: deno task draw --out 'a b'";
const FINISHED = "strokewise draw: interrupted; the work at hand is finished first, a second time ends it at once";

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test({
    name: `${signal} ends a command that waits, or computes, or never comes to its event loop`,
    ignore: FAST || !CAN_RUN,
    fn: async () => {
      assertEquals(await run(`say("here"); await sleep(20000);`, [signal]), ["here", ANEW, `${code}`]);
      const busy = ["here", ANEW, signal];
      assertEquals(await run(`say("here"); for (;;);`, [signal]), busy);
      assertEquals(await run(`say("here"); for (;;) await null;`, [signal]), busy);
      assertEquals(await run(`say("here"); block(20000);`, [signal]), busy);
    },
  });

  Deno.test({
    name: `${signal} lets work end in good order, a second one ends it at once`,
    ignore: FAST || !CAN_RUN,
    fn: async () => {
      const start = `using interrupt = new Interrupt(); interrupt.isHeard = true; say("here");`;
      const ending = `while (!interrupt.signal.aborted) await sleep(10); Deno.exitCode = interruptedCode();`;
      assertEquals(await run(`${start} ${ending}`, [signal]), ["here", FINISHED, `${code}`]);
      const deaf = `${start} await sleep(600); say("still"); for (;;);`;
      assertEquals(await run(deaf, [signal, signal]), ["here", "still", FINISHED, signal]);
      const busy = `${start} block(1800); say("still"); for (;;);`;
      assertEquals(await run(busy, [signal, signal]), ["here", "still", FINISHED, signal]);
      const slow = `${start} while (!interrupt.signal.aborted) await sleep(10); await sleep(300); Deno.exitCode = 7;`;
      assertEquals(await run(slow, [signal], 2), ["here", FINISHED, "7"]); // one signal, passed on by deno task as well
      const over = `{ ${start} } await sleep(20000);`;
      assertEquals(await run(over, [signal]), ["here", ANEW, `${code}`]);
    },
  });
}

Deno.test({
  name: "a command says what it leaves, and nothing half written is left",
  ignore: FAST || !CAN_RUN,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      const path = JSON.stringify(`${folder}/file`);
      const body = `whenInterrupted((again) => "half is kept: " + again.slice(0, 9));
        await replaceFile(${path}, async () => { say("here"); await sleep(20000); });`;
      assertEquals(await run(body, ["SIGINT"]), [
        ...["here", "strokewise draw: interrupted; half is kept: deno task", "130"],
      ]);
      assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
      const deaf = `whenInterrupted(() => "half is kept"); say("here"); for (;;);`;
      assertEquals(await run(deaf, ["SIGINT"]), ["here", "strokewise draw: interrupted; half is kept", "SIGINT"]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
