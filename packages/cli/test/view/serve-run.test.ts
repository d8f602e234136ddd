import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { request, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveRun, type RunServer } from '../../src/commands/view/serve-run.ts';

let folder: string;
let server: RunServer;
let port: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gradcam-serve-'));
  const [page, run] = [join(folder, 'page'), join(folder, 'run')];
  await mkdir(join(page, 'assets'), { recursive: true });
  await mkdir(join(run, 'images', 'cat'), { recursive: true });
  await mkdir(join(folder, 'run-of-another'));
  for (const name of [
    'models/net/deep',
    'models/named',
    'models/two',
    'models/broken',
    'models/empty',
    'models/words',
    'others/net',
    'others/own',
  ]) {
    await mkdir(join(folder, name), { recursive: true });
  }
  const files: Record<string, string> = {
    'page/index.html': '<!doctype html><title>page</title>',
    'page/assets/index.js': 'export {};',
    'run/run.json': '{"schema":1}',
    'run/results.jsonl': '',
    'run/.hidden': 'hidden',
    'run/images/cat/a b.png': 'picture',
    'run/%2e%2e': 'a file of this name',
    'secret.txt': 'secret',
    'run-of-another/secret.txt': 'secret',
    'models/net/model.json': manifestOf('a.bin', 'deep/b.bin', '../../secret.txt', 'link-out.bin'),
    'models/net/a.bin': 'weights',
    'models/net/deep/b.bin': 'more weights',
    'models/net/notes.txt': 'not listed',
    'models/net/labels.txt': 'cat\ndog',
    'models/broken/model.json': '{',
    'models/secret.txt': 'secret',
    // As `model.save('downloads://my-net')` of tfjs leaves it, with the labels in another JSON.
    'models/named/my-net.json': namedModel,
    'models/named/my-net.weights.bin': 'named',
    'models/named/labels.json': '["cat"]',
    'models/two/one.json': namedModel,
    'models/two/other.json': namedModel,
    'models/words/net.onnx': 'an ONNX file',
    'models/words/gradcam.json': '{"text": {"vocabulary": "words.txt", "role": "caption"}}',
    'models/words/words.txt': '\na\ndog',
    'models/words/notes.txt': 'not named',
    'others/net/model.json': manifestOf('other.bin'),
    'others/net/other.bin': 'hidden by the first folder',
    'others/own/model.json': manifestOf(),
    'outside/model.json': manifestOf('a.bin'),
    'outside/a.bin': 'secret',
  };
  await mkdir(join(folder, 'outside'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  await symlink(join(folder, 'secret.txt'), join(run, 'link-out.txt'));
  await symlink(folder, join(run, 'folder-out'));
  await symlink(join(folder, 'run-of-another'), join(run, 'sibling'));
  await symlink(join(run, 'run.json'), join(run, 'link-inside.json'));
  await symlink(join(folder, 'secret.txt'), join(folder, 'models/net/link-out.bin'));
  await symlink(join(folder, 'outside'), join(folder, 'models/linked'));
  server = await serveRun({ run, page, models: [join(folder, 'models'), join(folder, 'others')] });
  port = Number(new URL(server.url).port);
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const namedModel = JSON.stringify({
  modelTopology: {},
  weightsManifest: [{ paths: ['my-net.weights.bin'], weights: [] }],
});

function manifestOf(...paths: string[]): string {
  return JSON.stringify({ weightsManifest: [{ paths, weights: [] }] });
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends a path exactly as given: fetch would tidy it first. */
async function ask(
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => (body += text));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** Sends bytes that no HTTP client would, and returns the status line. */
async function askRaw(head: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(head));
    let text = '';
    socket.on('data', (bytes) => (text += bytes.toString('latin1')));
    socket.on('end', () => resolve(text.split('\r\n')[0] ?? ''));
    socket.on('error', reject);
  });
}

describe('what is served', () => {
  test('the page at / with its files', async () => {
    const page = await ask('/');
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.body).toContain('<title>page</title>');
    const script = await ask('/assets/index.js?x=1');
    expect(script.headers['content-type']).toBe('text/javascript; charset=utf-8');
  });

  test('the run below /run/, never from a cache', async () => {
    const run = await ask('/run/run.json');
    expect(run).toMatchObject({ status: 200, body: '{"schema":1}' });
    expect(run.headers['cache-control']).toBe('no-store');
    expect(run.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(await ask('/run/images/cat/a%20b.png')).toMatchObject({ status: 200, body: 'picture' });
    expect(await ask('/run/results.jsonl')).toMatchObject({ status: 200, body: '' });
    expect(await ask('/run/link-inside.json')).toMatchObject({ status: 200 });
  });

  test('HEAD is answered as GET, without the body', async () => {
    const head = await ask('/run/run.json', { method: 'HEAD' });
    expect(head).toMatchObject({ status: 200, body: '' });
    expect(head.headers['content-length']).toBe('12');
  });

  test.each([
    ['bytes=0-', 206, '{"schema":1}', 'bytes 0-11/12'],
    ['bytes=9-', 206, ':1}', 'bytes 9-11/12'],
    ['bytes=1-6', 206, '"schem', 'bytes 1-6/12'],
    ['bytes=9-999999999999', 206, ':1}', 'bytes 9-11/12'],
    ['bytes=12-', 416, 'nothing there\n', 'bytes */12'],
    ['bytes=99999999999999999999-', 416, 'nothing there\n', 'bytes */12'],
    ['bytes=5-2', 200, '{"schema":1}', undefined],
    ['bytes=-3', 200, '{"schema":1}', undefined],
    ['bytes=0-1,3-4', 200, '{"schema":1}', undefined],
    ['lines=1-2', 200, '{"schema":1}', undefined],
  ])('range %s answers %d', async (range, status, body, part) => {
    const answer = await ask('/run/run.json', { headers: { range } });
    expect(answer).toMatchObject({ status, body });
    expect(answer.headers['content-range']).toBe(part);
    if (status !== 416) expect(answer.headers['content-length']).toBe(String(body.length));
  });

  test('every answer, refusals too, carries the security headers', async () => {
    for (const answer of [await ask('/'), await ask('/served.json'), await ask('/none')]) {
      const policy = answer.headers['content-security-policy'];
      expect(policy).toContain("default-src 'self';");
      expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval';");
      expect(policy).toContain("worker-src 'self' blob:;");
      expect(policy).toContain("img-src 'self' blob: data:");
      expect(answer.headers).toMatchObject({
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
        'cross-origin-resource-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
      });
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    }
  });
});

describe('images that a run was made from', () => {
  const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
  const line = (image: string, sha256: string): string =>
    JSON.stringify({
      ...{ image, sha256, width: 1, height: 1, predictions: [], explanations: [], ms: 1 },
    });
  /** Known as a picture by its beginning, whatever its name says. */
  const photo = 'GIF89a and so on';
  const changed = 'GIF89a, but another than was explained';
  let made: RunServer;

  beforeAll(async () => {
    const run = join(folder, 'made');
    await mkdir(join(folder, 'photos'));
    await mkdir(run);
    await writeFile(join(folder, 'photos', 'a b.png'), photo);
    await writeFile(join(folder, 'photos', 'changed.png'), changed);
    const settings = {
      ...{ methods: [], targets: [], layers: [], save: [] },
      ...{ colormap: 'turbo', alpha: 0.5, fit: 'crop' },
    };
    const file = {
      ...{ schema: 1, status: 'done', startedAt: '2026-03-02T09:30:00.000Z' },
      model: { id: 'net', path: 'net', digest: digest('') },
      ...{ engine: 'wasm', files: { original: '..' }, versions: {}, settings, assumptions: [] },
    };
    await writeFile(join(run, 'run.json'), JSON.stringify(file));
    const lines = [
      line('photos/a b.png', digest(photo)),
      line('photos/changed.png', digest('the photo that was explained')),
      line('secret.txt', digest('secret')),
      line('https://photos.example/c.png', digest('far away')),
      // A run that somebody else made, to read files of this machine: it knows where, not what.
      line('/etc/passwd', digest('a guess')),
    ];
    await writeFile(join(run, 'results.jsonl'), lines.map((one) => `${one}\n`).join(''));
    made = await serveRun({ run, page: join(folder, 'page') });
  });

  afterAll(async () => {
    await made.close();
  });

  test('are served by their content', async () => {
    const answer = await fetch(`${made.url}run/originals/${digest(photo)}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('image/gif');
    expect(answer.headers.get('content-security-policy')).toContain('sandbox');
    expect(await answer.text()).toBe(photo);
  });

  test('and in parts, of what was hashed', async () => {
    const headers = { range: 'bytes=7-9' };
    const answer = await fetch(`${made.url}run/originals/${digest(photo)}`, { headers });
    expect([answer.status, await answer.text()]).toEqual([206, 'and']);
  });

  test.each([
    ['that changed since', digest('the photo that was explained')],
    ['that changed since, as it is now', digest(changed)],
    ['that is no picture', digest('secret')],
    ['on another machine', digest('far away')],
    ['that is no image of the run', digest('a guess')],
    ['of no run', digest('nothing')],
    ['named by a path', 'photos%2fa%20b.png'],
    ['below another', `${digest(photo)}/${digest(photo)}`],
  ])('one %s is not found', async (_, name) => {
    expect((await fetch(`${made.url}run/originals/${name}`)).status).toBe(404);
  });
});

describe('models', () => {
  test('are listed by name, those of the first folder first, without links that lead out', async () => {
    const list = await ask('/served.json');
    expect(list.status).toBe(200);
    expect(list.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(list.headers['cache-control']).toBe('no-store');
    expect(list.headers['content-security-policy']).toContain("default-src 'self'");
    expect(JSON.parse(list.body)).toEqual({
      run: true,
      against: false,
      evaluation: false,
      report: true,
      thumbnailSides: [],
      models: [
        { id: 'broken', beside: [] },
        { id: 'named', beside: ['labels.json'] },
        { id: 'net', beside: ['labels.txt'] },
        { id: 'words', file: 'net.onnx', beside: ['gradcam.json'], words: 'caption' },
        { id: 'own', beside: [] },
      ],
    });
  });

  test('are served: the model.json and what it lists', async () => {
    expect(await ask('/models/net/model.json')).toMatchObject({ status: 200 });
    expect(await ask('/models/net/a.bin')).toMatchObject({ status: 200, body: 'weights' });
    expect(await ask('/models/net/deep/b.bin')).toMatchObject({ body: 'more weights' });
    expect(await ask('/models/net/labels.txt')).toMatchObject({ status: 200, body: 'cat\ndog' });
    expect(await ask('/models/broken/model.json')).toMatchObject({ status: 200, body: '{' });
    expect(await ask('/models/own/model.json')).toMatchObject({ status: 200 });
  });

  test('a JSON of any name is served as model.json; of two in one folder neither', async () => {
    expect(await ask('/models/named/model.json')).toMatchObject({ status: 200, body: namedModel });
    expect(await ask('/models/named/my-net.weights.bin')).toMatchObject({ body: 'named' });
    expect(await ask('/models/named/my-net.json')).toMatchObject({ status: 404 });
    expect(await ask('/models/two/model.json')).toMatchObject({ status: 404 });
  });

  test('an ONNX file is served under its own name, with the words that its description names', async () => {
    expect(await ask('/models/words/net.onnx')).toMatchObject({ status: 200 });
    expect(await ask('/models/words/words.txt')).toMatchObject({ status: 200, body: '\na\ndog' });
    for (const other of ['model.json', 'notes.txt', 'other.onnx']) {
      expect(await ask(`/models/words/${other}`)).toMatchObject({ status: 404 });
    }
  });

  test('a file keeps its tag until it is written anew', async () => {
    const tag = async (): Promise<unknown> => (await ask('/models/net/a.bin')).headers['etag'];
    const first = await tag();
    expect(first).toMatch(/^"[0-9a-z]+-[0-9a-z]+"$/);
    expect(await tag()).toBe(first);
    await writeFile(join(folder, 'models/net/a.bin'), 'weightz');
    expect(await tag()).not.toBe(first);
    await writeFile(join(folder, 'models/net/a.bin'), 'weights');
  });

  test.each([
    '/models',
    '/models/',
    '/models/net',
    '/models/net/',
    '/models/empty/model.json',
    '/models/none/model.json',
    '/models/net/notes.txt',
    '/models/net/other.bin',
    '/models/net/link-out.bin',
    '/models/linked/model.json',
    '/models/linked/a.bin',
    '/models/secret.txt',
    '/models/net/../../secret.txt',
    '/models/../secret.txt',
    '/models/../../etc/passwd',
    '/models/%2e%2e/secret.txt',
    '/models/net/..%2f..%2fsecret.txt',
    '/models/net/%2e%2e/%2e%2e/secret.txt',
    '/models/net/deep%2fb.bin',
    '/models//etc/passwd',
    '/models/net/model.json%00',
  ])('%s is not found', async (path) => {
    expect(await ask(path)).toMatchObject({ status: 404, body: 'not found\n' });
  });

  test('a foreign host, another origin and other methods are refused', async () => {
    for (const path of ['/served.json', '/models/net/a.bin']) {
      const host = { host: `evil.example:${port}` };
      expect(await ask(path, { headers: host })).toMatchObject({ status: 403 });
      const origin = { origin: 'https://evil.example' };
      expect(await ask(path, { headers: origin })).toMatchObject({ status: 403 });
      expect(await ask(path, { method: 'POST' })).toMatchObject({ status: 405 });
    }
  });

  test('without folders of models the list is empty', async () => {
    const bare = await serveRun({ page: join(folder, 'page') });
    const list = await fetch(`${bare.url}served.json`);
    expect(await list.json()).toEqual({
      run: false,
      against: false,
      evaluation: false,
      report: false,
      thumbnailSides: [],
      models: [],
    });
    expect((await fetch(`${bare.url}run/run.json`)).status).toBe(404);
    await bare.close();
  });
});

describe('paths out of what was given', () => {
  test.each([
    '/../secret.txt',
    '/../../etc/passwd',
    '/run/../secret.txt',
    '/run/images/../../secret.txt',
    '/run/%2e%2e/secret.txt',
    '/run/%2E%2E/secret.txt',
    '/run/.%2e/secret.txt',
    '/run/%252e%252e/secret.txt',
    '/run/..%2fsecret.txt',
    '/run/..%5csecret.txt',
    '/run/..\\secret.txt',
    '/run/%c0%ae%c0%ae/secret.txt',
    '/run/images%2fcat%2fa%20b.png',
    '/run/run.json%00.png',
    '/run/%',
    '/run/c:%5csecret.txt',
    '/run/run.json::$DATA',
    '//etc/passwd',
    '/run//etc/passwd',
    '/run/%2fetc%2fpasswd',
    '/run/.hidden',
    '/run/./run.json',
  ])('%s is not found', async (path) => {
    const answer = await ask(path);
    expect(answer.status).toBe(404);
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(answer.body).toBe('not found\n');
  });

  test('a path is decoded once: a name that decodes to dots only the second time is a name', async () => {
    expect(await ask('/run/%252e%252e')).toMatchObject({ body: 'a file of this name' });
  });

  test.each(['/run/link-out.txt', '/run/folder-out/secret.txt', '/run/sibling/secret.txt'])(
    'a link that leads out of the folder: %s is not found',
    async (path) => {
      expect(await ask(path)).toMatchObject({ status: 404 });
    },
  );

  test.each(['/run', '/run/', '/run/images', '/run/images/', '/assets/', '/index.htm'])(
    'a folder or nothing: %s is not found',
    async (path) => {
      expect(await ask(path)).toMatchObject({ status: 404 });
    },
  );

  test.each(['http://127.0.0.1/run/run.json', '*', 'run/run.json'])(
    'a request line with %s is refused',
    async (target) => {
      const head = `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`;
      expect(await askRaw(head)).toMatch(/^HTTP\/1\.1 40[04] /);
    },
  );
});

describe('who may ask', () => {
  test.each(['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]'])('host %s is served', async (host) => {
    expect(await ask('/', { headers: { host: `${host}:${port}` } })).toMatchObject({ status: 200 });
  });

  test.each(['evil.example', '127.0.0.1', 'localhost', '127.0.0.1.evil.example', 'localhost:1'])(
    "host '%s' is refused",
    async (host) => {
      const answer = await ask('/run/run.json', { headers: { host } });
      expect(answer.status).toBe(403);
      expect(answer.body).not.toContain('schema');
    },
  );

  test('a foreign name with the right port is refused', async () => {
    const headers = { host: `evil.example:${port}` };
    expect(await ask('/', { headers })).toMatchObject({ status: 403 });
  });

  test('a request without a host is refused', async () => {
    expect(await askRaw('GET / HTTP/1.0\r\n\r\n')).toMatch(/ 403 /);
    expect(await askRaw('GET / HTTP/1.1\r\nConnection: close\r\n\r\n')).toMatch(/ 400 /);
    const empty = 'GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n';
    expect(await askRaw(empty)).toMatch(/ 40[03] /);
  });

  test.each(['https://evil.example', 'null', 'http://localhost', 'http://127.0.0.1:1'])(
    'origin %s is refused',
    async (origin) => {
      expect(await ask('/run/run.json', { headers: { origin } })).toMatchObject({ status: 403 });
    },
  );

  test('its own origin is served', async () => {
    const headers = { origin: `http://localhost:${port}` };
    expect(await ask('/run/run.json', { headers })).toMatchObject({ status: 200 });
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE'])('%s is refused', async (method) => {
    const answer = await ask('/run/run.json', { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe('GET, HEAD');
  });
});

describe('the server itself', () => {
  test('listens on the loopback address only', () => {
    expect(new URL(server.url).hostname).toBe('127.0.0.1');
  });

  test('a port that is taken is an error that names it', async () => {
    const options = { run: join(folder, 'run'), page: join(folder, 'page'), port };
    await expect(serveRun(options)).rejects.toThrow(`port ${port} is taken`);
  });

  test('a page that is not built is an error that says so', async () => {
    const options = { run: join(folder, 'run'), page: join(folder, 'run') };
    await expect(serveRun(options)).rejects.toThrow('the page is not built');
  });

  test('a run that comes later is served from then on; abort stops the server', async () => {
    const stop = new AbortController();
    const run = join(folder, 'later');
    const later = await serveRun({ run, page: join(folder, 'page'), signal: stop.signal });
    expect((await fetch(`${later.url}run/run.json`)).status).toBe(404);
    await mkdir(run);
    await writeFile(join(run, 'run.json'), '{}');
    expect((await fetch(`${later.url}run/run.json`)).status).toBe(200);
    stop.abort();
    await expect(fetch(later.url)).rejects.toThrow();
    await later.close();
  });
});
