/**
 * The engine of one machine: row after row in this process, or several at a time in processes of their own.
 *
 * @module
 */
import { commandLine } from "../cli/option_values.ts";
import { defineEngine } from "./engine.ts";
import { mergeArgs, rowArgs } from "./row_jobs.ts";
import { RowProcess } from "./task_process.ts";

/** Rows on this machine. */
export const local = defineEngine({
  name: "local",
  options: {
    processes: {
      value: 1,
      help: "rows that are trained at a time, each in a process of its own, 1 to 256; 1 takes one after the other here",
      min: 1,
      max: 256,
      whole: true,
    },
  },
  plan(jobs) {
    const lines = jobs.rows.map(({ name }) => commandLine(jobs.task, rowArgs(jobs, name)));
    return [...lines, commandLine(jobs.task, mergeArgs(jobs))].join("\n");
  },
  async run({ jobs, options: { processes }, say, complain, signal, here }) {
    const waiting = jobs.rows.map(({ name }) => name);
    if (processes === 1) return await here(waiting);
    const failed: string[] = [];
    let isStopped = false;
    const work = async (): Promise<void> => {
      for (let row = waiting.shift(); row !== undefined && !signal.aborted; row = waiting.shift()) {
        const onLine = (line: string, isComplaint: boolean) => (isComplaint ? complain : say)(`${row}  ${line}`);
        const process = new RowProcess(jobs.task, rowArgs(jobs, row), { onLine });
        const ask = () => process.askToEnd();
        signal.addEventListener("abort", ask);
        if (signal.aborted) ask();
        const code = await process.ended;
        signal.removeEventListener("abort", ask);
        if (code === 0) continue;
        if (signal.aborted) isStopped = true;
        else {
          complain(`row ${row} ended with exit code ${code}; the same command tries it again`);
          failed.push(row);
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(processes, jobs.rows.length) }, work));
    if (isStopped || signal.aborted && waiting.length > 0) return "interrupted";
    return failed.length > 0 ? "failed" : "done";
  },
});
