/** Signals as a process gets them from a person: the first ends it in good order, the second at once. */
import { assertEquals } from "@std/assert";
import { CAN_RUN } from "../command.ts";

const MODULE = new URL("../../../tasks/cli/interrupt.ts", import.meta.url).href;

/** Runs a program that imports `Interrupt`, sends a signal after each line it writes, and tells how it ended. */
async function run(code: string, signals: readonly Deno.Signal[]): Promise<string[]> {
  const program = `import { Interrupt } from ${JSON.stringify(MODULE)};\n${code}`;
  const process = new Deno.Command(Deno.execPath(), { args: ["eval", program], stdout: "piped" }).spawn();
  const [lines, left] = [[] as string[], [...signals]];
  for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) {
    for (const line of text.trim().split("\n")) {
      lines.push(line);
      const signal = left.shift();
      if (signal) process.kill(signal);
    }
  }
  const { code: exit, signal } = await process.status;
  return [...lines, signal ?? `${exit}`];
}

const WAIT = `
const interrupt = new Interrupt();
const aborted = new Promise((resolve) => interrupt.signal.addEventListener("abort", resolve));
const awake = setInterval(() => {}, 1000);
console.log("ready");
await aborted;
clearInterval(awake);
console.log("aborted");
`;

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test({
    name: `the first ${signal} is heard, the second ends a process that is busy`,
    ignore: !CAN_RUN,
    fn: async () => {
      assertEquals(await run(WAIT, [signal]), ["ready", "aborted", "0"]);
      assertEquals(await run(`${WAIT} for (;;);`, [signal, signal]), ["ready", "aborted", signal]);
    },
  });
}

Deno.test({
  name: "once it is disposed of, signals are the system's",
  ignore: !CAN_RUN,
  fn: async () => {
    const code = `{ using interrupt = new Interrupt(); interrupt[Symbol.dispose](); } console.log("ready"); for (;;);`;
    assertEquals(await run(code, ["SIGTERM"]), ["ready", "SIGTERM"]);
  },
});
