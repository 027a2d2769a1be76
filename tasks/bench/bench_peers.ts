/**
 * The PyTorch programs beside which training steps are timed.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";

/** What the programs printed. */
export interface PeerTimes {
  /** Milliseconds a step by what the line says between version and colon, such as `lstm T=28`. */
  readonly times: ReadonlyMap<string, number>;
  /** PyTorch's version; undefined where nothing ran. */
  readonly version: string | undefined;
}

/**
 * Runs `cnn_lstm.py` once for each batch size, `mnist_lstm.py` and `draw.py`; a program that is not there or fails is left out.
 * Each prints lines such as `torch 1.13.1 lstm T=28: median 22 ms/step, min 21`.
 *
 * @param python The Python that has PyTorch.
 * @param folder The programs' folder.
 * @param batchSizes Of the drawings.
 * @param env For the programs, such as which device to use; one that uses it says so: `torch 2.8 cuda lstm T=28: …`.
 */
export async function timePytorch(
  { python, folder, batchSizes, env = {} }: {
    readonly python: string;
    readonly folder: string;
    readonly batchSizes: readonly number[];
    readonly env?: Readonly<Record<string, string>>;
  },
): Promise<PeerTimes> {
  const times = new Map<string, number>();
  let version: string | undefined;
  for (
    const [name, ...args] of [...batchSizes.map((size) => ["cnn_lstm.py", `${size}`]), ["mnist_lstm.py"], ["draw.py"]]
  ) {
    const program = `${folder.replace(/\/$/, "")}/${name}`;
    if (!await Deno.stat(program).then(() => true, () => false)) continue;
    const { stdout } = await runPython(python, [program, ...args], env);
    for (
      const [, torch, what, time] of new TextDecoder().decode(stdout).matchAll(/^torch (\S+) (.+): median (\d+) ms/gm)
    ) {
      version = torch;
      times.set(what, Number(time));
    }
  }
  return { times, version };
}

async function runPython(
  python: string,
  args: string[],
  env: Readonly<Record<string, string>>,
): Promise<Deno.CommandOutput> {
  try {
    return await new Deno.Command(python, { args, env, stderr: "null" }).output();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new InputError(`--python ${python}: no such program`);
    throw error;
  }
}
