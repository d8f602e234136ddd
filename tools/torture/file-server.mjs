// @ts-check
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

/**
 * The size of the pieces that are sent. Because of them a transfer takes some tenths of a second, so that
 * faults can happen during it.
 */
const PIECE_BYTES = 48 * 1024;
const PAUSE_MS = 8;

/**
 * A server for one file, on this machine only, with ranges and a strong ETag.
 *
 * @typedef {object} FileServer
 * @property {string} url
 * @property {(cut: { atByte: number, times: number } | null) => void} cut closes connections at that
 *   byte of the file, so many times
 * @property {() => number} resumed the number of answers that began after the first byte, since the last call
 * @property {() => void} close
 */

/**
 * @param {string} file
 * @param {string} name that it has in the address
 * @returns {Promise<FileServer>}
 */
export async function serveFile(file, name) {
  const bytes = readFileSync(file);
  const etag = `"${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}"`;
  /** @type {{ atByte: number, times: number } | null} */
  let cut = null;
  let resumed = 0;
  const server = createServer(async (request, response) => {
    if (request.url !== `/${name}`) return void response.writeHead(404).end();
    const { range, 'if-range': validator } = request.headers;
    const asked = /^bytes=(\d+)-$/.exec(range ?? '');
    const start = asked !== null && (validator ?? etag) === etag ? Number(asked[1]) : 0;
    if (start >= bytes.length) {
      return void response.writeHead(416, { 'Content-Range': `bytes */${bytes.length}` }).end();
    }
    if (start > 0) resumed += 1;
    response.writeHead(start > 0 ? 206 : 200, {
      'Content-Length': bytes.length - start,
      'Accept-Ranges': 'bytes',
      ETag: etag,
      ...(start > 0
        ? { 'Content-Range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` }
        : {}),
    });
    for (let at = start; at < bytes.length && !response.destroyed; at += PIECE_BYTES) {
      if (cut !== null && cut.times > 0 && at >= cut.atByte) {
        cut.times -= 1;
        return void response.destroy();
      }
      response.write(bytes.subarray(at, at + PIECE_BYTES));
      await wait(PAUSE_MS);
    }
    response.end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(null)));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/${name}`,
    cut: (next) => void (cut = next),
    resumed() {
      const found = resumed;
      resumed = 0;
      return found;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
