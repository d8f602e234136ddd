import type { Socket } from 'node:net';
import { statusOf, toErrorBody, type ErrorCode } from '../request-error.ts';

/** Faults that Node's parser finds before there is a request, by the codes of its errors. */
const known: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['too-slow', 'the request did not arrive in time'],
  HPE_HEADER_OVERFLOW: ['headers-too-large', 'the headers are longer than 16 KiB'],
};

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

/** Answers a connection whose bytes are no request, or not a whole one, and closes it. */
export function refuseBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [code, message] = known[error.code ?? ''] ?? ['bad-request', 'the request is not HTTP'];
  const status = statusOf[code];
  const body = JSON.stringify(toErrorBody(code, message));
  socket.end(
    [
      `HTTP/1.1 ${status} ${reasons[status]}`,
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}
