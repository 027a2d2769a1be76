/**
 * The server: a handler at an address, until it is told to end. It is node's, not `Deno.serve`: that one lets connections
 * wait for ever, and ends when there are more than the system lets it have.
 *
 * @module
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { InputError } from "../../../pipelines/base/errors.ts";
import { type Answer, type Asked, type Handler, plainAnswer } from "./exchange.ts";

/** Milliseconds: for a request's head, for all of it, between requests, and while nothing moves. */
const PATIENCE = { head: 10_000, request: 20_000, next: 5_000, still: 30_000 };
/** Milliseconds that requests at work have when the server ends. */
const LAST_CALL = 2000;
/** Connections at once; browsers have six. */
const MOST = { all: 256, each: 64 };
/** So many ports are tried for one that is free. */
const NEXT_PORTS = 50;

/** Where and for whom the server is. */
export interface ServerSettings {
  /** The address or name that it listens at, such as `127.0.0.1`. */
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Is told of defects. */
  readonly complain: (line: string) => void;
  /** Milliseconds and connections, where a test has less of them. */
  readonly limits?: { readonly patience?: Partial<typeof PATIENCE>; readonly most?: Partial<typeof MOST> };
}

/** A server that listens. */
export interface RunningServer {
  /** Where it can be reached from this machine, such as `http://127.0.0.1:8000/`. */
  readonly url: string;
  readonly port: number;
  /** Takes no more requests, finishes those at work, and ends. */
  end(): Promise<void>;
}

/**
 * Starts a server.
 *
 * @throws {InputError} When it cannot listen there.
 */
export async function startServer(handler: Handler, settings: ServerSettings): Promise<RunningServer> {
  const { host, port, complain, limits = {} } = settings;
  const [patience, most] = [{ ...PATIENCE, ...limits.patience }, { ...MOST, ...limits.most }];
  const hostname = host.replace(/^\[(.*)\]$/, "$1");
  const server = createServer({
    headersTimeout: patience.head,
    requestTimeout: patience.request,
    keepAliveTimeout: patience.next,
    connectionsCheckingInterval: Math.min(1000, patience.head / 2),
  }, (request, response) => void respond(handler, { request, response, complain }));
  server.maxConnections = most.all;
  server.setTimeout(patience.still);
  server.on("clientError", (_error, socket) => void socket.destroy());
  server.on("connection", connectionLimit(most.each));
  const listening = Promise.withResolvers<void>();
  server.once("error", listening.reject);
  server.listen(port, hostname, () => listening.resolve());
  try {
    await listening.promise;
  } catch (error) {
    throw await faultOf(error, { host: hostname, port });
  }
  server.on("error", (error) => complain(`the server: ${error.message}`));
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://${urlName(hostname)}:${bound}/`,
    port: bound,
    async end() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), LAST_CALL);
      await closed.promise;
      clearTimeout(timer);
    },
  };
}

/** Lets each address have so many connections at once. */
function connectionLimit(most: number): (socket: Socket) => void {
  const open = new Map<string, number>();
  return (socket) => {
    const address = socket.remoteAddress ?? "";
    const count = (open.get(address) ?? 0) + 1;
    open.set(address, count);
    socket.once("close", () => {
      const left = open.get(address)! - 1;
      if (left === 0) open.delete(address);
      else open.set(address, left);
    });
    if (count > most) socket.destroy();
  };
}

/** Asks the handler, and writes what it answers. */
async function respond(
  handler: Handler,
  { request, response, complain }: {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
    readonly complain: (line: string) => void;
  },
): Promise<void> {
  const { status, headers, body, stream } = await answerOf(handler, { request, complain });
  if (stream) return await pour(stream, response, { status, headers, socket: request.socket });
  if (response.destroyed) return;
  const isLast = !request.complete; // what has not come is not waited for
  response.writeHead(status, {
    ...(body ? { "content-length": String(body.length) } : {}),
    ...headers,
    ...(isLast ? { connection: "close" } : {}),
  });
  response.end(body, () => {
    if (isLast) request.destroy();
  });
}

/** Sends what comes, no faster than the client takes it, until the stream ends or the client has gone. */
async function pour(
  stream: AsyncIterable<Uint8Array>,
  response: ServerResponse,
  { status, headers, socket }: Pick<Answer, "status" | "headers"> & { readonly socket: Socket },
): Promise<void> {
  const parts = stream[Symbol.asyncIterator]();
  const gone = closeOf(socket); // a response that waits for its turn behind another one's would not be told
  void gone.then(() => parts.return?.());
  if (response.destroyed) return;
  response.writeHead(status, { ...headers, connection: "close" }).flushHeaders();
  for (let part = await parts.next(); !part.done && !response.destroyed; part = await parts.next()) {
    if (response.write(part.value)) continue;
    await Promise.race([gone, new Promise((resolve) => response.once("drain", resolve))]);
  }
  response.end();
}

/** The ends of connections, each listened to once, however many answers are asked for on it. */
const closes = new WeakMap<Socket, Promise<void>>();

/** Waits until a connection has closed. */
function closeOf(socket: Socket): Promise<void> {
  const known = closes.get(socket);
  if (known !== undefined) return known;
  const close = socket.destroyed
    ? Promise.resolve()
    : new Promise<void>((resolve) => socket.once("close", () => resolve()));
  closes.set(socket, close);
  return close;
}

async function answerOf(
  handler: Handler,
  { request, complain }: { readonly request: IncomingMessage; readonly complain: (line: string) => void },
): ReturnType<Handler> {
  let asked: Asked;
  try {
    const headers = new Headers();
    for (let i = 0; i < request.rawHeaders.length; i += 2) {
      headers.append(request.rawHeaders[i], request.rawHeaders[i + 1]);
    }
    const { method = "", url = "", socket } = request;
    asked = { method, target: url, headers, address: socket.remoteAddress ?? "", body: request };
  } catch {
    return plainAnswer(400, "headers that are none");
  }
  try {
    return await handler(asked);
  } catch (error) {
    complain(`a defect of this program: ${error instanceof Error ? error.stack : error}`);
    return plainAnswer(500, "something went wrong here");
  }
}

/** A host as URLs of this machine's own browser have it. */
function urlName(hostname: string): string {
  if (hostname === "0.0.0.0") return "127.0.0.1";
  if (hostname === "::") return "[::1]";
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}

/** What is said of an address at which nothing can listen. */
async function faultOf(
  error: unknown,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<unknown> {
  const { code } = error as { readonly code?: string };
  if (code === "EADDRINUSE") {
    const free = await freePort(host, port);
    const hint = free === undefined ? "--port 0 takes any that is free" : `--port ${free} is free`;
    return new InputError(`--port ${port}: something else listens there already, perhaps another serve; ${hint}`);
  }
  if (code === "EACCES") {
    return new InputError(`--port ${port}: this user may not listen there; ports from 1024 on are for everyone`);
  }
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND" || code === "EAI_AGAIN" || code === "EINVAL") {
    return new InputError(`--host ${host}: no address of this machine; 0.0.0.0 stands for all that it has`);
  }
  return error;
}

async function freePort(host: string, taken: number): Promise<number | undefined> {
  for (let port = taken + 1; port <= Math.min(taken + NEXT_PORTS, 65_535); port++) {
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, host, () => resolve(true));
    });
    server.close();
    if (isFree) return port;
  }
  return undefined;
}
