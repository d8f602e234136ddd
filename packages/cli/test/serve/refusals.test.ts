import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { models, scenes } from '../run/demo-run.ts';
import { startServe, type Refusal, type Serving } from './start-serve.ts';

const START_MS = 120_000;
const picture = readFileSync(path.join(scenes, 'cat-and-dog.png'));

let serving: Serving;
beforeAll(async () => {
  const limits = ['--max-body', '1', '--max-pixels', '1', '--quiet'];
  serving = await startServe(['--models', models, ...limits]);
}, START_MS);
afterAll(() => serving.stop(), START_MS);

interface Asked {
  readonly method?: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

/** Sends an address and headers exactly as given: fetch would tidy them first. */
function ask(address: string, asked: Asked = {}): Promise<{ status: number; refusal: Refusal }> {
  const { type, body, method = body === undefined ? 'GET' : 'POST' } = asked;
  const headers = { ...(type && { 'content-type': type }), ...asked.headers };
  const { port } = new URL(serving.url);
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, path: address, method, headers },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (text += part));
        response.on('end', () =>
          resolve({ status: response.statusCode!, refusal: JSON.parse(text) as Refusal }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

const png = { type: 'image/png', body: picture };
const explain = '/v1/explain?model=demo-resnet';

/** A multipart body of these parts, with a boundary that is in none of them. */
function multipart(
  ...parts: readonly (readonly [head: string, body: Uint8Array | string])[]
): Asked {
  const chunks = parts.flatMap(([head, body]) => [
    Buffer.from(`--edge\r\nContent-Disposition: form-data; ${head}\r\n\r\n`),
    Buffer.from(body as Uint8Array),
    Buffer.from('\r\n'),
  ]);
  return {
    type: 'multipart/form-data; boundary=edge',
    body: Buffer.concat([...chunks, Buffer.from('--edge--\r\n')]),
  };
}

const file = ['name="image"; filename="a.png"', picture] as const;
const options = (json: string) => ['name="options"', json] as const;
const deep = `{"target":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;

describe('what is refused, and how', () => {
  const cases: readonly (readonly [
    what: string,
    status: number,
    says: RegExp,
    address: string,
    asked?: Asked,
  ])[] = [
    ['an unknown address', 404, /nothing at this address/, '/v1/nothing'],
    ['another method', 405, /takes POST/, '/v1/explain'],
    ['a path that is no text', 400, /url/, '/v1/models/%zz'],
    ['traversal in an id', 404, /no model of this id/, '/v1/models/..%2f..%2f..%2fetc%2fpasswd'],
    ['traversal in an option', 404, /no model/, '/v1/explain?model=../demo-resnet', png],
    [
      'a path as the model',
      404,
      /no model/,
      `/v1/explain?model=${encodeURIComponent(models)}`,
      png,
    ],
    ['another host', 403, /answers to 127/, '/v1/models', { headers: { host: 'evil.example' } }],
    [
      'another page',
      403,
      /other pages/,
      '/v1/models',
      { headers: { origin: 'http://evil.example' } },
    ],
    ['no body', 400, /no picture/, explain, { method: 'POST' }],
    ['JSON as the body', 415, /image\/\*/, explain, { type: 'application/json', body: '{}' }],
    ['a type of the client', 415, /image\/\*/, explain, { type: 'text/html', body: '<p>' }],
    [
      'an answer of another type',
      406,
      /image\/png/,
      explain,
      { ...png, headers: { accept: 'text/html' } },
    ],
    ['no picture', 422, /no known kind/, explain, { type: 'image/png', body: 'text' }],
    [
      'half of a picture',
      422,
      /decoded/,
      explain,
      { type: 'image/png', body: picture.subarray(0, 2000) },
    ],
    [
      'an SVG',
      422,
      /SVG/,
      explain,
      { type: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg"/>' },
    ],
    ['an unknown option', 400, /no option 'colour'/, `${explain}&colour=red`, png],
    ['another value', 400, /colormap takes turbo/, `${explain}&colormap=red`, png],
    [
      'a word for a number',
      400,
      /alpha takes a value of the type number/,
      `${explain}&alpha=much`,
      png,
    ],
    ['too many passes', 400, /runs takes numbers <=/, `${explain}&method=rise&runs=1000000`, png],
    ['an unknown method', 400, /did you mean grad-cam/, `${explain}&method=grad-kam`, png],
    ['an unknown layer', 400, /layer/, `${explain}&layer=nowhere`, png],
    ['an unknown class', 400, /no class 'zebra'/, `${explain}&target=zebra`, png],
    ['a file as the target', 400, /opens none/, `${explain}&target=similar:/etc/passwd`, png],
    [
      'an address as the target',
      400,
      /opens none/,
      `${explain}&target=similar:http://127.0.0.1/`,
      png,
    ],
    [
      'too many maps',
      400,
      /may ask for 64/,
      `${explain}&target=top10&layer=block1,block2,block3,auto,block1,block2,block3`,
      png,
    ],
    [
      'several in one picture',
      400,
      /one explanation/,
      `${explain}&target=top2`,
      { ...png, headers: { accept: 'image/png' } },
    ],
    ['deep JSON', 400, /target/, explain, multipart(file, options(deep))],
    [
      'deep JSON in a list',
      400,
      /not a JSON object/,
      explain,
      multipart(file, options('['.repeat(10_000) + ']'.repeat(10_000))),
    ],
    ['broken JSON', 400, /not JSON/, explain, multipart(file, options('{"target"'))],
    [
      'an unknown option in JSON',
      400,
      /no option '__proto__'/,
      explain,
      multipart(file, options('{"__proto__": {"model": "x"}}')),
    ],
    [
      'long options',
      400,
      /too long/,
      explain,
      multipart(file, options(`{"target":"${'x'.repeat(70_000)}"}`)),
    ],
    ['two pictures', 400, /several files/, explain, multipart(file, file)],
    ['a form without a picture', 400, /no picture/, explain, multipart(options('{}'))],
    [
      'a form that ends early',
      400,
      /./,
      explain,
      {
        type: 'multipart/form-data; boundary=edge',
        body: '--edge\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\nabc',
      },
    ],
    ['a form without a boundary', 400, /./, explain, { type: 'multipart/form-data', body: 'x' }],
    [
      'a body above the limit',
      413,
      /more than 1 MB/,
      explain,
      { type: 'image/png', body: new Uint8Array(2 ** 20 + 1) },
    ],
    [
      'headers above the limit',
      431,
      /16 KiB/,
      '/v1/models',
      { headers: { x: 'a'.repeat(17_000) } },
    ],
  ];

  const named = cases.map(([what, ...rest]) => ({ what, rest }));
  test.each(named)('$what', async ({ rest: [status, says, address, asked] }) => {
    const { status: found, refusal } = await ask(address, asked);
    expect([found, refusal.error.message]).toEqual([status, expect.stringMatching(says)]);
    expect(Object.keys(refusal)).toEqual(['error']);
    expect(refusal.error.message).not.toContain('\n');
  });

  test('a small file of many pixels', async () => {
    const create = { width: 2000, height: 1000, channels: 3, background: 'red' } as const;
    const body = await sharp({ create }).png().toBuffer();
    expect(body.length).toBeLessThan(40_000);
    const { status, refusal } = await ask(explain, { type: 'image/png', body });
    expect([status, refusal.error.code]).toEqual([413, 'too-large']);
    expect(refusal.error.message).toContain('2000 x 1000');
  });
});

test('the service lives, and its log is silent', async () => {
  const { status } = await ask(explain, png);
  expect(status).toBe(200);
  const { code, stderr } = await serving.stop();
  expect([code, stderr]).toEqual([0, '']);
});
