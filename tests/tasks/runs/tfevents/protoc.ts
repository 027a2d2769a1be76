/**
 * Events as protoc reads them, by messages written from the published numbers of their fields: event.proto, summary.proto,
 * tensor.proto of TensorBoard. And TFRecord files taken apart without this project's reader.
 */
import { assertEquals } from "@std/assert";
import { may } from "../../../helpers.ts";

const PROTO = `syntax = "proto3";
message Event {
  double wall_time = 1;
  int64 step = 2;
  oneof what { string file_version = 3; bytes graph_def = 4; Summary summary = 5; SessionLog session_log = 7; }
}
message SessionLog {
  enum SessionStatus { STATUS_UNSPECIFIED = 0; START = 1; STOP = 2; CHECKPOINT = 3; }
  SessionStatus status = 1;
  string checkpoint_path = 2;
  string msg = 3;
}
message SummaryMetadata {
  message PluginData { string plugin_name = 1; bytes content = 2; }
  PluginData plugin_data = 1;
  string display_name = 2;
}
message HistogramProto {
  double min = 1; double max = 2; double num = 3; double sum = 4; double sum_squares = 5;
  repeated double bucket_limit = 6 [packed = true];
  repeated double bucket = 7 [packed = true];
}
message TensorShapeProto { message Dim { int64 size = 1; string name = 2; } repeated Dim dim = 2; bool unknown_rank = 3; }
enum DataType { DT_INVALID = 0; DT_FLOAT = 1; DT_STRING = 7; }
message TensorProto {
  DataType dtype = 1;
  TensorShapeProto tensor_shape = 2;
  bytes tensor_content = 4;
  repeated bytes string_val = 8;
}
message Summary {
  message Image { int32 height = 1; int32 width = 2; int32 colorspace = 3; bytes encoded_image_string = 4; }
  message Value {
    string tag = 1;
    oneof value { float simple_value = 2; Image image = 4; HistogramProto histo = 5; TensorProto tensor = 8; }
    SummaryMetadata metadata = 9;
  }
  repeated Value value = 1;
}
`;

/** A message: the values of each field, in order; numbers and names as texts, bytes a letter each. */
export interface ReadMessage {
  [field: string]: (string | ReadMessage)[];
}

/** Whether protoc is there. */
export const HAS_PROTOC: boolean = may("read", "write", "run") && hasProtoc();

function hasProtoc(): boolean {
  try {
    return new Deno.Command("protoc", { args: ["--version"], stdout: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

/** The name of a test that needs protoc; it says why it is ignored. */
export function byProtoc(name: string): string {
  return HAS_PROTOC ? `read by protoc, ${name}` : `${name} (needs protoc: apt-get install protobuf-compiler)`;
}

/** The contents of the records of a TFRecord file, which must be whole. */
export function recordsOf(file: Uint8Array): Uint8Array<ArrayBuffer>[] {
  const records: Uint8Array<ArrayBuffer>[] = [];
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  let at = 0;
  for (; at < file.length; at += 16 + records.at(-1)!.length) {
    records.push(file.slice(at + 12, at + 12 + view.getUint32(at, true)));
  }
  assertEquals(at, file.length);
  return records;
}

/** Events as protoc understands them. A field that it does not know would have a number for a name. */
export async function readByProtoc(events: readonly Uint8Array<ArrayBuffer>[]): Promise<ReadMessage[]> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/event.proto`, PROTO);
    const read: ReadMessage[] = [];
    for (const event of events) {
      const args = ["--decode=Event", `--proto_path=${folder}`, "event.proto"];
      const command = new Deno.Command("protoc", { args, stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
      const writer = command.stdin.getWriter();
      await writer.write(event);
      await writer.close();
      const { success, stdout, stderr } = await command.output();
      assertEquals([success, new TextDecoder().decode(stderr)], [true, ""]);
      read.push(parseText(new TextDecoder().decode(stdout)));
    }
    return read;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Protocol Buffers' text format, a line a field. */
function parseText(text: string): ReadMessage {
  const open: ReadMessage[] = [{}];
  for (const line of text.split("\n").map((line) => line.trim()).filter((line) => line !== "")) {
    if (line === "}") {
      open.pop();
      continue;
    }
    const [, name, value] = /^(\w+):? (.*)$/.exec(line)!;
    assertEquals(/^\d/.test(name), false, `field ${name} is in no message`);
    const inner: ReadMessage = {};
    (open.at(-1)![name] ??= []).push(value === "{" ? inner : unquoted(value));
    if (value === "{") open.push(inner);
  }
  assertEquals(open.length, 1);
  return open[0];
}

function unquoted(value: string): string {
  if (!value.startsWith('"')) return value;
  const escapes: Record<string, string> = { n: "\n", r: "\r", t: "\t" };
  return value.slice(1, -1).replace(/\\([0-7]{3}|.)/g, (_, code: string) => {
    return code.length === 3 ? String.fromCharCode(parseInt(code, 8)) : escapes[code] ?? code;
  });
}
