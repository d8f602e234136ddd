import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveRun, type RunServer } from '../../src/commands/view/serve-run.ts';
import { root } from '../run-command.ts';
import { openBrowser, skipWithoutChromium } from './open-browser.ts';

/** A run as somebody might send it, to be looked at. */
let folder: string;
let run: string;
let server: RunServer;

const sha = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex');

const runFile = {
  ...{
    schema: 1,
    status: 'done',
    startedAt: '2026-03-02T09:30:00.000Z',
    engine: 'x',
    versions: {},
    assumptions: [],
  },
  model: { id: 'm', path: 'm', digest: sha('') },
  settings: {
    ...{ methods: ['grad-cam'], targets: ['top1'], layers: ['auto'], save: ['raw'] },
    ...{ colormap: 'turbo', alpha: 0.5, fit: 'crop' },
  },
  files: { original: '..' },
};

const lineOf = (image: string, sha256: string): string =>
  `${JSON.stringify({ image, sha256, width: 1, height: 1, predictions: [], explanations: [], ms: 1 })}\n`;

/** Says in the page's title and over the network that it runs. */
const script = "document.title = 'it runs'; fetch('/served.json').then(() => fetch('/it-runs'));";

const svg = `<svg xmlns="http://www.w3.org/2000/svg"><script>${script}</script></svg>`;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'gradcam-hostile-'));
  run = path.join(folder, 'run');
  mkdirSync(path.join(run, 'images'), { recursive: true });
  mkdirSync(path.join(folder, 'page'));
  mkdirSync(path.join(folder, 'models/net'), { recursive: true });
  const page = `<!doctype html><title>a</title><script src="a.js"></script><script>${script}</script>`;
  const png = await sharp({ create: { width: 7, height: 5, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const files: Record<string, string | Uint8Array> = {
    'page/index.html': '<!doctype html><title>page</title>',
    'run/run.json': JSON.stringify(runFile),
    'run/images/a.html': page,
    'run/images/a.xhtml': page,
    'run/images/a.svg': svg,
    'run/images/a.js': script,
    'run/images/a.mjs': script,
    'run/images/a.css': 'body { color: red }',
    'run/images/a.xml': '<a/>',
    'run/images/a.wasm': 'wasm',
    'run/images/a.txt': 'text',
    'run/images/a': page,
    'run/images/page.png': page,
    'run/images/drawing.png': svg,
    'run/images/page.json': page,
    'run/images/good.png': png,
    'run/images/a.webp': 'webp',
    'run/images/a.npy': 'npy',
    'run/images/a.bin': 'bin',
    'run/images/a.jsonl': '{}',
    'models/net/model.json': JSON.stringify({ weightsManifest: [{ paths: ['a.html', 'a.js'] }] }),
    'models/net/a.html': page,
    'models/net/a.js': script,
    'good.png': png,
  };
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(path.join(folder, name), content);
  }
  if (process.platform !== 'win32') execFileSync('mkfifo', [path.join(folder, 'fifo.png')]);
  writeFileSync(path.join(folder, 'huge.png'), png);
  truncateSync(path.join(folder, 'huge.png'), 2 ** 31);
  writeFileSync(
    path.join(run, 'results.jsonl'),
    [
      lineOf('/dev/zero', sha('a')),
      ...['b', 'c', 'd', 'e', 'f'].map((one) => lineOf('fifo.png', sha(one))),
      lineOf('huge.png', sha('g')),
      lineOf('good.png', sha(png)),
      lineOf('run/images/drawing.png', sha(svg)),
    ].join(''),
  );
  server = await serveRun({
    ...{ run, against: run, models: [path.join(folder, 'models')] },
    ...{ page: path.join(folder, 'page'), thumbnails: path.join(folder, 'thumbnails') },
  });
});

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const ask = (name: string): Promise<Response> =>
  fetch(`${server.url}${name}`, { signal: AbortSignal.timeout(10_000) });

describe('files of a run and a model', () => {
  test.each([
    ['run/images/good.png', 'image/png'],
    ['run/images/a.webp', 'image/webp'],
    ['run/images/a.npy', 'application/octet-stream'],
    ['run/images/a.bin', 'application/octet-stream'],
    ['run/images/page.json', 'application/json; charset=utf-8'],
    ['run/images/a.jsonl', 'application/x-ndjson; charset=utf-8'],
    ['run/images/page.png', 'image/png'],
    ['thumbnails/320/images/drawing.png', 'image/png'],
  ])('%s is data: %s', async (name, type) => {
    const { status, headers } = await ask(name);
    expect([status, headers.get('content-type')]).toEqual([200, type]);
    expect(headers.get('content-disposition')).toBeNull();
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')?.split('; ')).toEqual(
      expect.arrayContaining(["default-src 'none'", 'sandbox', "frame-ancestors 'none'"]),
    );
  });

  test.each(
    ['html', 'xhtml', 'svg', 'js', 'mjs', 'css', 'xml', 'wasm', 'txt'].flatMap((extension) =>
      ['run', 'against'].map((folder) => `${folder}/images/a.${extension}`),
    ),
  )('%s is only to be saved', async (name) => {
    const { status, headers } = await ask(name);
    expect([status, headers.get('content-type')]).toEqual([200, 'application/octet-stream']);
    expect(headers.get('content-disposition')).toBe('attachment');
    expect(headers.get('content-security-policy')).toContain('sandbox');
  });

  test('and so are those that a model lists', async () => {
    for (const name of ['models/net/a.html', 'models/net/a.js']) {
      expect((await ask(name)).headers.get('content-disposition')).toBe('attachment');
    }
  });

  test('no service worker is given out, from nowhere', async () => {
    for (const name of ['', 'run/images/a.js', 'run/images/page.json', 'models/net/a.js']) {
      const headers = { 'service-worker': 'script' };
      expect((await fetch(`${server.url}${name}`, { headers })).status).toBe(403);
    }
  });
});

describe.skipIf(skipWithoutChromium())('in Chromium', () => {
  test('nothing in the folder runs; a picture is shown', { timeout: 60_000 }, async () => {
    const browser = await openBrowser(path.join(folder, 'profile'));
    try {
      const page = await browser.newPage();
      let ran = false;
      page.on('request', (request) => (ran ||= request.url().endsWith('/it-runs')));
      for (const name of [
        'a.html',
        'a.xhtml',
        'a.svg',
        'a',
        'page.png',
        'drawing.png',
        'page.json',
      ]) {
        await page.goto(`${server.url}run/images/${name}`).catch(() => {});
        await page.waitForTimeout(200);
        expect(await page.title().catch(() => '')).not.toBe('it runs');
      }
      expect(ran).toBe(false);

      await page.goto(`${server.url}run/images/good.png`);
      const size = await page.evaluate(() => document.images[0]?.naturalWidth);
      expect(size).toBe(7);

      // From the page itself, where scripts may run: those of a run may not, and none stays.
      await page.goto(server.url);
      const outcomes = await page.evaluate(async () => {
        const load = (source: string, type = ''): Promise<string> =>
          new Promise((resolve) => {
            const element = document.createElement('script');
            element.src = source;
            element.type = type;
            element.onload = () => resolve('loaded');
            element.onerror = () => resolve('refused');
            document.head.append(element);
          });
        const register = (source: string): Promise<string> =>
          navigator.serviceWorker.register(source).then(
            () => 'registered',
            () => 'refused',
          );
        return Promise.all([
          load('/run/images/a.js'),
          load('/run/images/a.mjs', 'module'),
          load('/run/images/page.json'),
          register('/run/images/a.js'),
          register('/run/images/page.json'),
          register('/models/net/a.js'),
        ]);
      });
      expect(outcomes).toEqual(Array.from({ length: 6 }, () => 'refused'));
    } finally {
      await browser.close();
    }
  });
});

describe('originals', () => {
  test('are regular files within the limit, and pictures', async () => {
    const png = readFileSync(path.join(folder, 'good.png'));
    const good = await ask(`run/originals/${sha(png)}`);
    expect(Buffer.from(await good.arrayBuffer()).equals(png)).toBe(true);
    expect((await ask(`run/originals/${sha(svg)}`)).status).toBe(404);
    if (process.platform === 'win32') return;
    const before = process.memoryUsage().rss;
    const asked = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((one) =>
      ask(`run/originals/${sha(one)}`),
    );
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(asked.map(() => 404));
    expect((await ask('served.json')).status).toBe(200);
    // A hash of /dev/zero or of the sparse file would pass gigabytes.
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 2 ** 20);
  });
});

describe('requests', () => {
  /** Sends bytes and waits for the end of the connection. */
  const send = (head: string): Promise<{ status: string; ms: number }> =>
    new Promise((resolve) => {
      const start = performance.now();
      let text = '';
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () =>
        socket.write(head),
      );
      socket.on('data', (bytes) => (text += bytes.toString('latin1')));
      socket.on('error', () => {});
      socket.on('close', () =>
        resolve({ status: text.split('\r\n')[0] ?? '', ms: performance.now() - start }),
      );
    });
  const host = (): string => `Host: ${new URL(server.url).host}\r\n`;

  test('with a body are refused and their connection is closed', async () => {
    const chunked = await send(
      `GET / HTTP/1.1\r\n${host()}Transfer-Encoding: chunked\r\n\r\n5\r\n`,
    );
    expect(chunked.status).toContain('413');
    const long = await send(`GET / HTTP/1.1\r\n${host()}Content-Length: 999999999\r\n\r\n`);
    expect(long.status).toContain('413');
  });

  test('with too many headers are refused', async () => {
    const { status } = await send(`GET / HTTP/1.1\r\n${host()}X: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(status).toContain('431');
  });

  test('whose headers never end are ended', { timeout: 40_000 }, async () => {
    const { status, ms } = await send(`GET / HTTP/1.1\r\n${host()}X: y\r\n`);
    expect(status).toContain('408');
    // Ten seconds for headers, two between checks, and a busy machine.
    expect(ms).toBeLessThan(30_000);
  });
});

describe.skipIf(process.platform === 'win32')('the command', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'ends on %s while requests hang',
    async (signal) => {
      const program = path.join(root, 'packages/cli/bin/gradcam.mjs');
      const child = spawn(process.execPath, [program, 'view', run]);
      const url = await new Promise<string>((resolve) =>
        child.stdout.once('data', (data: Buffer) => resolve(data.toString().trim())),
      );
      const asked = ['b', 'c', 'd', 'e', 'f'].map((one) =>
        fetch(`${url}run/originals/${sha(one)}`).catch(() => null),
      );
      const { hostname, port } = new URL(url);
      const half = connect(Number(port), hostname, () => half.write('GET / HTTP/1.1\r\n'));
      half.on('error', () => {});
      await new Promise((resolve) => half.once('connect', resolve));
      const ended = new Promise<unknown>((resolve) => child.once('exit', (code) => resolve(code)));
      const start = performance.now();
      child.kill(signal);
      expect(await ended).toBe(0);
      // At once, and not by the end that is kept for a file system that has gone away.
      expect(performance.now() - start).toBeLessThan(15_000);
      await Promise.all(asked);
      half.destroy();
    },
    60_000,
  );
});
