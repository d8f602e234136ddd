import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.png': 'image/png',
};

/** Serves folders for a test: `/name/..` for each entry, everything else from `/`. */
export async function serveFolders(
  folders: Readonly<Record<string, string>>,
): Promise<{ url: string; close: () => void }> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const [, first = '', ...rest] = decodeURIComponent(pathname).split('/');
    const named = folders[first];
    const file =
      named === undefined ? path.join(folders['']!, pathname) : path.join(named, ...rest);
    readFile(pathname.endsWith('/') ? path.join(file, 'index.html') : file).then(
      (bytes) => {
        const name = pathname.endsWith('/') ? '.html' : path.extname(file);
        response.setHeader('Content-Type', types[name] ?? 'application/octet-stream');
        response.end(bytes);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
