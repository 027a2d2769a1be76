/**
 * Rows in the queue, from the side that submits them and waits.
 *
 * @module
 */
import { FlowProducer, Queue } from "bullmq";
import type { Redis } from "ioredis";
import type { Bucket } from "../../../pipelines/sources/bucket.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { counted, listWords } from "../../../pipelines/base/text.ts";
import { humanTime } from "../../cli/progress.ts";
import type { EngineEnd, EngineWork } from "../engine.ts";
import type { RowJob, RowJobs } from "../row_jobs.ts";
import { RunClaim } from "../../runs/run_claim.ts";
import { removeStrays } from "./carried_content.ts";
import { fetchFolder, forgetFolder, sentFolders } from "./carried_folder.ts";
import { codeIdentity } from "./code_identity.ts";
import type { PostedRow } from "./posted_row.ts";
import { cancelKey, jobId, KEPT_FOR, PREFIX, queueName } from "./queue_names.ts";
import { bucketOf, MEGABYTE, type QUEUE_OPTIONS } from "./queue_options.ts";
import { redisAddress } from "./redis_address.ts";
import { answered, connectRedis } from "./redis_connection.ts";
import { readRowDone } from "./row_done.ts";
import { noteSubmitted, submittedFrom } from "./shared_folder.ts";
import { unlessGone } from "./unless_gone.ts";
import { readSigns } from "./worker_signs.ts";

/** Milliseconds before a second attempt; each further one waits twice as long. */
const BACKOFF = 2000;
/** Milliseconds between looks at the queue, and those without a worker after which that is said. */
const [LOOK_EVERY, ALONE] = [1000, 3000];
/** Milliseconds that the workers' job of the table has before it is made here. */
const TABLE_PATIENCE = 10_000;
/** How often what has ended is looked for, to leave nothing of it. */
const TIDY_TRIES = 5;

/**
 * Submits rows and waits until all have ended, or takes them back.
 *
 * @throws {InputError} When the Redis is not there or refuses, or other rows of the folder are in the queue.
 */
export async function submitRows(work: EngineWork<typeof QUEUE_OPTIONS>): Promise<EngineEnd> {
  const address = redisAddress(work.redis, "--redis");
  const bucket = bucketOf(work.options, "--bullmq.bucket");
  await bucket?.check();
  const { redis, isThere } = await connectRedis(address, work.complain);
  const code = await codeIdentity();
  const connection = { connection: redis, prefix: PREFIX };
  const queue = new Queue(queueName(code), connection);
  const flow = new FlowProducer(connection);
  const told = (): void => {}; // by the connection
  queue.on("error", told);
  flow.on("error", told);
  try {
    const submission = new Submission({ ...work, redis, bucket, queue, flow, code });
    const submit = () => work.options.takeBack ? submission.takeBack() : submission.run();
    const end = await answered(address, () => unlessGone(submit, { isThere, signal: work.signal }));
    if (end !== "gone") return end;
    work.say(`redis      ${address.shown} is not back: what is in the queue stays there`);
    return "interrupted";
  } finally {
    await unlessGone(() => Promise.all([queue.close(), flow.close()]), { isThere, signal: AbortSignal.abort() });
    redis.disconnect();
  }
}

interface SubmissionParts extends Omit<EngineWork<typeof QUEUE_OPTIONS>, "redis"> {
  readonly redis: Redis;
  readonly bucket: Bucket | undefined;
  readonly queue: Queue;
  readonly flow: FlowProducer;
  readonly code: string;
}

/** Rows in the queue, from the side that waits for them. */
class Submission {
  readonly #parts: SubmissionParts;
  #id = "";
  /** The rows that are neither done nor given up. */
  readonly #open: Set<RowJob>;
  readonly #failed: RowJob[] = [];
  /** Those that came through the queue. */
  #isShared = true;
  #isTold = false;

  constructor(parts: SubmissionParts) {
    this.#parts = parts;
    this.#open = new Set(parts.jobs.rows);
  }

  /** Submits rows, or waits for those that were submitted before, until all have ended. */
  async run(): Promise<EngineEnd> {
    const { jobs, signal, say, progress } = this.#parts;
    await this.#begin();
    const began = performance.now();
    let before = "";
    const shown = progress({ label: "rows", unit: "rows", total: jobs.rows.length });
    try {
      while (this.#open.size > 0 && !signal.aborted) {
        const working = await this.#look();
        const told = `${this.#open.size} ${working}`;
        if (told !== before) shown.update(jobs.rows.length - this.#open.size, { extra: working }); // hours may pass without news
        before = told;
        if (performance.now() - began > ALONE) await this.#checkWorkers();
        await passed(LOOK_EVERY, signal);
      }
    } finally {
      shown.end();
    }
    if (this.#open.size > 0) {
      say(
        "rows       go on without this command; the same command waits for them, and takes them back with --bullmq.take-back",
      );
      return "interrupted";
    }
    if (this.#failed.length === 0 && this.#isShared) await this.#tableMade();
    await this.#tidy();
    return this.#failed.length === 0 ? "done" : "failed";
  }

  /** Submits the rows, unless that was done before; of several commands at once one does. */
  async #begin(): Promise<void> {
    const { jobs: { folder, rows }, say } = this.#parts;
    await Deno.mkdir(folder, { recursive: true });
    using _claim = await RunClaim.at(
      `${folder}/queue.lock`,
      `${folder}: another command is submitting rows from it; the same command waits for them in a moment`,
    );
    const found = await submittedFrom(folder);
    if (found !== undefined && await this.#isThere(found)) {
      this.#id = found;
      say(`queue      the ${counted(rows.length, "row")} that were submitted before are waited for`);
      return;
    }
    if (found !== undefined) await this.#withdraw(found); // what failed, or was taken back: nobody goes on with it
    await this.#submit();
  }

  /** Takes back what was submitted from the folder. */
  async takeBack(): Promise<EngineEnd> {
    const { jobs, say } = this.#parts;
    const found = await submittedFrom(jobs.folder);
    if (found === undefined || !await this.#isThere(found)) {
      throw new InputError(`${jobs.folder}: nothing that was submitted from there is in the queue`);
    }
    await this.#withdraw(found);
    say("rows       are taken back: none begins any more, and those that were begun are saved and ended");
    return "handed over";
  }

  /** Has no more rows begin that were submitted with an id, and those that were begun end; leaves nothing of them in Redis. */
  async #withdraw(id: string): Promise<void> {
    this.#id = id;
    await this.#parts.redis.set(cancelKey(id), "1", "EX", KEPT_FOR);
    await this.#tidy();
  }

  /** Whether something with an id is in the queue and has not failed. */
  async #isThere(id: string): Promise<boolean> {
    const { queue, redis } = this.#parts;
    const table = await queue.getJob(jobId(id, null));
    if (table === undefined || await redis.exists(cancelKey(id)) === 1) return false;
    if (await table.getState() === "failed") return false;
    const { rows, args } = table.data as PostedRow;
    const { jobs } = this.#parts;
    if (JSON.stringify([rows, args]) !== JSON.stringify([jobs.rows, jobs.args])) {
      throw new InputError(
        `${jobs.folder}: other rows of it are in the queue; name another --run, or take them back with their own command and ` +
          "--bullmq.take-back",
      );
    }
    return true;
  }

  async #submit(): Promise<void> {
    const { jobs, options, bucket, queue, flow, say } = this.#parts;
    this.#id = crypto.getRandomValues(new Uint8Array(16)).toHex();
    const place = await noteSubmitted(jobs, this.#id);
    const posted: Omit<PostedRow, "row"> = {
      ...postedOf(jobs),
      ...{ id: this.#id, place, most: options.most * MEGABYTE, bucket: bucket?.remote.shown ?? "" },
    };
    const kept = { removeOnComplete: { age: KEPT_FOR }, removeOnFail: { age: KEPT_FOR } };
    const backoff = { type: "exponential", delay: BACKOFF };
    const [name, queueName] = ["row", queue.name];
    await flow.add({
      name: "table",
      queueName,
      data: { ...posted, row: null } satisfies PostedRow,
      opts: { ...kept, jobId: jobId(this.#id, null), attempts: options.attempts, backoff },
      children: jobs.rows.map((row) => ({
        name,
        queueName,
        data: { ...posted, row: row.name } satisfies PostedRow,
        opts: {
          ...kept,
          jobId: jobId(this.#id, row.name),
          attempts: options.attempts,
          backoff,
          failParentOnFailure: true,
        },
      })),
    });
    say(`queue      ${counted(jobs.rows.length, "row")} and the table, for workers of code ${this.#parts.code}`);
  }

  /**
   * Sees what became of the rows.
   *
   * @returns Who is at work.
   */
  async #look(): Promise<string> {
    const { queue, say, complain } = this.#parts;
    const hosts: string[] = [];
    const found = await Promise.all([...this.#open].map(async (row) => {
      const id = jobId(this.#id, row.name), before = await queue.getJob(id);
      const state = await before?.getState();
      // It may have ended in between: what it came to is read after its state.
      return { row, job: state === "completed" || state === "failed" ? await queue.getJob(id) : before, state };
    }));
    for (const { row, job, state } of found) {
      if (job === undefined) {
        complain("queue      is empty, as after a restart of Redis: what is left is submitted again");
        await this.#submit();
        return "";
      }
      if (state === "active") hosts.push(readRowDone(job.progress).host);
      if (state === "completed") {
        const { host, seconds, isShared } = readRowDone(job.returnvalue);
        if (!isShared) await this.#fetch(row);
        this.#isShared &&= isShared;
        say(`${row.name}  done by ${host} in ${humanTime(seconds)}${lossesOf(job.attemptsStarted)}`);
        this.#open.delete(row);
      }
      if (state === "failed") {
        complain(`${row.name}  given up: ${job.failedReason}`);
        this.#failed.push(row);
        this.#open.delete(row);
      }
    }
    return [...new Set(hosts)].map((host) => `${host} ${hosts.filter((other) => other === host).length}`).join(", ");
  }

  /** Fetches a row's folder, and those that all rows share. */
  async #fetch({ name: row, folder: name }: RowJob): Promise<void> {
    const { jobs: { folder: parent, rows }, options, redis, bucket } = this.#parts;
    const carried = { redis, bucket, id: this.#id, parent };
    const most = options.most * MEGABYTE;
    if (!await fetchFolder({ ...carried, name }, { most })) {
      throw new InputError(`${row}: its folder is not in the queue any more; the same command submits it again`);
    }
    for (const name of await sentFolders(redis, this.#id)) {
      if (!rows.some(({ folder }) => folder === name)) await fetchFolder({ ...carried, name }, { most });
    }
  }

  /** Says once that nobody is there who takes the rows. */
  async #checkWorkers(): Promise<void> {
    if (this.#isTold || this.#parts.redis.status !== "ready") return;
    const { redis, code, complain } = this.#parts;
    const signs = await readSigns(redis);
    if (signs.some((sign) => sign.code === code)) return;
    this.#isTold = true;
    const others = [...new Set(signs.map((sign) => `${sign.host} (${sign.code})`))];
    const found = others.length === 0
      ? ""
      : `; of other code ${others.length === 1 ? "is" : "are"} ${listWords(others)}`;
    complain(`note       no worker of code ${code} is there${found}; deno task work --redis … is one, on any machine`);
  }

  /** Waits a while for the table that a worker makes. */
  async #tableMade(): Promise<void> {
    const { queue, signal } = this.#parts;
    for (const began = performance.now(); performance.now() - began < TABLE_PATIENCE && !signal.aborted;) {
      const state = await (await queue.getJob(jobId(this.#id, null)))?.getState();
      if (state === undefined || state === "completed" || state === "failed") return;
      await passed(LOOK_EVERY / 4, signal);
    }
  }

  /** Leaves nothing in Redis of what has ended. */
  async #tidy(): Promise<void> {
    const { queue, redis, bucket, jobs } = this.#parts;
    const table = await queue.getJob(jobId(this.#id, null));
    const { rows = jobs.rows }: Partial<PostedRow> = table?.data ?? {}; // others, of what is withdrawn
    const remove = async (): Promise<boolean> => {
      let isLeft = false;
      for (const row of [null, ...rows.map(({ name }) => name)]) {
        const job = await queue.getJob(jobId(this.#id, row));
        await job?.remove({ removeChildren: false }).catch(() => void (isLeft = true));
      }
      return isLeft;
    };
    // One that a worker is at goes when it ends: what has failed just now in a moment, on a busy machine in a few.
    for (let tries = 0; tries < TIDY_TRIES && await remove(); tries++) {
      await new Promise((passed) => setTimeout(passed, LOOK_EVERY));
    }
    for (const name of await sentFolders(redis, this.#id)) await forgetFolder({ redis, bucket, id: this.#id, name });
    await removeStrays({ redis, bucket, id: this.#id });
  }
}

const lossesOf = (times: number): string => times > 1 ? `, begun ${times} times` : "";

function postedOf(
  { task, args, rows, folder, data }: RowJobs,
): Omit<PostedRow, "row" | "id" | "place" | "most" | "bucket"> {
  return { task, args, rows, folder, data };
}

/** Waits, or until the signal. */
async function passed(milliseconds: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener("abort", end);
  });
}
