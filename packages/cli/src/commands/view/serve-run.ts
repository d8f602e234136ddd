import { stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { GradcamError } from '@gradcam/core';
import { answer, type ServedRun } from './answer.ts';
import { createOriginals } from './original-image.ts';
import { keepThumbnails } from './thumbnails.ts';

/** The machine itself and nobody else. */
const LOOPBACK = '127.0.0.1';

/**
 * Requests are a line and a few headers from a browser on this machine: one that is not there whole
 * after these times is no browser's. Checked every two seconds.
 */
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 2_000,
  maxHeaderSize: 16 * 1024,
} as const;

/** A connection on which nothing moves for so long is closed, as one whose reader has stopped to read. */
const IDLE_MS = 60_000;

/** A browser has six a page; beyond these further ones are closed at once. */
const MAX_CONNECTIONS = 256;

/** The run and the models that {@link serveRun} serves, and the address at which it serves them. */
export interface ServeRunOptions {
  /** Folder of a run, finished, being written, or not there yet; none for the live page alone. */
  readonly run?: string;
  /** The folder of a second run, with which the page compares the first. */
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
 * Serves the page at `/`, a run's folder at `/run/`, a second one at `/against/`, and models at
 * `/models/<name>/`, to browsers on this machine only; the run's pictures in sizes for the grid at
 * `/thumbnails/<side>/`. `/served.json` tells the page what there is. Files of runs and models are
 * data: none is a document or a script to the browser, and what is of no kind that the page reads
 * is only to be saved.
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
    throw new GradcamError('not-found', `${page}: the page is not built; run npm run build first`);
  }
  const served = { run: serveFolder(run), against: serveFolder(against), models, thumbnails, page };
  const server = createServer(LIMITS, (request, response) => {
    const own = (server.address() as AddressInfo).port;
    answer(request, response, { ...served, port: own }).catch(() => response.destroy());
  });
  server.setTimeout(IDLE_MS);
  server.maxConnections = MAX_CONNECTIONS;
  await listen(server, port);
  let closed: Promise<void> | undefined;
  // Asked a second time, a server that has closed would never answer.
  const close = (): Promise<void> => {
    closed ??= new Promise<void>((resolve) => {
      signal?.removeEventListener('abort', close);
      server.close(() => resolve());
      server.closeAllConnections();
    });
    return closed;
  };
  signal?.addEventListener('abort', close, { once: true });
  return { url: `http://${LOOPBACK}:${(server.address() as AddressInfo).port}/`, close };
}

function serveFolder(folder: string | undefined): ServedRun | undefined {
  return folder === undefined ? undefined : { folder, originals: createOriginals(folder) };
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
