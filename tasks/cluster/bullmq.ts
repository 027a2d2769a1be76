/**
 * The engine of any machines: rows wait in a queue of BullMQ's on a Redis, and `deno task work` takes them out of it.
 *
 * @module
 */
import { commandLine } from "../cli/option_values.ts";
import { defineEngine } from "./engine.ts";
import { bucketOf, QUEUE_OPTIONS } from "./redis/queue_options.ts";
import { mergeArgs, rowArgs } from "./row_jobs.ts";

/** Rows on any machines where a worker is. */
export const bullmq = defineEngine({
  name: "bullmq",
  options: QUEUE_OPTIONS,
  check: (options) => void bucketOf(options, "--bullmq.bucket"),
  hosts(options) {
    const bucket = bucketOf(options, "--bullmq.bucket");
    return bucket === undefined ? [] : [bucket.remote.host];
  },
  plan(jobs) {
    const lines = [...jobs.rows.map(({ name }) => rowArgs(jobs, name)), mergeArgs(jobs)];
    return lines.map((args) => commandLine(jobs.task, args)).join("\n");
  },
  async run(work) {
    const { submitRows } = await import("./redis/submission.ts"); // its packages read the environment
    return await submitRows(work);
  },
});
