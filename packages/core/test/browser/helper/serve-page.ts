import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
};

/** Threads of wasm need memory that is shared, which a page has only when it is isolated. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** The viewer's policy. The threads of tfjs's wasm backend load a script from a `blob:` URL. */
const policyOf = (script: string): string =>
  `default-src 'self'; script-src ${script}; worker-src 'self' blob:; img-src 'self' blob: data:`;
const strict = { 'Content-Security-Policy': policyOf("'self' 'wasm-unsafe-eval'") };
const withBlobs = { 'Content-Security-Policy': policyOf("'self' blob: 'wasm-unsafe-eval'") };

/** How the page is served: the first part of its path. */
export type ServedAs = 'plain' | 'isolated' | 'isolated-with-blobs';

const headers: Readonly<Record<ServedAs, Readonly<Record<string, string>>>> = {
  plain: strict,
  isolated: { ...strict, ...isolation },
  'isolated-with-blobs': { ...withBlobs, ...isolation },
};

/** Serves the page below each way of serving, and `files` below `/files/`, on this machine only. */
export async function servePage(
  page: string,
  files: string,
): Promise<{ url: string; close: () => Promise<void> }> {
  const answer = async (pathname: string, response: ServerResponse): Promise<void> => {
    const [, first = '', ...rest] = decodeURIComponent(pathname).split('/');
    const isPage = first in headers;
    const name = path.join(isPage ? page : files, ...rest);
    const file = pathname.endsWith('/') ? path.join(name, 'index.html') : name;
    const bytes = await readFile(file);
    response.writeHead(200, {
      'Content-Type': types[path.extname(file)] ?? 'application/octet-stream',
      'Cross-Origin-Resource-Policy': 'same-origin',
      ...(isPage ? headers[first as ServedAs] : {}),
    });
    response.end(bytes);
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    answer(pathname, response).catch(() => response.writeHead(404).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close };
}
