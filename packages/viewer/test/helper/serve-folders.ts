import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, extname, join } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
};

/** The policy under which the page has to work, wherever it is served. */
const policy =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; img-src 'self' blob: data:";

/**
 * Serves a built page at `/`, a run at `/run/` and, where there is one, a second at `/against/`, for
 * tests: the command has its own server.
 */
export async function serveFolders(
  page: string,
  run: string,
): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const path = decodeURIComponent(pathname);
    const [, first, ...rest] = path.split('/');
    const other = join(dirname(run), 'against');
    const folder = { run, against: other }[first ?? ''];
    const read =
      path === '/served.json'
        ? Promise.resolve(
            JSON.stringify({
              run: true,
              against: existsSync(other),
              thumbnailSides: [],
              models: [],
            }),
          )
        : readFile(
            folder === undefined
              ? join(page, path === '/' ? 'index.html' : path)
              : join(folder, ...rest),
          );
    const file = path === '/' ? 'index.html' : path;
    read.then(
      (bytes) => {
        const type = types[extname(file)] ?? 'application/octet-stream';
        response.writeHead(200, { 'Content-Type': type, 'Content-Security-Policy': policy });
        response.end(bytes);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close };
}
