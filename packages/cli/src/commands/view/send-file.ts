import type { OpenFile } from '@gradcam/core/node';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { parseRange } from './parse-range.ts';

/**
 * Sends an open file, or the part of it that the request asks for, and closes it.
 *
 * @param type content type; null for a file that the browser must save and not show, whatever it contains.
 */
export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  { handle, stats }: OpenFile,
  type: string | null,
): Promise<void> {
  try {
    // A file that is being written may grow. Exactly the announced number of bytes is sent.
    const { size, mtimeMs } = stats;
    // The page compares this tag to find out whether the weights that it stored still equal the file.
    response.setHeader('ETag', `"${size.toString(36)}-${Math.floor(mtimeMs * 1000).toString(36)}"`);
    const part = parseRange(request.headers.range, size);
    if (part === 'unsatisfiable') {
      response.setHeader('Content-Range', `bytes */${size}`);
      return sendText(response, 416, 'nothing there');
    }
    const { start, end } = part ?? { start: 0, end: size };
    if (part !== null) response.setHeader('Content-Range', `bytes ${start}-${end - 1}/${size}`);
    if (type === null) response.setHeader('Content-Disposition', 'attachment');
    response.writeHead(part === null ? 200 : 206, {
      'Content-Type': type ?? 'application/octet-stream',
      'Content-Length': end - start,
      'Accept-Ranges': 'bytes',
    });
    if (request.method === 'HEAD' || start === end) response.end();
    else {
      const bytes = handle.createReadStream({ start, end: end - 1, autoClose: false });
      await pipeline(bytes, response);
    }
  } finally {
    await handle.close();
  }
}

export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  type = 'text/plain',
): void {
  response.writeHead(status, { 'Content-Type': `${type}; charset=utf-8` });
  response.end(`${text}\n`);
}
