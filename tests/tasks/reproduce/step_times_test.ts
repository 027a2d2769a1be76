/** What steps take is told by names of rows: each must be one's. */
import { assert, assertEquals } from "@std/assert";
import { ACCEPTANCES } from "../../../tasks/reproduce/acceptances.ts";
import { STEP_TIMES } from "../../../tasks/reproduce/step_times.ts";
import { REPRODUCE_TABLES } from "../../../tasks/reproduce/tables.ts";

Deno.test("each time that was measured is of a row that there is, and above 0", () => {
  for (const [table, times] of Object.entries(STEP_TIMES)) {
    const { rows, classifier } = REPRODUCE_TABLES[table] ?? { rows: ACCEPTANCES.map(({ experiment }) => experiment) };
    assert(table === "accept" || Object.hasOwn(REPRODUCE_TABLES, table), table);
    const names = [...rows, ...(classifier ? [classifier] : [])].map(({ name }) => name);
    assertEquals(Object.keys(times).filter((name) => !names.includes(name)), [], table);
    assert(Object.values(times).every((time) => time > 0), table);
  }
});

Deno.test("of frankenstein and generating-images every row was measured", () => {
  for (const table of ["frankenstein", "generating-images"]) {
    const missing = REPRODUCE_TABLES[table].rows.filter(({ name }) => STEP_TIMES[table]?.[name] === undefined);
    assertEquals(missing.map(({ name }) => name), [], table);
  }
});
