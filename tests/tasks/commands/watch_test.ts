// `deno task watch` and `deno task train --watch` as a person runs them.
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { UsageError } from "../../../tasks/cli/option_values.ts";
import { trainCommand } from "../../../tasks/commands/train.ts";
import { watchCommand } from "../../../tasks/commands/watch.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { MAY_SERVE } from "../../pipelines/sources/hostile_server.ts";
import { CAN_RUN, taskCommand } from "../command.ts";
import { smallData, tinyFlags, trainTiny } from "../runs.ts";

/** Starts a task, and waits until it has said where its page is. */
async function started(
  task: string,
  args: readonly string[],
  folder: string,
): Promise<{ readonly process: Deno.ChildProcess; readonly url: string; readonly rest: ReadableStream<Uint8Array> }> {
  const process = taskCommand(task, [...args, "--port", "0"], { folder }).spawn();
  const [own, rest] = process.stdout.tee();
  let said = "";
  for await (const text of own.pipeThrough(new TextDecoderStream())) {
    said += text;
    const [, url] = /(http:\/\/127\.0\.0\.1:\d+\/) in a browser/.exec(said) ?? [];
    if (url !== undefined) return { process, url, rest };
  }
  throw new Error(`${task} said nothing of a page: ${said}${await new Response(process.stderr).text()}`);
}

const eventsOf = async (url: string) => (await fetch(`${url}events`)).text();

Deno.test({
  name: "watch: a training shows itself until it ends; another process shows it until Ctrl-C, and changes nothing",
  ignore: FAST || !CAN_RUN || !MAY_SERVE,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await smallData(`${folder}/data`);
      const loop = ["--data", "data", "--run", "run", "--train.steps", "30", "--train.checkpoint-every", "5"];
      const train = await started("train", [...tinyFlags("cnn"), ...loop, "--backend=wasm", "--watch"], folder);
      const [events, { code }, stderr] = await Promise.all([
        eventsOf(train.url),
        train.process.status,
        new Response(train.process.stderr).text(),
      ]);
      assertEquals(code, 0, stderr);
      assertStringIncludes(await new Response(train.rest).text(), "done       30 steps in ");
      assertStringIncludes(events, "It has finished; how good it is: deno task evaluate --run run");
      assert(events.endsWith("\n\n") && events.includes("event: end\n"), events.slice(-300));
      await assertRejects(() => fetch(train.url));

      const files = async () => {
        const entries = await Array.fromAsync(Deno.readDir(`${folder}/run`), ({ name }) => name);
        const infos = entries.toSorted().map(async (name) => [name, (await Deno.stat(`${folder}/run/${name}`)).mtime]);
        return await Promise.all(infos);
      };
      const before = await files();
      const watch = await started("watch", ["run"], folder);
      assertStringIncludes(await eventsOf(watch.url), "What it takes drawings for");
      assertStringIncludes(await (await fetch(watch.url)).text(), "What it takes drawings for");
      watch.process.kill("SIGINT");
      const [ended, complaint] = await Promise.all([watch.process.status, new Response(watch.process.stderr).text()]);
      await watch.rest.cancel();
      assertEquals(ended.code, 130, complaint);
      assertEquals(await files(), before);
    }),
});

Deno.test({
  name: "watch: what cannot be shown is refused, and a port without --watch",
  ignore: FAST || !MAY_SERVE || !may("read", "write", "env"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [data, run] = [`${folder}/data`, `${folder}/run`];
      await smallData(data);
      await trainTiny(data, run, { loop: { steps: 1 } });
      const cases: [args: string[], says: string][] = [
        [[], "name one run, such as runs/cnn-1; found 0"],
        [[run, run], "found 2"],
        [[`${folder}/none`, "--port", "0"], "none: no such folder"],
        [[data, "--port", "0"], "no run's folder"],
        [[run, "--host", "a/b"], '--host: "a/b" is no host\'s name'],
        [[run, "--port", "70000"], "--port: expected"],
        [[run, "--output", "x"], "unknown option --output"],
      ];
      for (const [args, says] of cases) await assertRejects(() => watchCommand(args), Error, says);
      await assertRejects(() => trainCommand(["--data", data, "--port", "80"]), UsageError, "--port is of --watch");
    }),
});
