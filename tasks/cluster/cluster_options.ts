/**
 * What the command line tells of engines.
 *
 * @module
 */
import type { OptionTable, OptionValues } from "../../pipelines/base/option_table.ts";
import { flagOf, UsageError } from "../cli/option_values.ts";
import type { Engine } from "./engine.ts";
import { ENGINES } from "./engines.ts";
import { redisAddress } from "./redis/redis_address.ts";

/** Options of a task whose rows an engine may train. */
export const CLUSTER_OPTIONS = {
  engine: {
    value: "local",
    choices: Object.keys(ENGINES),
    help:
      "what trains the rows: local, this machine; slurm, a cluster, as jobs; bullmq, any machines on which deno task work runs",
  },
  redis: {
    value: "",
    help: "where the queue of --engine bullmq is: redis://:PASSWORD@HOST:PORT, rediss:// for TLS; the variable " +
      "STROKEWISE_REDIS when left out",
  },
  dryRun: { value: false, help: "print what the engine would start, scripts or commands, and start nothing" },
} as const;

/** The options of engines, under their names. */
export const ENGINE_GROUPS: Readonly<Record<string, OptionTable>> = Object.fromEntries(
  Object.values(ENGINES).map(({ name, options }) => [name, options]),
);

/** The engine that was chosen. */
export interface ChosenEngine {
  readonly engine: Engine;
  readonly options: OptionValues<OptionTable>;
  /** The address of the Redis; empty for an engine that has none. */
  readonly redis: string;
  readonly dryRun: boolean;
}

/** Names the variable that may hold the address of a Redis. */
const REDIS_VARIABLE = "STROKEWISE_REDIS";

/** The address of a Redis: as given, or out of the environment, which other users of a machine do not see. */
export function redisOf(given: string): string {
  const { state } = Deno.permissions.querySync({ name: "env", variable: REDIS_VARIABLE });
  const address = given || (state === "granted" ? Deno.env.get(REDIS_VARIABLE) ?? "" : "");
  if (address !== "") return address;
  throw new UsageError(
    `--redis is missing: name the Redis of the queue, such as redis://127.0.0.1:6379, or set ${REDIS_VARIABLE}`,
  );
}

/**
 * The engine of a command line.
 *
 * @param parsed As `parseOptions` gives it, of a task with {@linkcode CLUSTER_OPTIONS} and {@linkcode ENGINE_GROUPS}.
 * @throws {UsageError} When options of another engine are given, or one that it needs is not.
 */
export function chosenEngine(
  { values, groups, given }: {
    readonly values: OptionValues<typeof CLUSTER_OPTIONS>;
    readonly groups: object;
    readonly given: readonly string[];
  },
): ChosenEngine {
  const { [values.engine]: engine } = ENGINES;
  const other = given.find((name) => {
    const [group, member] = name.split(".");
    return member !== undefined && group !== engine.name && Object.hasOwn(ENGINES, group);
  });
  if (other !== undefined) throw new UsageError(`${flagOf(other)}: not with --engine ${engine.name}`);
  const hasQueue = engine.name === "bullmq";
  if (!hasQueue && given.includes("redis")) throw new UsageError(`--redis: not with --engine ${engine.name}`);
  const { [engine.name]: options } = groups as Readonly<Record<string, OptionValues<OptionTable>>>;
  engine.check?.(options);
  const redis = hasQueue && !values.dryRun ? redisOf(values.redis) : "";
  if (redis !== "") redisAddress(redis, "--redis");
  return { engine, options, redis, dryRun: values.dryRun };
}

/** Whether rows are trained one after the other in the process that was started, as without engines. */
export function isInThisProcess({ engine: { name }, options: { processes }, dryRun }: ChosenEngine): boolean {
  return name === "local" && processes === 1 && !dryRun;
}

/** Whether an option is one of engines, by its dotted name. */
export function isOfEngines(name: string): boolean {
  const [group, member] = name.split(".");
  return member === undefined ? Object.hasOwn(CLUSTER_OPTIONS, group) : Object.hasOwn(ENGINES, group);
}

/**
 * Checks what is given beside `--collect`.
 *
 * @throws {UsageError} When that would have it make less than the whole table.
 */
export function checkCollect(given: readonly string[]): void {
  const beside = ["rows", "plan", "dryRun"].find((name) => given.includes(name));
  if (beside !== undefined) throw new UsageError(`--collect writes the whole table: leave out ${flagOf(beside)}`);
}
