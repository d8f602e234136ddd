import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeTemporaryFolder, root, startCommand, type CommandResult } from './run-command.ts';

/** A net by Keras and its logits by TensorFlow: `tools/oracles/write_keras_files.py`. */
const nets = path.join(root, 'packages/converter/test/fixtures/keras');
const bytes = readFileSync(path.join(nets, 'sequential.keras'));
const picture = path.join(root, 'demo/scenes/street.png');

let server: Server;
let origin: string;
let files: Record<string, Buffer | string>;
/** The address's path and the range of each request. */
let requests: string[];
/** Whether the next connection for the model is cut after half of the file. */
let isCut: boolean;
let cache: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, origin);
    const { range } = request.headers;
    requests.push(range === undefined ? pathname : `${pathname} ${range}`);
    const file = files[pathname];
    if (file === undefined) return void response.writeHead(404).end();
    const body = Buffer.from(file);
    const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    const rest = body.subarray(start);
    response.writeHead(range === undefined ? 200 : 206, {
      etag: '"one"',
      'content-length': rest.length,
      ...(range !== undefined && {
        'content-range': `bytes ${start}-${body.length - 1}/${body.length}`,
      }),
    });
    if (!isCut || !pathname.endsWith('.keras')) return void response.end(rest);
    isCut = false;
    response.write(rest.subarray(0, rest.length / 2), () =>
      setTimeout(() => response.destroy(), 3000),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

beforeEach(() => {
  requests = [];
  isCut = false;
  cache = makeTemporaryFolder();
  files = { '/a/net.keras': bytes, '/a/labels.txt': 'ant\nbee\ncat\ndog\n' };
});

function gradcam(...args: string[]): Promise<CommandResult> {
  return startCommand(args, { env: { GRADCAM_CACHE: cache, XDG_CACHE_HOME: cache } }).done;
}

async function explain(model: string) {
  const out = path.join(makeTemporaryFolder(), 'run');
  const flags = ['--input-range=0..1', '--json'];
  const found = await gradcam('explain', picture, '--model', model, '--out', out, ...flags);
  expect(found.code, found.stderr).toBe(0);
  const { predictions } = JSON.parse(found.stdout) as {
    predictions: { index: number; label?: string; logit: number }[];
  };
  return { predictions, stderr: found.stderr };
}

const asked = (): string[] => requests.filter((line) => line.includes('net.keras'));

describe('a file of Keras at a web address', () => {
  test('explains as the same file here, after a download that was cut; then no server is asked', async () => {
    isCut = true;
    const first = await explain(`${origin}/a/net.keras?token=1`);
    expect(asked()).toEqual([
      '/a/net.keras',
      `/a/net.keras bytes=${Math.floor(bytes.length / 2)}-`,
    ]);
    expect(first.stderr).toContain('read from labels.txt: 4 class names');
    const here = await explain(path.join(nets, 'sequential.keras'));
    const plain = first.predictions.map(({ index, logit }) => ({ index, logit }));
    expect(plain).toEqual(here.predictions.map(({ index, logit }) => ({ index, logit })));

    requests = [];
    const second = await explain(`${origin}/a/net.keras?token=1`);
    expect(second.predictions).toEqual(first.predictions);
    expect(requests).toEqual([]);
    expect(second.stderr).toMatch(/was downloaded before; delete .* to download it again/);
  });

  test('is converted, with its address and its names of classes', async () => {
    const out = path.join(makeTemporaryFolder(), 'model');
    const found = await gradcam('convert', `${origin}/a/net.keras`, '--out', out);
    expect(found.code, found.stderr).toBe(0);
    const model = JSON.parse(readFileSync(path.join(out, 'model.json'), 'utf8')) as {
      userDefinedMetadata: { gradcamConversion: { source: { uri: string } } };
      modelTopology: { model_config: { config: { name: string } } };
    };
    expect(model.userDefinedMetadata.gradcamConversion.source.uri).toBe(`${origin}/a/net.keras`);
    expect(model.modelTopology.model_config.config.name).toBe('chain');
    expect(readFileSync(path.join(out, 'gradcam.json'), 'utf8')).toContain('"bee"');
  });

  test('a page instead of a file is refused, deleted, and asked for again', async () => {
    files['/a/net.keras'] = '<html>sign in</html>';
    const call = ['convert', `${origin}/a/net.keras`, '--out', path.join(cache, 'model')];
    const page = await gradcam(...call);
    expect(page.code, page.stderr).toBe(65);
    expect(page.stderr).toMatch(/^gradcam: http.*net\.keras: .*the download was deleted/m);
    files['/a/net.keras'] = bytes;
    expect(await gradcam(...call)).toMatchObject({ code: 0 });
  });

  test('a file that the server does not have is an error of the download', async () => {
    const call = ['explain', picture, '--model', `${origin}/a/none.h5`, '--out', 'never'];
    const found = await gradcam(...call);
    expect(found.code, found.stderr).toBe(75);
    expect(found.stderr).toMatch(/^gradcam: .*none\.h5.*HTTP 404/m);
    expect(found.stderr.trim().split('\n')).toHaveLength(1);
  });
});
