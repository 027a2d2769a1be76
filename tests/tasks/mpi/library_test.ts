/** What is said where Open MPI is not there, is something else, or may not be loaded. */
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { LIBRARY_PATHS, libraryPath } from "../../../tasks/mpi/library.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { CAN_RUN, runTask } from "../command.ts";

/** A C compiler, to make a library that says it is another MPI. */
const CC = CAN_RUN ? ["/usr/bin/cc", "/usr/bin/gcc"].find(isFile) : undefined;

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

Deno.test({
  name: "each place where the library is looked for is one that deno task train may load from",
  ignore: !may("read"),
  fn: async () => {
    const { permissions } = JSON.parse(await Deno.readTextFile(new URL("../../../deno.json", import.meta.url)));
    assertEquals(permissions.train.ffi, LIBRARY_PATHS);
  },
});

Deno.test({
  name: "a library that is named and not there is told by name",
  ignore: !may("read"),
  fn: () =>
    void assertThrows(() => libraryPath("/none/libmpi.so"), InputError, "--mpi.library /none/libmpi.so: no such"),
});

Deno.test({
  name: `a library of another MPI, or of something else, is told from Open MPI's${CC ? "" : " (needs a C compiler)"}`,
  ignore: FAST || CC === undefined,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const made = async (name: string, source: string) => {
        await Deno.writeTextFile(`${folder}/${name}.c`, source);
        const args = ["-shared", "-fPIC", "-o", `${folder}/${name}.so`, `${folder}/${name}.c`];
        assertEquals((await new Deno.Command(CC!, { args }).output()).code, 0);
        return `${folder}/${name}.so`;
      };
      const says = "MPICH Version:\\t4.0.2\\nMPICH Release date: Thu Apr  7 2022";
      const mpich = await made(
        "mpich",
        `int MPI_Get_library_version(char *text, int *length) {
           const char *from = "${says}"; int n = 0; while ((text[n] = from[n])) n++; *length = n; return 0; }`,
      );
      /** What train says where it may load the library. */
      const said = async (library: string) => {
        const args = ["--mpi", "--mpi.library", library, "--model", "cnn"];
        const { code, stderr } = await runTask("train", args, { ffi: library });
        assertEquals(code, 2, stderr);
        return stderr;
      };
      assertEquals(
        await said(mpich),
        `strokewise train: --mpi: ${mpich} is of MPICH Version: 4.0.2; expected Open MPI, --mpi.library says where its ` +
          "libmpi is\n",
      );
      const other = await made("other", "int other(void) { return 0; }");
      assertMatch(await said(other), /^strokewise train: --mpi: \S+other\.so is not Open MPI's: [^\n]+\n$/);
    }),
});

Deno.test({
  name: "train says in one line that a library may not be loaded, and which options need --mpi",
  ignore: FAST || !CAN_RUN,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const path = `${folder}/libmpi.so`;
      await Deno.writeTextFile(path, "");
      const found = await runTask("train", ["--mpi", "--mpi.library", path, "--model", "cnn"]);
      assertEquals([found.code, found.stdout, found.stderr.trim().split("\n").length], [2, "", 1], found.stderr);
      assertEquals(
        found.stderr.trim(),
        `strokewise train: --mpi: ${path} may not be loaded: deno run -P=train --allow-ffi=${path} ` +
          "tasks/commands/train.ts in place of deno task train permits it",
      );
      const idle = await runTask("train", ["--mpi.limit", "3"]);
      assertEquals(idle.code, 2);
      assertEquals(
        idle.stderr.trim(),
        "strokewise train: --mpi.limit is of --mpi, which is not given (the same command with --help lists the options)",
      );
    }),
});
