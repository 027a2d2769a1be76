import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { commandLine, flagsFor, UsageError } from "../../../tasks/cli/option_values.ts";
import { HelpRequest, type ParsedOptions, parseOptions } from "../../../tasks/cli/options.ts";
import { main } from "../../../tasks/cli/main.ts";
import type { OptionTable } from "../../../pipelines/base/option_table.ts";

const models = {
  small: { lstmUnits: { value: 128, help: "units a layer, 1 or more", min: 1, whole: true } },
  large: { depth: { value: 3, help: "layers, 1 to 8", min: 1, max: 8, whole: true } },
};

const spec = {
  name: "train",
  summary: "Trains a model.",
  examples: ["deno task train --steps 500"],
  groups: {
    "": {
      steps: { value: 1000, help: "optimizer steps, 1 or more", min: 1, whole: true },
      rate: { value: 0.5, help: "share of strokes left out, 0 to 1", min: 0, max: 1 },
      shift: { value: 0, help: "pixels to the right" },
      classes: { value: ["circle"], help: "the classes" },
      recognizedOnly: { value: true, help: "only drawings that the game recognised" },
      log: { value: false, help: "writes a log" },
      out: { value: "runs", help: "the folder to write" },
      modelName: { value: "small", help: "the model", choices: ["small", "large"] },
    },
    augment: {
      channels: { value: [8, 16], help: "channels a layer", min: 1, whole: true },
      flip: { value: false, help: "mirrors" },
    },
    model: (own: { readonly modelName: string }) =>
      Promise.resolve<OptionTable>(own.modelName === "large" ? models.large : models.small),
  },
  rest: "[FILE…]",
} as const;

const parse = (args: string[], files: Record<string, string> = {}): Promise<ParsedOptions<typeof spec.groups>> =>
  parseOptions(spec, args, (file) => {
    if (files[file] === undefined) throw new Error("no such file");
    return files[file];
  });

const refuses = async (args: string[], message: string, files: Record<string, string> = {}): Promise<void> =>
  assertEquals((await assertRejects(() => parse(args, files), UsageError)).message, message);

Deno.test("without arguments every option has its default", async () => {
  const { values, groups, flat, given, rest } = await parse([]);
  const own = {
    steps: 1000,
    rate: 0.5,
    shift: 0,
    classes: ["circle"],
    recognizedOnly: true,
    log: false,
    out: "runs",
    modelName: "small",
  };
  assertEquals(values as unknown, own);
  assertEquals(groups as unknown, { augment: { channels: [8, 16], flip: false }, model: { lstmUnits: 128 } });
  assertEquals(flat as unknown, { ...own, "augment.channels": [8, 16], "augment.flip": false, "model.lstmUnits": 128 });
  assertEquals([given, rest], [[], []]);
});

Deno.test("the flat options are a config file", async () => {
  const parsed = await parse(["--steps", "5", "--model-name=large", "--model.depth=3"]);
  assertEquals((await parse(["--config", "a.json"], { "a.json": JSON.stringify(parsed.flat) })).flat, parsed.flat);
});

Deno.test("a list flag may be repeated", async () => {
  assertEquals([...(await parse(["--classes=sun", "--classes", "eye,cat"])).values.classes], ["sun", "eye", "cat"]);
});

Deno.test("flags: both spellings, both ways to give a value, groups, the last one wins", async () => {
  const { values, groups, given, rest } = await parse([
    ...["--steps=1", "--steps", "7", "--shift", "-2.5e1", "--rate", "1%", "a.ndjson", "--log", "--no-recognized-only"],
    ...[
      "--classes",
      "sun, ice cream,line",
      "--augment.channels=8,16,32",
      "--augment.flip",
      "12",
      "--model.lstmUnits",
      "64",
    ],
    ...["--out=", "--", "--steps", "9"],
  ]);
  assertEquals([values.steps, values.shift, values.rate, values.out], [7, -25, 0.01, ""]);
  assertEquals([values.log, values.recognizedOnly], [true, false]);
  assertEquals([...values.classes as readonly string[]], ["sun", "ice cream", "line"]);
  assertEquals(groups.augment as unknown, { channels: [8, 16, 32], flip: true });
  assertEquals(groups.model as unknown, { lstmUnits: 64 });
  assertEquals(rest, ["a.ndjson", "12", "--steps", "9"]);
  assertEquals(given, [
    ...["steps", "rate", "shift", "classes", "recognizedOnly", "log", "out"],
    ...["augment.channels", "augment.flip", "model.lstmUnits"],
  ]);
  assertEquals((await parse(["--recognized-only=false", "--classes="])).values.recognizedOnly, false);
});

Deno.test("a config file may begin with a byte order mark, as Windows' editors write it", async () => {
  assertEquals((await parse(["--config", "a.json"], { "a.json": '\ufeff{"steps": 5}' })).values.steps, 5);
});

Deno.test("a group may depend on the task's own options", async () => {
  assertEquals((await parse(["--model.depth", "5", "--model-name", "large"])).groups.model as unknown, { depth: 5 });
  await refuses(["--model.depth", "5"], "unknown option --model.depth");
});

Deno.test("unknown options are refused with the nearest name", async () => {
  await refuses(["--clases", "sun"], "unknown option --clases; did you mean --classes?");
  await refuses(["--lstm-units", "5"], "unknown option --lstm-units; did you mean --model.lstm-units?");
  await refuses(["--model", "large"], "unknown option --model; did you mean --model-name?");
  await refuses(["--Steps", "5"], "unknown option --Steps; did you mean --steps?");
  await refuses(["--model.LstmUnits", "5"], "unknown option --model.LstmUnits; did you mean --model.lstm-units?");
  await refuses(["--lu", "5"], "unknown option --lu; did you mean --model.lstm-units?");
  await refuses(["--units", "5"], "unknown option --units; did you mean --model.lstm-units?");
  await refuses(["--rec"], "unknown option --rec; did you mean --recognized-only?");
  await refuses(["--no-recognised-only"], "unknown option --no-recognised-only; did you mean --no-recognized-only?");
  await refuses(["--zzzzzz=1"], "unknown option --zzzzzz");
  await refuses(["-x"], "unknown option -x");
  assertEquals(
    (await assertRejects(() => parseOptions({ ...spec, rest: undefined! }, ["x"]), UsageError)).message,
    'unexpected argument "x"',
  );
});

Deno.test("an option of a group cannot have the name of the task's own", async () => {
  for (const name of ["seed", "config", "help"]) {
    const groups = {
      "": { seed: { value: 1, help: "s" } },
      "*": () => Promise.resolve({ [name]: { value: 2, help: "s" } }),
    };
    const words = `two options are named --${name}: the task's own and another's`;
    await assertRejects(() => parseOptions({ name: "x", summary: "s", examples: [], groups }, []), UsageError, words);
  }
});

Deno.test("values of the wrong type or out of range are refused", async () => {
  await refuses(["--steps", "many"], '--steps: expected a whole number, 1 or more; found "many"');
  await refuses(["--steps", "1.5"], '--steps: expected a whole number, 1 or more; found "1.5"');
  await refuses(["--steps", "0"], '--steps: expected a whole number, 1 or more; found "0"');
  await refuses(["--steps", "5%"], '--steps: expected a whole number, 1 or more; found "5%"');
  await refuses(["--steps", "0x10"], '--steps: expected a whole number, 1 or more; found "0x10"');
  await refuses(["--rate=150%"], '--rate: expected a number, 0 to 1; found "150%"');
  await refuses(["--shift", "Infinity"], '--shift: expected a number; found "Infinity"');
  await refuses(["--steps", "--log"], "--steps: a value is missing");
  await refuses(["--out"], "--out: a value is missing");
  await refuses(["--log=maybe"], '--log: takes no value, found "maybe"; --no-log switches it off');
  await refuses(
    ["--no-log=true"],
    '--log: takes no value, found "true"; --no-log switches it off'.replace("--log:", "--no-log:"),
  );
  await refuses(["--model-name", "huge"], '--model-name: expected one of small, large; found "huge"');
  await refuses(
    ["--augment.channels=8,x"],
    '--augment.channels: expected whole numbers with commas between, each 1 or more; found "8,x"',
  );
});

Deno.test("--config gives values that flags come before", async () => {
  const files = {
    "a.json": '{"steps": 5, "rate": 0.1, "augment.channels": [4], "modelName": "large", "model.depth": 2}',
  };
  const { values, groups, given } = await parse(["--config", "a.json", "--steps", "6"], files);
  assertEquals([values.steps, values.rate], [6, 0.1]);
  assertEquals(groups.augment as unknown, { channels: [4], flip: false });
  assertEquals(groups.model as unknown, { depth: 2 });
  assertEquals(given, ["steps", "rate", "modelName", "augment.channels", "model.depth"]);
});

Deno.test("a bad config file is refused by name", async () => {
  await refuses(["--config", "b.json"], "--config b.json: no such file");
  await refuses(["--config"], "--config: a file name is missing");
  const refusesFile = (text: string, message: string): Promise<void> =>
    refuses(["--config=a.json"], message, { "a.json": text });
  await refusesFile("[]", "a.json: expected an object of options, found []");
  await refusesFile('{"model": {"depth": 3}}', "a.json: unknown option model; did you mean modelName?");
  await refusesFile('{"step": 3}', "a.json: unknown option step; did you mean steps?");
  await refusesFile('{"model.units": 3}', "a.json: unknown option model.units");
  await refusesFile('{"steps": "3"}', 'a.json: steps: expected a whole number, 1 or more; found "3"');
  await refusesFile('{"steps": 1e999}', "a.json: steps: expected a whole number, 1 or more; found Infinity");
  await refusesFile('{"classes": "sun"}', 'a.json: classes: expected texts with commas between; found "sun"');
  assertStringIncludes(
    (await assertRejects(() => parse(["--config=a.json"], { "a.json": "{steps: 3}" }), UsageError)).message,
    "a.json: not JSON: ",
  );
});

Deno.test("--help shows every option, aligned, with its default", async () => {
  const text = (await assertRejects(() => parse(["--help", "--model-name", "large", "--bogus"]), HelpRequest)).message;
  const lines = text.split("\n");
  assertEquals(lines[0], "Trains a model.");
  assert(lines.includes("Usage: deno task train [options] [FILE…]"));
  assert(lines.includes("Model options [default]:"));
  assert(lines.every((line) => line.length <= 100), text);
  const starts = lines.filter((line) => line.startsWith("  -")).map((line) => /^ {2}\S.*? {2,}/.exec(line)?.[0].length);
  assertEquals(new Set(starts).size, 1, text);
  for (
    const part of [
      "--[no-]recognized-only",
      "only drawings",
      "[on]",
      "the model; one of small, large [small]",
      "--model.depth N",
      "layers, 1 to 8 [3]",
      "[8,16]",
      "a JSON file of these options by name", // which a run's options.json is to one task alone
      "deno task train --steps 500",
    ]
  ) assertStringIncludes(text, part);
  assertStringIncludes((await assertRejects(() => parse(["-h"]), HelpRequest)).message, "--model.lstm-units N");
});

Deno.test("main: one line and exit code 2 for bad input, a stack trace for defects", async () => {
  const attempt = async (run: () => void): Promise<unknown[]> => {
    const said: unknown[] = [];
    const log = (what: unknown): void => void said.push(what);
    await main("train", run, { args: [], print: (line) => log(["out", line]), complain: log, exit: log });
    return said;
  };
  const raise = (error: Error) => (): never => {
    throw error;
  };
  assertEquals(await attempt(() => {}), []);
  assertEquals(await attempt(raise(new UsageError("unknown option --a"))), [
    "strokewise train: unknown option --a (the same command with --help lists the options)",
    2,
  ]);
  assertEquals(await attempt(raise(new InputError("a\n  b"))), ["strokewise train: a b", 2]);
  assertEquals(await attempt(raise(new Deno.errors.NotFound("x: no such file"))), [
    "strokewise train: x: no such file",
    2,
  ]);
  const special = 'Requires all access to "/dev/stdin", run again with the --allow-all flag';
  assertEquals(await attempt(raise(new Deno.errors.NotCapable(special))), [
    "strokewise train: /dev/stdin: Deno opens no such special file; - is standard input, for sources",
    2,
  ]);
  const full = "No space left on device (os error 28)";
  assertEquals(await attempt(raise(new Error(full))), [`strokewise train: ${full}`, 2]);
  assertEquals(await attempt(raise(new HelpRequest("the help"))), [["out", "the help"]]);
  const defect = new TypeError("a defect");
  assertEquals(await attempt(raise(defect)), [`strokewise train: a defect of this program: ${defect.stack}`, 1]);
  defect.stack = "TypeError: a defect\n    at build (file:///home/me/my_model.ts:3:5)\n    at main (file:///x.ts:1:1)";
  const place = "file:///home/me/my_model.ts:3:5";
  assertEquals(await attempt(raise(defect)), [`strokewise train: TypeError: a defect (${place})`, 2]);
});

Deno.test("an empty value empties what is not empty by default; else it is a shell variable that is not set", async () => {
  assertEquals((await parse(["--classes="])).values.classes, []);
  assertEquals((await parse(["--out="])).values.out, "");
  const unset = ": its value is empty, as that of a shell variable that is not set; leave it out";
  for (
    const args of [["--classes", "a", "--classes="], ["--classes=", "--classes", "a"], ["--classes=", "--classes="]]
  ) {
    await refuses(args, `--classes${unset}`);
  }
  const own = { source: { value: [] as string[], help: "files" }, run: { value: "", help: "the folder" } };
  const spec = { name: "x", summary: "x", examples: ["x"], groups: { "": own } };
  for (const flag of ["--source", "--run"]) {
    await assertRejects(() => parseOptions(spec, [`${flag}=`]), UsageError, `${flag}${unset}`);
  }
});

Deno.test("an element of a list is never empty, and no argument is", async () => {
  for (const text of ["a,,b", ",", " ", "a,"]) {
    await assertRejects(() => parse(["--classes", text]), UsageError, "nothing stands between two commas");
  }
  const spec = { name: "x", summary: "x", examples: ["x"], groups: { "": {} }, rest: "[FILE…]" };
  await assertRejects(() => parseOptions(spec, ["a", ""]), UsageError, "an argument is empty");
  assertEquals((await parseOptions(spec, ["a"])).rest, ["a"]);
});

Deno.test("options are typed so that they mean the same again, and as a shell takes them", async () => {
  const odd = { classes: ["-a", "b c"], steps: 7 };
  assertEquals(flagsFor(odd), ["--classes=-a,b c", "--steps", "7"]);
  assertEquals((await parse(flagsFor({ classes: [] }))).values.classes, []);
  assertEquals((await parse(flagsFor({ classes: odd.classes }))).values.classes, odd.classes);
  assertEquals(commandLine("train", ["--run", "it's", "a\nb", ""]), "deno task train --run 'it'\\''s' 'a\nb' ''");
});

Deno.test("a reader that has enough, such as head, ends a task without a word", async () => {
  const said: unknown[] = [];
  const note = (what: unknown) => void said.push(what);
  const fail = () => Promise.reject(new Deno.errors.BrokenPipe("Broken pipe (os error 32)"));
  await main("inspect", fail, { args: [], print: note, complain: note, exit: note });
  assertEquals(said, [141]);
});

Deno.test("a number's option may take words in its place", async () => {
  const workers = { value: "auto", words: ["auto"], help: "threads, 1 to 8", min: 1, max: 8, whole: true } as const;
  const task = { name: "train", summary: "Trains.", examples: [], groups: { "": { workers } } } as const;
  const parse = async (...args: string[]): Promise<number | "auto"> => (await parseOptions(task, args)).values.workers;
  assertEquals([await parse(), await parse("--workers", "3"), await parse("--workers=auto")], ["auto", 3, "auto"]);
  for (const text of ["many", "9", "1.5", "-1", "Auto"]) {
    const { message } = await assertRejects(() => parse("--workers", text), UsageError);
    assertEquals(message, `--workers: expected a whole number, 1 to 8, or auto; found "${text}"`);
  }
  const { message } = await assertRejects(() => parse("--help"), HelpRequest);
  assertStringIncludes(message, "--workers N ");
  assertStringIncludes(message, "threads, 1 to 8 [auto]");
});
