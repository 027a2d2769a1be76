/**
 * A worker: takes rows out of the queue, one after the other or several at a time, until it is asked to end.
 *
 * @module
 */
import { DelayedError, type Job, UnrecoverableError, WaitingError, Worker } from "bullmq";
import { InputError } from "../../../pipelines/base/errors.ts";
import type { Bucket } from "../../../pipelines/sources/bucket.ts";
import { humanTime } from "../../cli/progress.ts";
import type { Confinement, RowProcess } from "../task_process.ts";
import { codeIdentity } from "./code_identity.ts";
import { type PostedRow, readPostedRow } from "./posted_row.ts";
import { PREFIX, queueName } from "./queue_names.ts";
import type { RowDone } from "./row_done.ts";
import { type RedisLink, refusalOf } from "./redis_connection.ts";
import { type RowEnd, type RowPlace, workOn } from "./row_work.ts";
import { unlessGone } from "./unless_gone.ts";
import { giveSigns } from "./worker_signs.ts";

/** What a worker works with. */
export interface WorkerSettings extends RedisLink {
  /** The Redis as it may be shown. */
  readonly shown: string;
  /** Rows at a time. */
  readonly processes: number;
  readonly confinement: Confinement;
  /** The bucket through which folders may come back. */
  readonly bucket: Bucket | undefined;
  /** What the machine is called. */
  readonly host: string;
  say(line: string): void;
  complain(line: string): void;
  /** Aborted when it is to end in good order: rows are saved and given back. */
  readonly signal: AbortSignal;
}

/**
 * How a worker that is gone is told: it holds a row for so many milliseconds after its last word, and so often somebody
 * looks. Its own process does nothing else, so that it says a word in time.
 */
const PATIENCE = { lockDuration: 6000, stalledInterval: 3000 };

/** As often as a row may lose its worker: whoever is killed is no fault of the row. */
const MOST_LOSSES = 1000;

/** Milliseconds after which a row that another process is at is looked at again, and those that a worker rests which failed. */
const [BUSY_FOR, REST] = [5000, 2000];

/** Milliseconds between looks for rows of other code. */
const LOOK_EVERY = 15_000;

/** Works until the signal, and gives back what is not done; a Redis that is gone by then does so itself when it is back. */
export async function runWorker(settings: WorkerSettings): Promise<void> {
  const { redis, isThere, shown, processes, host, say, complain, signal } = settings;
  const code = await codeIdentity();
  const atWork = new Set<RowProcess>();
  const work = (job: Job<unknown, RowDone>, token = "") => process(job, token, { ...settings, atWork });
  const worker = new Worker<unknown, RowDone>(queueName(code), work, {
    ...PATIENCE,
    connection: redis,
    prefix: PREFIX,
    name: host,
    concurrency: processes,
    maxStalledCount: MOST_LOSSES,
    autorun: false,
  });
  worker.on("error", (error) => {
    if (!isLostLink(error)) complain(`redis      ${shown}: ${refusalOf(error)}`);
  });
  const isBusy = () => atWork.size > 0;
  if (await unlessGone(() => workUntilAsked(worker, { ...settings, code }), { isThere, signal, isBusy }) !== "gone") {
    return;
  }
  say(`redis      ${shown} is not back: what was at hand is saved, and goes back when this worker is missed`);
  worker.disconnect().catch(() => {}); // it waits for the Redis, too
  redis.disconnect();
}

/** Takes rows until the signal. */
async function workUntilAsked(
  worker: Worker<unknown, RowDone>,
  { redis, shown, processes, confinement, bucket, host, say, complain, signal, code }: WorkerSettings & {
    readonly code: string;
  },
): Promise<void> {
  await using _signs = await giveSigns(redis, { host, code });
  say(`worker     ${host}, code ${code}, ${processes} at a time, in ${confinement.within.join(", ")}`);
  if (bucket) say(`bucket     ${bucket.remote.shown}, for rows that come back through it`);
  say(`redis      ${shown}; Ctrl-C gives back what is not done`);
  let isTold = false;
  const look = async (): Promise<void> => {
    if (isTold || redis.status !== "ready") return;
    const other = (await readOtherQueues(redis)).filter((other) => other !== code);
    if (other.length === 0) return;
    isTold = true;
    complain(`note       rows wait for other code, ${other.join(", ")}; here is ${code}, which does not take them`);
  };
  const timer = setInterval(() => void look().catch(() => {}), LOOK_EVERY);
  await look();
  const running = worker.run();
  await new Promise<void>((ended) => {
    if (signal.aborted) return ended();
    signal.addEventListener("abort", () => ended());
  });
  clearInterval(timer);
  await worker.close();
  await running;
}

/** A link that was cut is told by the connection itself. */
const isLostLink = (error: Error): boolean =>
  /ECONN|EPIPE|Connection is closed|ETIMEDOUT|getaddrinfo/.test(String(error));

/** The codes for which rows wait. */
async function readOtherQueues(redis: RedisLink["redis"]): Promise<string[]> {
  const found = new Set<string>();
  for await (const keys of redis.scanStream({ match: `${PREFIX}:${queueName("*")}:wait`, count: 1000 })) {
    for (const key of keys) found.add(key.slice(`${PREFIX}:${queueName("")}`.length, -":wait".length));
  }
  return [...found].sort();
}

/** Works on what is in the queue: returns when it is done, throws what BullMQ makes of it otherwise. */
async function process(
  job: Job<unknown, RowDone>,
  token: string,
  settings: WorkerSettings & Pick<RowPlace, "atWork">,
): Promise<RowDone> {
  const { host, say, complain, signal } = settings;
  const began = performance.now();
  const posted = readOrRefuse(job, complain);
  const name = posted.row ?? "table";
  await job.updateProgress({ host });
  say(`${name}  begins, ${posted.folder}${job.attemptsStarted > 1 ? `, attempt ${job.attemptsStarted}` : ""}`);
  let worked: { readonly end: RowEnd; readonly isShared: boolean };
  try {
    worked = await workOn(posted, {
      ...settings,
      onLine: (line, isComplaint) => (isComplaint ? complain : say)(`${name}  ${line}`),
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    complain(`${name}  failed: ${reason}`);
    await new Promise((rested) => setTimeout(rested, REST)); // another machine may have what this one lacks
    throw new Error(`${host}: ${reason}`);
  }
  const { end, isShared } = worked;
  const seconds = (performance.now() - began) / 1000;
  say(`${name}  ${end}, ${humanTime(seconds)}`);
  if (end === "done") return { host, seconds, isShared };
  if (end === "taken back") throw new UnrecoverableError("taken back");
  if (end === "busy" && !signal.aborted) {
    await job.moveToDelayed(Date.now() + BUSY_FOR, token);
    throw new DelayedError();
  }
  await job.moveToWait(token);
  throw new WaitingError();
}

function readOrRefuse(job: Job<unknown>, complain: (line: string) => void): PostedRow {
  try {
    return readPostedRow(job.data);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    complain(`refused    job ${job.id}: ${error.message}`);
    throw new UnrecoverableError(`refused: ${error.message}`);
  }
}
