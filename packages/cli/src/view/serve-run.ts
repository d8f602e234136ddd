import { open, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { GradcamError } from '@gradcam/core';
import { contentTypeOf } from './content-types.ts';
import { findOriginal } from './original-image.ts';
import { parseRange } from './parse-range.ts';
import { findFileInside, splitRequestPath } from './resolve-path.ts';
import { refuseCaller, securityHeaders } from './security-headers.ts';
import { findModelFile, listServedModels } from './served-models.ts';
import { keepThumbnails, thumbnailSides, type Thumbnails } from './thumbnails.ts';

/** The machine itself and nobody else. */
const LOOPBACK = '127.0.0.1';

/** What {@link serveRun} serves, and where. */
export interface ServeRunOptions {
  /** Folder of a run, finished, being written, or not there yet; none for the live page alone. */
  readonly run?: string;
  /** Folder of a second run, beside which the first is looked at. */
  readonly against?: string;
  /** Folders of which each holds models, a folder for each; the first that has a name wins. */
  readonly models?: readonly string[];
  /** Folder in which small versions of the run's pictures are kept; without it there are none. */
  readonly thumbnails?: string;
  /** Folder of the built page, with an `index.html`. */
  readonly page: string;
  /** 0, the default, for any free one. */
  readonly port?: number;
  /** Stops the server. */
  readonly signal?: AbortSignal;
}

/** A server that runs. */
export interface RunServer {
  /** Where a browser on this machine finds the page. */
  readonly url: string;
  /** Ends when no connection is left. */
  close(): Promise<void>;
}

/**
 * Serves the page at `/`, a run's folder at `/run/`, a second one at `/against/`, and models at `/models/<name>/`, to
 * browsers on this machine only; the run's pictures in sizes for the grid at `/thumbnails/<side>/`.
 * `/served.json` tells the page what there is.
 *
 * @throws GradcamError `not-found` where the page is not built, `argument` for a port that is taken.
 *
 * @example
 * const server = await serveRun({ run: 'my-run', page: 'node_modules/@gradcam/viewer/dist' });
 * console.log(server.url);
 */
export async function serveRun(options: ServeRunOptions): Promise<RunServer> {
  const { run, against, models = [], page, port = 0, signal } = options;
  const thumbnails =
    options.thumbnails === undefined ? undefined : keepThumbnails(options.thumbnails);
  signal?.throwIfAborted();
  if (!(await isFile(join(page, 'index.html')))) {
    throw new GradcamError('not-found', `no page in ${page}: build the viewer first`);
  }
  const server = createServer((request, response) => {
    const own = (server.address() as AddressInfo).port;
    answer(request, response, { run, against, models, thumbnails, page, port: own }).catch(() =>
      response.destroy(),
    );
  });
  await listen(server, port);
  const close = async (): Promise<void> => {
    signal?.removeEventListener('abort', close);
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
  signal?.addEventListener('abort', close, { once: true });
  return { url: `http://${LOOPBACK}:${(server.address() as AddressInfo).port}/`, close };
}

interface Served {
  readonly run: string | undefined;
  readonly against: string | undefined;
  readonly models: readonly string[];
  readonly thumbnails: Thumbnails | undefined;
  readonly page: string;
  readonly port: number;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  served: Served,
): Promise<void> {
  for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
  const refusal = refuseCaller(request.headers, served.port);
  if (refusal !== null) return sendText(response, 403, refusal);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return sendText(response, 405, 'only GET and HEAD');
  }
  const [path = ''] = (request.url ?? '').split('?');
  // A run changes under the page, a rebuilt page keeps its name: neither may come from a cache.
  response.setHeader('Cache-Control', 'no-store');
  if (path === '/served.json') {
    const list = {
      run: served.run !== undefined,
      against: served.against !== undefined,
      thumbnailSides: served.thumbnails === undefined ? [] : thumbnailSides,
      models: await listServedModels(served.models),
    };
    return sendText(response, 200, JSON.stringify(list), 'application/json');
  }
  const file = await findServedFile(path, served, () => !response.destroyed);
  if (file === null) return sendText(response, 404, 'not found');
  await sendFile(request, response, file);
}

async function findServedFile(
  path: string,
  served: Served,
  isWanted: () => boolean,
): Promise<string | null> {
  const { run, against, models, thumbnails, page } = served;
  if (path === '/') return findFileInside(page, ['index.html']);
  const names = splitRequestPath(path);
  if (names === null) return null;
  const [first, ...rest] = names;
  if (first === 'run') return findRunFile(run, rest);
  if (first === 'thumbnails') {
    const [wanted, ...inRun] = rest;
    const side = thumbnailSides.find((one) => String(one) === wanted);
    if (run === undefined || thumbnails === undefined || side === undefined) return null;
    const picture = await findFileInside(run, inRun);
    return picture?.endsWith('.png') ? thumbnails.find(picture, side, isWanted) : null;
  }
  if (first === 'against') return findRunFile(against, rest);
  return first === 'models' ? findModelFile(models, rest) : findFileInside(page, names);
}

/** A file of a run's folder; below `originals/` an image that it was made from, by its sha256. */
async function findRunFile(
  run: string | undefined,
  names: readonly string[],
): Promise<string | null> {
  if (run === undefined) return null;
  const [first, sha256 = '', ...rest] = names;
  if (first === 'originals' && rest.length === 0) return findOriginal(run, sha256);
  return findFileInside(run, names);
}

async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: string,
): Promise<void> {
  const handle = await open(file).catch(() => null);
  if (handle === null) return sendText(response, 404, 'not found');
  try {
    // A file that is being written may grow: what is announced is what is sent.
    const { size, mtimeMs } = await handle.stat();
    // By which the page tells whether weights that it kept are still those of the file.
    response.setHeader('ETag', `"${size.toString(36)}-${Math.floor(mtimeMs * 1000).toString(36)}"`);
    const part = parseRange(request.headers.range, size);
    if (part === 'unsatisfiable') {
      response.setHeader('Content-Range', `bytes */${size}`);
      return sendText(response, 416, 'nothing there');
    }
    const { start, end } = part ?? { start: 0, end: size };
    if (part !== null) response.setHeader('Content-Range', `bytes ${start}-${end - 1}/${size}`);
    response.writeHead(part === null ? 200 : 206, {
      'Content-Type': contentTypeOf(file),
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

function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  type = 'text/plain',
): void {
  response.writeHead(status, { 'Content-Type': `${type}; charset=utf-8` });
  response.end(`${text}\n`);
}

async function listen(server: Server, port: number): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, host: LOOPBACK }, resolve);
    });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE' || code === 'EACCES') {
      const why = code === 'EACCES' ? 'may not be used' : 'is taken';
      throw new GradcamError('argument', `port ${port} ${why}: choose another with --port`, {
        cause,
      });
    }
    throw cause;
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
