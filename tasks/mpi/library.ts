/**
 * Open MPI's library, loaded through Deno's FFI: the functions that the ranks of a training need, and nothing else.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";

/** Where packages put the library: Debian and Ubuntu, Fedora and its kin, Arch, openSUSE, a build from source, Homebrew. */
export const LIBRARY_PATHS = [
  "/usr/lib/x86_64-linux-gnu/libmpi.so.40",
  "/usr/lib/aarch64-linux-gnu/libmpi.so.40",
  "/usr/lib64/openmpi/lib/libmpi.so.40",
  "/usr/lib/libmpi.so.40",
  "/usr/lib64/mpi/gcc/openmpi4/lib64/libmpi.so.40",
  "/usr/local/lib/libmpi.so.40",
  "/opt/homebrew/lib/libmpi.dylib",
  "/usr/local/lib/libmpi.dylib",
] as const;

/** What tells one MPI from another; it may be asked before MPI is started. */
const VERSION = {
  MPI_Get_library_version: { parameters: ["buffer", "buffer"], result: "i32" },
} as const;

/** By <mpi.h>; a count is an int, a request is a pointer, and each function gives an error's number or 0. */
const SYMBOLS = {
  MPI_Init_thread: { parameters: ["pointer", "pointer", "i32", "buffer"], result: "i32" },
  MPI_Comm_rank: { parameters: ["pointer", "buffer"], result: "i32" },
  MPI_Comm_size: { parameters: ["pointer", "buffer"], result: "i32" },
  MPI_Comm_set_errhandler: { parameters: ["pointer", "pointer"], result: "i32" },
  MPI_Error_string: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  MPI_Ialltoall: {
    parameters: ["buffer", "i32", "pointer", "buffer", "i32", "pointer", "pointer", "buffer"],
    result: "i32",
  },
  iallgatherInPlace: { // the first argument is MPI_IN_PLACE, no address but a number
    name: "MPI_Iallgather",
    parameters: ["usize", "i32", "pointer", "buffer", "i32", "pointer", "pointer", "buffer"],
    result: "i32",
  },
  MPI_Iallgatherv: {
    parameters: ["buffer", "i32", "pointer", "buffer", "buffer", "buffer", "pointer", "pointer", "buffer"],
    result: "i32",
  },
  MPI_Test: { parameters: ["buffer", "buffer", "pointer"], result: "i32" },
  MPI_Abort: { parameters: ["pointer", "i32"], result: "i32" },
  MPI_Finalize: { parameters: [], result: "i32" },
  // What <mpi.h> calls MPI_COMM_WORLD and so on are the addresses of these.
  ompi_mpi_comm_world: { type: "pointer" },
  ompi_mpi_float: { type: "pointer" },
  ompi_mpi_byte: { type: "pointer" },
  ompi_mpi_int: { type: "pointer" },
  ompi_mpi_errors_return: { type: "pointer" },
} as const;

/** The functions and handles. */
export type MpiSymbols = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/**
 * Finds the library.
 *
 * @param given Its path; where packages put it when empty.
 * @throws {InputError} When it is not there.
 */
export function libraryPath(given: string): string {
  const there = (path: string) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  };
  const path = (given === "" ? LIBRARY_PATHS : [given]).find(there);
  if (path !== undefined) return path;
  if (given !== "") throw new InputError(`--mpi.library ${given}: no such file`);
  throw new InputError(
    "--mpi: Open MPI is not where packages put it (Debian's are openmpi-bin and libopenmpi3); --mpi.library says where " +
      "its libmpi is",
  );
}

/**
 * Loads the library.
 *
 * @throws {InputError} When it may not be loaded, or is not Open MPI's.
 */
export function loadLibrary(path: string): MpiSymbols {
  const version = versionOf(path);
  if (!version.startsWith("Open MPI")) {
    throw new InputError(`--mpi: ${path} is of ${version}; expected Open MPI, --mpi.library says where its libmpi is`);
  }
  return opened(path, SYMBOLS).symbols;
}

/** What a library says it is, such as `Open MPI v4.1.4`. */
function versionOf(path: string): string {
  const text = new Uint8Array(8192); // MPI_MAX_LIBRARY_VERSION_STRING is 256 there, and 8192 in MPICH
  const length = new Int32Array(1);
  opened(path, VERSION).symbols.MPI_Get_library_version(text, length);
  return new TextDecoder().decode(text.subarray(0, length[0])).split(/[,\n]/)[0].replace(/\s+/g, " ").trim();
}

function opened<S extends Deno.ForeignLibraryInterface>(path: string, symbols: S): Deno.DynamicLibrary<S> {
  try {
    return Deno.dlopen(path, symbols);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      throw new InputError(
        `--mpi: ${path} may not be loaded: deno run -P=train --allow-ffi=${path} tasks/commands/train.ts in place of ` +
          "deno task train permits it",
      );
    }
    throw new InputError(`--mpi: ${path} is not Open MPI's: ${(error as Error).message}`);
  }
}
