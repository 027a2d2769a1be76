// `deno task serve` and `deno task export` as a person runs them.
import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { exportCommand } from "../../../tasks/commands/export.ts";
import { serveCommand } from "../../../tasks/commands/serve.ts";
import { MAY_SERVE } from "../../pipelines/sources/hostile_server.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { CAN_RUN, type Ended, runTask, taskCommand } from "../command.ts";
import { linesOf } from "../prepared.ts";
import { smallData, trainTiny } from "../runs.ts";

function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({ name, ignore: FAST || !CAN_RUN || !MAY_SERVE, fn: () => inTemporaryFolder(fn) });
}

/** Starts `deno task serve`, has `visit` visit it, ends it by a signal. */
async function served(
  args: readonly string[],
  visit: (url: string, process: Deno.ChildProcess) => Promise<void>,
  { folder, signal = "SIGINT" }: { readonly folder: string; readonly signal?: "SIGINT" | "SIGTERM" | "SIGKILL" },
): Promise<Ended & { readonly said: string }> {
  const process = taskCommand("serve", args, { folder }).spawn();
  const [own, rest] = process.stdout.tee();
  let said = "";
  let url: string | undefined;
  for await (const text of own.pipeThrough(new TextDecoderStream())) {
    said += text;
    [, url] = /open (http:\S+) in a browser/.exec(said) ?? [];
    if (url !== undefined) break;
  }
  try {
    if (url !== undefined) await visit(url, process);
  } finally {
    process.kill(signal);
  }
  const [{ code }, stderr] = await Promise.all([process.status, new Response(process.stderr).text()]);
  const stdout = await new Response(rest).text();
  return { code, stdout, stderr, said };
}

const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${url}drawings`, {
    method: "POST",
    headers: { origin: new URL(url).origin, "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });

const DRAWING = { word: "sun", recognized: true, strokes: [[[0.25, 0.5], [0.1, 0.1], [0, 80]]] };

test("a run is served, drawings are collected, Ctrl-C ends in good order; prepare reads what was collected", async (folder) => {
  await smallData(`${folder}/data`);
  await trainTiny(`${folder}/data`, `${folder}/runs/tiny`, { loop: { steps: 2 } });
  const args = ["--port", "0", "--collect", "mine.ndjson", "--country", "CH"];
  const { code, stdout, stderr } = await served(args, async (url) => {
    assertMatch(url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
    const manifest = await (await fetch(`${url}site.json`)).json();
    assertEquals(manifest.runs.map(({ name }: { readonly name: string }) => name), ["tiny"]);
    assertEquals(manifest.collects, true);
    for (const path of ["", manifest.worker, manifest.runs[0].weights.path]) {
      const { status, body } = await fetch(url + path);
      await body?.cancel();
      assertEquals(status, 200, path);
    }
    const taken = await post(url, DRAWING);
    assertEquals(taken.status, 201);
    await taken.body?.cancel();
    const foreign = await post(url, DRAWING, { origin: "http://evil.example" });
    assertEquals(foreign.status, 403);
    await foreign.body?.cancel();
    const { port } = new URL(url);
    const busy = await runTask("serve", ["--port", port], { folder });
    assertEquals([busy.code, busy.stdout.includes("http://")], [2, false]);
    assertMatch(
      busy.stderr,
      /^strokewise serve: --port \d+: something else listens there already, .*--port \d+ is free\n$/,
    );
    const twice = await runTask("serve", ["--port", "0", "--collect", "mine.ndjson"], { folder });
    assertEquals(twice.code, 2);
    assertStringIncludes(twice.stderr, "another server is collecting into it");
  }, { folder });
  assertEquals(code, 130, stderr);
  assertStringIncludes(stderr, "interrupted");
  assertStringIncludes(stdout, "1 drawing was added to mine.ndjson; deno task prepare --source mine.ndjson reads them");
  const [line] = await linesOf(`${folder}/mine.ndjson`);
  assertEquals([line.word, line.countrycode, line.recognized, line.drawing], ["sun", "CH", true, [[[0, 255], [0, 0]]]]);
  const prepared = await runTask("prepare", ["--source", "mine.ndjson", "--output", "out"], { folder });
  assertEquals(prepared.code, 0, prepared.stderr);
});

test("without a run the page is served all the same; SIGTERM ends it; a kill costs no drawing", async (folder) => {
  const term = await served(["--port", "0"], async (url) => {
    const { runs, command, collects } = await (await fetch(`${url}site.json`)).json();
    assertEquals([runs, command, collects], [[], "deno task quickstart", false]);
    const refused = await post(url, DRAWING);
    await refused.body?.cancel();
    assertEquals(refused.status, 404);
  }, { folder, signal: "SIGTERM" });
  assertEquals(term.code, 143);
  assertStringIncludes(term.said, "deno task quickstart");
  const args = ["--port", "0", "--collect", "own/mine.ndjson"];
  let keys: string[] = [];
  await served(args, async (url) => {
    keys = await Promise.all(
      Array.from({ length: 10 }, async () => (await (await post(url, DRAWING)).json()).key_id as string),
    );
  }, { folder, signal: "SIGKILL" });
  const kept = (await linesOf(`${folder}/own/mine.ndjson`)).map(({ key_id }) => key_id as string);
  assertEquals(kept.toSorted(), keys.toSorted());
  await Deno.writeTextFile(`${folder}/own/mine.ndjson`, '{"word":"su', { append: true });
  const { said } = await served(args, () => Promise.resolve(), { folder });
  assertStringIncludes(said, "note       own/mine.ndjson: its last line, 11 bytes, was cut short");
  assertEquals((await linesOf(`${folder}/own/mine.ndjson`)).length, 10);
});

test("what cannot be served or exported is one line and exit code 2", async (folder) => {
  const cases: [task: "serve" | "export", args: string[], says: string][] = [
    ["serve", ["--run", "."], "run .: no run's folder"],
    [
      "serve",
      ["--host", "no.such.host.invalid", "--port", "0"],
      "--host no.such.host.invalid: no address of this machine",
    ],
    ["serve", ["--collect", "new.ndjson", "--host", "192.0.2.7"], "--host 192.0.2.7: no address of this machine"], // RFC 5737
    ["export", ["--output", "page"], "there is no run to export in runs; deno task quickstart makes one"],
    ["export", ["--output", "."], "output .: holds the folder that you are in"],
  ];
  for (const [task, args, says] of cases) {
    const { code, stdout, stderr } = await runTask(task, args, { folder });
    assertEquals([code, stderr.trimEnd().split("\n").length], [2, 1], stderr);
    assertStringIncludes(stderr, `strokewise ${task}: ${says}`);
    assert(!stdout.includes("http://"), stdout);
  }
  const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  assertEquals(names, ["data"]); // the bundled page
});

Deno.test({
  name: "serve and export refuse what they are told wrong, and leave nothing behind",
  ignore: !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const diary = `${folder}/diary.txt`;
      await Deno.writeTextFile(diary, "Dear diary\n");
      const [none, fresh] = [`${folder}/none`, `${folder}/new.ndjson`];
      const served: [args: string[], says: string][] = [
        [["--run", none], `run ${none}: no such folder`],
        [["--run", none, "--collect", fresh], `run ${none}: no such folder`],
        [["--port", "70000"], "--port: expected"],
        [["--collect", diary], "diary.txt:1: bad JSON"],
        [["--collect", folder], `--collect ${folder}: not a file`],
        [["--country", "Switzerland"], "--country: expected two capital letters"],
        [["--country", "CH"], "--country: only with --collect"],
        [["--allow-host", "http://a/"], '--allow-host: "http://a/" is no host\'s name'],
        [["--allow-host", "*"], '--allow-host: "*" is no host\'s name'],
        [["--host="], '--host: "" is no host\'s name'],
        [["--prot", "1"], "unknown option --prot"],
        [["--prototypes", none], `--prototypes ${none}: not there`],
      ];
      for (const [args, says] of served) await assertRejects(() => serveCommand(args), Error, says);
      const exported: [args: string[], says: string][] = [
        [[], "--output: expected the file or folder to be made"],
        [["--output", none, none], `run ${none}: no such folder`],
        [["--output", none, "--to", "sites"], "--to: expected one of site"],
        [["--output", diary], `output ${diary}: already there`],
        [["--output", diary, "--overwrite"], "holds no strokewise page"],
      ];
      for (const [args, says] of exported) await assertRejects(() => exportCommand(args), Error, says);
      assertEquals(await Array.fromAsync(Deno.readDir(folder), ({ name }) => name), ["diary.txt"]);
    }),
});
