/**
 * `deno task work`: trains rows that others put into a queue.
 *
 * @module
 */
import { resolve } from "node:path";
import { InputError } from "../../pipelines/base/errors.ts";
import { checkFolder, exists } from "../../pipelines/base/files.ts";
import { redisOf } from "../cluster/cluster_options.ts";
import { mayReach, runAgainReaching } from "../cluster/reach_host.ts";
import { bucketOf } from "../cluster/redis/queue_options.ts";
import { redisAddress } from "../cluster/redis/redis_address.ts";
import { Interrupt, interruptedCode } from "../cli/interrupt.ts";
import { main, say, whenInterrupted } from "../cli/main.ts";
import { UsageError } from "../cli/option_values.ts";
import { parseOptions } from "../cli/options.ts";
import { ENDPOINT_OPTION } from "../cli/remote_options.ts";
import type { TaskSpec } from "../cli/task_spec.ts";
import { complain } from "../cli/terminal.ts";

export const SPEC = {
  name: "work",
  summary:
    "Trains rows of tables that --engine bullmq of other commands, here or elsewhere, puts into a queue on a Redis, until " +
    "Ctrl-C. A row runs in a process of its own, which reads and writes the folders named here alone, reaches no network and " +
    "starts no program.",
  examples: ["deno task work --redis redis://:secret@queue.example:6379 --processes 2"],
  groups: {
    "": {
      redis: {
        value: "",
        help:
          "where the queue is: redis://:PASSWORD@HOST:PORT, rediss:// for TLS; the variable STROKEWISE_REDIS when left out",
      },
      bucket: {
        value: "",
        help:
          "s3://bucket/prefix through which the folders of rows may go that are submitted with --bullmq.bucket; AWS_ACCESS_KEY_ID, " +
          "AWS_SECRET_ACCESS_KEY and AWS_REGION say who writes there",
      },
      endpoint: ENDPOINT_OPTION,
      processes: { value: 1, help: "rows at a time, 1 to 256", min: 1, max: 256, whole: true },
      within: {
        value: ["runs", "data"] as readonly string[],
        help:
          "the folders that rows may read and write: those of their runs, and of the data and sources that they name",
      },
      modules: {
        value: [] as readonly string[],
        help:
          "models and augmentations of your own that rows may name, as paths of their modules; none but the built-in ones " +
          "when left out",
      },
    },
  },
} as const satisfies TaskSpec;

/** The command; Ctrl-C and SIGTERM save the rows at hand and give them back. */
export async function workCommand(args: readonly string[]): Promise<void> {
  const { values, given } = await parseOptions(SPEC, args);
  const { processes, within, modules } = values;
  const bucket = bucketOf(values, "--bucket");
  if (within.includes("")) throw new UsageError("--within: a folder's name is empty");
  for (const path of given.includes("within") ? within : []) {
    await checkFolder(path, `--within ${path}`);
    if (!await exists(path)) throw new InputError(`--within ${path}: no such folder`);
  }
  for (const path of modules) {
    if (!await exists(path)) throw new InputError(`--modules ${path}: no such file`);
  }
  const address = redisAddress(redisOf(values.redis), "--redis");
  using interrupt = new Interrupt();
  interrupt.isHeard = true;
  const { signal } = interrupt;
  using _hint = whenInterrupted((again) =>
    `rows at hand are saved and given back; the same command takes more: ${again}`
  );
  const hosts = [address.host, ...bucket ? [bucket.remote.host] : []];
  if (!hosts.every(mayReach)) {
    Deno.exitCode = await runAgainReaching(hosts, { task: "work", args, signal });
    return;
  }
  const { answered, connectRedis } = await import("../cluster/redis/redis_connection.ts"); // they read the environment
  const { runWorker } = await import("../cluster/redis/row_worker.ts");
  await bucket?.check();
  const link = await connectRedis(address, complain);
  try {
    await answered(address, () =>
      runWorker({
        ...{ ...link, shown: address.shown, bucket, processes, host: Deno.hostname(), say, complain, signal },
        confinement: { within: within.map((folder) => resolve(folder)), modules },
      }));
  } finally {
    link.redis.disconnect();
  }
  Deno.exitCode = interruptedCode();
}

if (import.meta.main) await main("work", workCommand);
