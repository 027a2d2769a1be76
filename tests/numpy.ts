/** NumPy as an oracle, where python3 may be run and has it. */

const PYTHON = ["python3", "/usr/bin/python3"];

/** The Python that has numpy; tests that need it are ignored where it is undefined. */
export const NUMPY: string | undefined = PYTHON.find((python) => works(python, "numpy"));

/** Whether that Python has scipy.io too. */
export const SCIPY: boolean = NUMPY !== undefined && works(NUMPY, "scipy.io");

function works(python: string, module: string): boolean {
  if (Deno.permissions.querySync({ name: "run", command: python }).state !== "granted") return false;
  try {
    return new Deno.Command(python, { args: ["-c", `import ${module}`], stdout: "null", stderr: "null" }).outputSync()
      .success;
  } catch {
    return false;
  }
}

/**
 * Runs a few lines of Python that find bytes in `given` and leave bytes in `answer`; the bytes travel as base64 in the
 * arguments and on stdout, so no file is needed.
 */
export function askNumpy(lines: string, given: Uint8Array): Uint8Array {
  const program = [
    "import base64, io, sys, zipfile, numpy",
    "given = base64.b64decode(sys.argv[1])",
    lines,
    "sys.stdout.write(base64.b64encode(answer).decode())",
  ].join("\n");
  const { success, stdout, stderr } = new Deno.Command(NUMPY!, { args: ["-c", program, given.toBase64()] })
    .outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return Uint8Array.fromBase64(new TextDecoder().decode(stdout));
}
