/** The Python programs beside which work is timed: what they print is told line by line. */
import { assert, assertEquals } from "@std/assert";
import { runPeer } from "../../../tasks/bench/bench_peers.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";

/** A stand-in for Python that prints two lines, and a third only once the file `go` is beside it. */
const PYTHON = `#!/bin/sh
echo '{"name": "first", "program": "'"$(basename "$1")"'"}'
while [ ! -e "$(dirname "$0")/go" ]; do sleep 0.05; done
echo
echo '{"name": "second", "seen": "'"$2 $SEEN"'"}'
[ "$2" = fail ] && exit 1
while [ ! -e "$(dirname "$0")/end" ]; do sleep 0.05; done
touch "$(dirname "$0")/ended"
`;

Deno.test({
  name: "a peer's lines come as it prints them; what fails ends them, and no reader ends it",
  ignore: !may("read", "write", "run"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const python = `${folder}/python`;
      await Deno.writeTextFile(python, PYTHON, { mode: 0o755 });
      const lines = runPeer(python, { program: "steps.py", args: ["fail"], env: { SEEN: "environment" } });
      assertEquals((await lines.next()).value, { name: "first", program: "steps.py" }); // before it could print another
      await Deno.writeTextFile(`${folder}/go`, "");
      assertEquals(await Array.fromAsync(lines), [{ name: "second", seen: "fail environment" }]);

      for await (const line of runPeer(python, { program: "steps.py", args: ["wait"] })) {
        assert((line as { name: string }).name === "first");
        break; // here it waits for good
      }
      await Deno.writeTextFile(`${folder}/end`, "");
      await new Promise((resolve) => setTimeout(resolve, 300));
      const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
      assertEquals(names.sort(), ["end", "go", "python"]);
      assertEquals(await Array.fromAsync(runPeer(`${folder}/none`, { program: "steps.py", args: [] })), []);
    }),
});
