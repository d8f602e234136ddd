import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** One request, answered by a test. */
export type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** A server on this machine; it is closed after the test. */
export interface FileServer {
  readonly url: string;
  /** Value of the Range header of each request so far. */
  readonly ranges: (string | undefined)[];
}

/** Starts a server that answers the n-th request (from 0) by `answer`. */
export async function startServer(answer: Answer): Promise<FileServer> {
  const ranges: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    ranges.push(request.headers.range);
    answer(request, response, ranges.length - 1);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/weights.npy`, ranges };
}

/** The time that a client has to read what came before the connection breaks, in milliseconds. */
const CUT_MS = 300;

/** Answers as a file server does: whole, or from the place asked for. */
export function serveBytes(
  bytes: Uint8Array,
  request: IncomingMessage,
  response: ServerResponse,
  options: { etag?: string; cutAfter?: number; stallAfter?: number } = {},
): void {
  const { etag = '"v1"', cutAfter, stallAfter } = options;
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const valid = request.headers['if-range'] === undefined || request.headers['if-range'] === etag;
  const start = range && valid ? Number(range[1]) : 0;
  const asked = range && valid && range[2] ? Number(range[2]) + 1 : bytes.length;
  const end = Math.min(asked, bytes.length);
  if (start >= bytes.length && start > 0) {
    response.writeHead(416).end();
    return;
  }
  response.writeHead(range && valid ? 206 : 200, {
    etag,
    'accept-ranges': 'bytes',
    'content-length': end - start,
    ...(range && valid ? { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` } : {}),
  });
  if (cutAfter !== undefined) {
    // `fetch` of Node 24 drops what has come and was not read when the connection breaks.
    const cut = () => setTimeout(() => response.socket?.destroy(), CUT_MS);
    response.write(bytes.subarray(start, start + cutAfter), cut);
  } else if (stallAfter !== undefined) {
    response.write(bytes.subarray(start, start + stallAfter));
  } else {
    response.end(bytes.subarray(start, end));
  }
}
