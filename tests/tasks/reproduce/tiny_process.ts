/** Reproduces rows of the tiny table, as a process of its own: its folder, then the rows' names; all when left out. */
import { startBackend } from "../../../models/backends/backend.ts";
import { reproduce } from "../../../tasks/reproduce/reproduce.ts";
import { BUDGET, TABLE } from "./tiny_table.ts";

const [folder, ...rows] = Deno.args;
// deno-lint-ignore no-console
const write = (line: string) => console.log(line);
await reproduce({ table: TABLE, budget: BUDGET, sources: [], folder, rows, backend: await startBackend("wasm") }, {
  say: write,
  progress: ({ label }) => ({ update: (done) => write(`${label} ${done}`), end() {} }),
  signal: new AbortController().signal,
});
