/** What is in text of files cannot steer a terminal. */
import { assert, assertEquals } from "@std/assert";
import { painted, visible, visibleName } from "../../../tasks/cli/terminal.ts";
import { FAST, inTemporaryFolder } from "../../helpers.ts";
import { CAN_RUN, runTask } from "../command.ts";

Deno.test("of all letters below U+3000, those that Unicode calls controls or that turn text are escaped, no other", () => {
  // https://www.unicode.org/reports/tr9: the explicit directional marks, and the separators of lines and paragraphs.
  const turning = [0x61c, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e];
  turning.push(0x2066, 0x2067, 0x2068, 0x2069);
  for (let code = 0; code < 0x3000; code++) {
    const letter = String.fromCharCode(code);
    const isShown = letter === "\n" || letter === "\t" || !/\p{Cc}/u.test(letter) && !turning.includes(code);
    assertEquals(visible(letter) === letter, isShown, code.toString(16));
    if (!isShown) assert(/^\\(r|x[0-9a-f]{2}|u[0-9a-f]{4})$/.test(visible(letter)), visible(letter));
  }
  assertEquals(visible("\x1b]0;title\x07"), "\\x1b]0;title\\x07");
  assertEquals(visibleName("a\nb\tc"), "a\\nb\\tc");
});

Deno.test("colours of our own are colours, those of others are not, whatever they look like", () => {
  const red = painted(31, "\x1b[32mx");
  assertEquals(visible(`a${red}b`), "a\x1b[31m\\x1b[32mx\x1b[0mb");
  assertEquals(visible("\x1b{:31}x"), "\\x1b{:31}x");
});

Deno.test({
  name: "a command that cannot write to stderr does its work all the same, and ends as it would have",
  ignore: FAST || !CAN_RUN || Deno.build.os !== "linux",
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const line = '{"word":"cat","drawing":[[[0,255],[9,7]]]}\n';
      await Deno.writeTextFile(`${folder}/cat.ndjson`, line.repeat(3));
      const convert = (source: string) => {
        const task = "deno run --quiet -P=convert tasks/commands/convert.ts --to ndjson";
        const command = `exec ${task} ${folder}/${source} --output ${folder}/out.ndjson 2>/dev/full`;
        return new Deno.Command("sh", { args: ["-c", command], stdout: "null" }).output();
      };
      assertEquals((await convert("cat.ndjson")).code, 0);
      assertEquals(await Deno.readTextFile(`${folder}/out.ndjson`), line.repeat(3));
      assertEquals((await convert("none.ndjson")).code, 2);
    }),
});

Deno.test({
  name: "names out of files are shown escaped, on stdout and in error messages",
  ignore: FAST || !CAN_RUN,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const evil = "\x1b]0;PWNED\x07\x1b[31mred\u202e\nx";
      const lines = Array.from({ length: 40 }, (_, i) =>
        JSON.stringify({ word: evil, countrycode: "\x1b[2J", drawing: [[[i, 255, 0], [0, 3, 255]]] }));
      await Deno.writeTextFile(`${folder}/e.ndjson`, lines.join("\n"));
      await Deno.writeTextFile(`${folder}/\x1b[31mbad`, "nothing");
      const runs = [
        await runTask("inspect", [`${folder}/e.ndjson`, "--sheet="]),
        await runTask("prepare", [`${folder}/e.ndjson`, "--output", `${folder}/d`, "--classes", evil]),
        await runTask("inspect", [`${folder}/\x1b[31mbad`]),
        await runTask("inspect", ["--from", "\x1b[31m"]),
        await runTask("prepare", [`${folder}/e.ndjson`, "--output", `${folder}/d2`, "--classes", "\x1b[0m"]),
      ];
      assertEquals(
        runs.map(({ code }) =>
          code
        ),
        [0, 0, 2, 2, 2],
      );
      for (const { stdout, stderr } of runs) {
        assertEquals(/[^\P{Cc}\n]|\u202e/u.test(stdout + stderr), false, JSON.stringify(stdout + stderr));
      }
      assert(runs[0].stdout.includes("\\x1b]0;PWNED\\x07\\x1b[31mred\\u202e\\nx 40"), runs[0].stdout);
      assert(runs[1].stdout.split("\n")[1].startsWith("\\x1b]0;PWNED\\x07\\x1b[31mred\\u202e\\nx "), runs[1].stdout);
    }),
});
