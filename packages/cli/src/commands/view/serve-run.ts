import { stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { GradcamError } from '@gradcam/core';
import { answer, type ServedRun } from './answer.ts';
import { createOriginals } from './original-image.ts';
import { keepThumbnails } from './thumbnails.ts';

/** The loopback address: only programs on this machine can connect. */
const LOOPBACK = '127.0.0.1';

/**
 * Limits on requests. A browser on this machine sends a request line and a few headers, so a request that is
 * not complete after these times does not come from a browser. The times are checked every two seconds.
 */
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 2_000,
  maxHeaderSize: 16 * 1024,
} as const;

/** A connection on which nothing moves for this long is closed, because its reader has stopped reading. */
const IDLE_MS = 60_000;

/** The most connections at the same time. A browser opens six for a page; further ones are closed at once. */
const MAX_CONNECTIONS = 256;

/** The run and the models that {@link serveRun} serves, and the address at which it serves them. */
export interface ServeRunOptions {
  /**
   * Folder of a run, which may be finished, still being written, or not exist yet. Without it only the live
   * page is served.
   */
  readonly run?: string;
  /** The folder of a second run, with which the page compares the first. */
  readonly against?: string;
  /**
   * Folders that contain models, each model in a folder of its own. If several have a model of one name, the
   * first wins.
   */
  readonly models?: readonly string[];
  /** Folder in which small versions of the run's pictures are kept. Without it no small versions are made. */
  readonly thumbnails?: string;
  /** Folder of the built page, with an `index.html`. */
  readonly page: string;
  /** The port; 0, the default, takes any free one. */
  readonly port?: number;
  /** Stops the server. */
  readonly signal?: AbortSignal;
}

/** A running server. */
export interface RunServer {
  /** The address at which a browser on this machine finds the page. */
  readonly url: string;
  /** Closes the server. The promise resolves when no connection is left. */
  close(): Promise<void>;
}

/**
 * Serves the page at `/`, a run's folder at `/run/`, a second one at `/against/`, and models at
 * `/models/<name>/`, to browsers on this machine only. Small versions of the run's pictures for the grid are
 * at `/thumbnails/<side>/`, and `/served.json` tells the page what the server offers. The browser gets files
 * of runs and models as data, never as documents or scripts; a file of a type that the page does not read can
 * only be saved.
 *
 * @throws GradcamError `not-found` if the page is not built, `argument` for a port that is in use.
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
  // The promise is kept, because a second `close` of a closed server would never call back.
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
