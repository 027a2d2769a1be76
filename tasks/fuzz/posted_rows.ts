/**
 * What `deno task fuzz` puts into the queue of rows: whoever can write to the Redis can put anything there.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import type { Prng } from "../../pipelines/base/prng.ts";
import { type PostedRow, readPostedRow } from "../cluster/redis/posted_row.ts";
import { mutateJson, pick } from "./fuzz_mutate.ts";
import type { FuzzTarget } from "./fuzz_target.ts";

const HASH = "0123456789abcdef".repeat(4);

const GOOD: PostedRow = {
  ...{ task: "sweep", args: ["--model", "cnn", "--train.steps", "5", "--seed", "0,1"], row: "seed-1" },
  rows: ["seed-0", "seed-1"].map((name) => ({ name, folder: name })),
  ...{ folder: "runs/sweep-cnn", id: HASH.slice(0, 32), place: HASH.slice(0, 12), most: 1e9 },
  bucket: "s3://bucket/rows",
  data: [{ path: "data/quickdraw", identity: HASH }],
};

/** What a stranger would try in the place of a text. */
const HOSTILE = [
  ...["--config=/etc/passwd", "-config", "--RUN", "--engine", "../../etc", "/etc", "a/../../b", "-x", "..", ".", ""],
  ...["a\u0000b", "a\nb", "\u001b[2J", "$(id)", "; rm", "`id`", "s3://x/?y", "s3://", "__proto__", "a".repeat(5000)],
];

/** The texts of a message, each with how to put another in its place. */
function textsIn(node: Record<string, unknown>): ((text: string) => void)[] {
  return Object.entries(node).flatMap(([key, value]) =>
    typeof value === "string"
      ? [(text: string): void => void (node[key] = text)]
      : typeof value === "object" && value !== null
      ? textsIn(value as Record<string, unknown>)
      : []
  );
}

function draw(prng: Prng): Uint8Array {
  if (pick(prng, [true, false])) return new TextEncoder().encode(mutateJson(JSON.stringify(GOOD), prng));
  const message = structuredClone(GOOD) as unknown as Record<string, unknown>;
  pick(prng, textsIn(message))(pick(prng, HOSTILE));
  return new TextEncoder().encode(JSON.stringify(message));
}

/** A row is refused, or leaves no way out of the folders that the worker names and no option but a row's own. */
function parse(input: Uint8Array): void {
  const { args, row, rows, folder, data } = readPostedRow(JSON.parse(new TextDecoder().decode(input)));
  const names = [row ?? "table", ...rows.flatMap((job) => [job.name, job.folder])];
  const texts = [...args, folder, ...names, ...data.map(({ path }) => path)];
  // deno-lint-ignore no-control-regex
  const isPlain = texts.every((text) => typeof text === "string" && !/[\x00-\x1f\x7f]/.test(text));
  const staysWithin = names.every((name) => !/[/\\]|^\.|^-/.test(name)) && !folder.split("/").includes("..");
  const isRows = args.every((arg) => !/^--?(config|run|engine|redis|rows|collect|dry-run)\b/i.test(arg));
  if (!isPlain || !staysWithin || !isRows) throw new Error("a row is taken that no command of ours would post");
}

/** Messages in the queue, each refused or such as could have been posted. */
export function postedRowTarget(): FuzzTarget {
  return {
    draw,
    parse(input) {
      try {
        parse(input);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        throw new InputError(error.message.replace(/(?<=its .* is ).*|(?<=no row: )(?!its ).*/s, "…")); // without the text itself
      }
    },
  };
}
