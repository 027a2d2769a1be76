/**
 * A cluster of the tests' own: Slurm's controller and two nodes, each node with a network and a hostname of its own, which
 * nothing outside can reach.
 */
import { may } from "../../helpers.ts";

/** What is started or asked. */
const PROGRAMS = ["munged", "slurmctld", "slurmd", "sbatch", "scontrol", "squeue", "ip", "nsenter", "unshare"];

/** Why there can be no cluster; undefined where there can. */
const MISSING: string | undefined = whatIsMissing();

/** Whether a cluster can be started. */
export const HAS_SLURM: boolean = MISSING === undefined;

/** The name of a test that needs Slurm; it says why it is ignored. */
export function withSlurm(name: string): string {
  return MISSING === undefined ? name : `${name} (needs ${MISSING})`;
}

function whatIsMissing(): string | undefined {
  if (!may("read", "write", "run", "env")) return "deno test -P=test";
  const folders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];
  const missing = PROGRAMS.find((program) => !folders.some((folder) => isThere(`${folder}/${program}`)));
  if (missing !== undefined) return `${missing}: slurm-wlm, munge, iproute2 and util-linux of Debian`;
  const isFolder = new Deno.Command("test", { args: ["-d", "/sys/fs/cgroup"] }).outputSync().success; // Deno may not look
  if (!isFolder) return "/sys/fs/cgroup";
  const args = ["--net", "--uts", "--pid", "--fork", "--mount-proc", "hostname", "n0"];
  const { success } = new Deno.Command("unshare", { args, stderr: "null" }).outputSync();
  return success ? undefined : "leave to make namespaces, as root has";
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path) !== undefined;
  } catch {
    return false;
  }
}

/** A running cluster. */
export interface SlurmCluster extends AsyncDisposable {
  /** Runs a program where the controller is. */
  run(program: string, args: readonly string[], options?: { readonly cwd?: string }): Promise<Deno.CommandOutput>;
  /** The variables that lead Slurm's programs here. */
  readonly env: Readonly<Record<string, string>>;
}

const ADDRESSES = ["10.99.0.1", "10.99.0.2"];

const configuration = (folder: string): string =>
  `ClusterName=strokewise
SlurmctldHost=n0(${ADDRESSES[0]})
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=${folder}/munge.socket
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool.%n
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.%n.pid
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SchedulerParameters=sched_interval=1,batch_sched_delay=0,bf_interval=1,defer
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
${ADDRESSES.map((address, i) => `NodeName=n${i} NodeAddr=${address} CPUs=1 State=UNKNOWN`).join("\n")}
PartitionName=main Nodes=ALL Default=YES State=UP
`;

/**
 * Starts a cluster; there is no systemd to do so.
 *
 * @param folder An empty one.
 */
export async function startSlurm(folder: string): Promise<SlurmCluster> {
  const started: Deno.ChildProcess[] = [];
  const env = { SLURM_CONF: `${folder}/slurm.conf` };
  const spawn = (program: string, args: readonly string[], stdin: "null" | "piped"): Deno.ChildProcess => {
    const process = new Deno.Command(program, { args: [...args], env, stdin, stdout: "null", stderr: "null" }).spawn();
    started.push(process);
    return process;
  };
  // Ends with this process, however that ends: nobody writes to its standard input then.
  const hold = (...flags: string[]): Deno.ChildProcess =>
    spawn("unshare", [...flags, "sh", "-c", "cat; exit"], "piped");
  // All processes of the cluster, jobs' too, wherever they moved, end with the first one of their namespace.
  const first = hold("--pid", "--fork", "--kill-child=SIGKILL", "--mount-proc");
  const { pid } = first;
  const within = [`--pid=/proc/${pid}/ns/pid_for_children`, `--mount=/proc/${pid}/ns/mnt`];
  const start = (args: readonly string[]): Deno.ChildProcess => spawn("nsenter", [...within, ...args], "null");
  const end = async (): Promise<void> => {
    first.kill("SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 200)); // until those who wait for others know of their end
    for (const process of started.toReversed()) {
      try {
        process.kill("SIGKILL");
      } catch {
        // it has ended
      }
    }
    await Promise.all(started.map(({ status }) => status));
  };
  try {
    await Deno.mkdir(`${folder}/state`);
    await Deno.chmod(folder, 0o700);
    await Deno.writeTextFile(`${folder}/slurm.conf`, configuration(folder));
    await Deno.mkdir(`${folder}/sockets`);
    await Deno.writeTextFile(`${folder}/mpi.conf`, `PMIxCliTmpDirBase=${folder}/sockets\n`);
    await Deno.writeTextFile(`${folder}/cgroup.conf`, "CgroupPlugin=cgroup/v1\n");
    await Deno.writeFile(`${folder}/munge.key`, crypto.getRandomValues(new Uint8Array(128)), { mode: 0o400 });
    const munge = ["socket", "pid-file", "log-file", "seed-file"].map((name) =>
      `--${name}=${folder}/munge.${name.split("-")[0]}`
    );
    await new Promise((resolve) => setTimeout(resolve, 300)); // until the namespace is there
    start(["munged", "--foreground", "--force", `--key-file=${folder}/munge.key`, ...munge]);
    await lendPmix(folder, within);
    const nodes = ADDRESSES.map(() => hold("--net", "--uts"));
    // Not ip netns: a node of that has no /sys/fs/cgroup, without which slurmd does not start.
    const inside = (i: number) => [`--net=/proc/${nodes[i].pid}/ns/net`, `--uts=/proc/${nodes[i].pid}/ns/uts`];
    const on = async (i: number, ...command: string[]): Promise<Deno.CommandOutput> =>
      await new Deno.Command("nsenter", { args: [...inside(i), ...command], env }).output();
    await new Promise((resolve) => setTimeout(resolve, 300)); // until both have a network of their own
    await on(0, "ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1");
    await on(0, "ip", "link", "set", "v1", "netns", `${nodes[1].pid}`);
    for (const [i, address] of ADDRESSES.entries()) {
      await on(i, "hostname", `n${i}`);
      await on(i, "ip", "address", "add", `${address}/24`, "dev", `v${i}`);
      for (const device of ["lo", `v${i}`]) await on(i, "ip", "link", "set", device, "up");
    }
    start([...inside(0), "slurmctld", "-D", "-f", `${folder}/slurm.conf`]);
    for (const i of ADDRESSES.keys()) {
      await Deno.mkdir(`${folder}/pmix.${i}`);
      // Each has a folder of its own at the place where PMIx keeps its sockets, as nodes that are machines have.
      const script = `mount --bind ${folder}/pmix.${i} ${folder}/sockets && exec slurmd -D -f ${folder}/slurm.conf`;
      start([...inside(i), "unshare", "--mount", "sh", "-c", script]);
    }
    const cluster: SlurmCluster = {
      env,
      run(program, args, { cwd = Deno.cwd() } = {}) {
        const place = [...within, ...inside(0), `--wd=${cwd}`];
        return new Deno.Command("nsenter", { args: [...place, program, ...args], env }).output();
      },
      [Symbol.asyncDispose]: end,
    };
    await untilIdle(cluster);
    return cluster;
  } catch (error) {
    await end();
    throw error;
  }
}

/** Where Slurm looks for PMIx, under a name that Debian has in libpmix-dev alone. */
const PMIX = "/usr/lib/x86_64-linux-gnu/pmix2/lib";

/** Whether `srun --mpi=pmix` can be tried. */
export const HAS_PMIX: boolean = HAS_SLURM && isThere(`${PMIX}/libpmix.so.2`);

/** Has the cluster, and nobody else, find PMIx under that name. */
async function lendPmix(folder: string, within: readonly string[]): Promise<void> {
  if (!HAS_PMIX || isThere(`${PMIX}/libpmix.so`)) return;
  await new Deno.Command("cp", { args: ["--recursive", PMIX, `${folder}/pmix`] }).output();
  await Deno.symlink("libpmix.so.2", `${folder}/pmix/libpmix.so`);
  await new Deno.Command("nsenter", { args: [...within, "mount", "--bind", `${folder}/pmix`, PMIX] }).output();
}

async function untilIdle(cluster: SlurmCluster): Promise<void> {
  let said = "";
  for (let left = 100; left > 0; left--) {
    const { stdout, stderr } = await cluster.run("sinfo", ["--noheader", "--format=%T %D"]);
    said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    if (said.trim() === `idle ${ADDRESSES.length}`) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the cluster does not start: ${said}`);
}
