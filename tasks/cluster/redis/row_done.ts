/** What a worker says of a row that is done. Safe to store as JSON. */
export interface RowDone {
  /** Its machine. */
  readonly host: string;
  /** What it took, this time. */
  readonly seconds: number;
  /** Whether its machine shares the table's folder with the one that asks. */
  readonly isShared: boolean;
}

/** Reads what a job came to, of which nothing is believed. */
export function readRowDone(value: unknown): RowDone {
  const { host, seconds, isShared } = Object(value);
  return {
    host: typeof host === "string" ? host : "a worker",
    seconds: Number.isFinite(seconds) && seconds >= 0 ? seconds : 0,
    isShared: isShared === true,
  };
}
