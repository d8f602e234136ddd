import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeTemporaryFolder, root, startCommand, type CommandResult } from './run-command.ts';

/** A net of Keras's and what it says, by `tools/oracles/output_kinds.py`. */
const net = path.join(root, 'packages/core/test/fixtures/outputs/labels');
const jsonText = readFileSync(path.join(net, 'model.json'), 'utf8');
const SHARD = 'group1-shard1of1.bin';
const shard = readFileSync(path.join(net, SHARD));

interface Sent {
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

let server: Server;
let origin: string;
let files: Record<string, Sent>;
/** Paths with the status that they got. */
let answers: string[];
let onAnswer: (path: string) => void;
let cache: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url!, origin);
    const finish = (status: number, headers = {}, body: string | Buffer = ''): void => {
      answers.push(`${status} ${pathname}${search}`);
      response.writeHead(status, headers).end(body);
      onAnswer(pathname);
    };
    if (pathname.startsWith('/moved/')) {
      finish(302, { location: pathname.replace('/moved/', '/net/') });
      return;
    }
    const file = files[pathname];
    if (file === undefined) return finish(404);
    const { etag, 'last-modified': time } = file.headers ?? {};
    const isSame =
      (etag !== undefined && request.headers['if-none-match'] === etag) ||
      (time !== undefined && request.headers['if-modified-since'] === time);
    if (isSame) finish(304, file.headers);
    else finish(200, file.headers, file.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

beforeEach(() => {
  answers = [];
  onAnswer = () => {};
  cache = makeTemporaryFolder();
  files = {
    '/net/model.json': { body: jsonText },
    [`/net/${SHARD}`]: { body: shard, headers: { etag: '"one"' } },
  };
});

function gradcam(...args: string[]): Promise<CommandResult> {
  return startCommand(args, { env: { GRADCAM_CACHE: cache, XDG_CACHE_HOME: cache } }).done;
}

const picture = path.join(root, 'demo/scenes/street.png');

/** Logits of one picture: they are other ones with other weights. */
async function explainAt(address: string): Promise<number[]> {
  const out = path.join(makeTemporaryFolder(), 'run');
  const given = ['explain', picture, '--model', address, '--out', out, '--json'];
  const { code, stdout, stderr } = await gradcam(...given, '--input-range=0..1');
  expect(code, stderr).toBe(0);
  const { predictions } = JSON.parse(stdout) as { predictions: { index: number; logit: number }[] };
  return predictions.sort((a, b) => a.index - b.index).map(({ logit }) => logit);
}

const asked = (name: string): string[] => answers.filter((line) => line.includes(name));

test('weights are downloaded once, asked about each time, and never used when they have changed', async () => {
  const address = `${origin}/net/model.json`;
  const first = await explainAt(address);
  const same = await explainAt(path.join(net, 'model.json'));
  expect(first).toEqual(same);
  expect(await explainAt(address)).toEqual(first);
  expect(asked(SHARD)).toEqual([`200 /net/${SHARD}`, `304 /net/${SHARD}`]);

  // Half of every weight, under the same JSON and of the same length.
  const halved = Buffer.from(shard);
  for (let i = 0; i < halved.length; i += 4) halved.writeFloatLE(shard.readFloatLE(i) / 2, i);
  files[`/net/${SHARD}`] = { body: halved, headers: { etag: '"two"' } };
  const changed = await explainAt(address);
  expect(changed).not.toEqual(first);
  expect(await explainAt(address)).toEqual(changed);

  // A server that tells nothing is not believed to have the same.
  files[`/net/${SHARD}`] = { body: shard };
  expect(await explainAt(address)).toEqual(first);
  files[`/net/${SHARD}`] = { body: halved };
  expect(await explainAt(address)).toEqual(changed);
}, 120_000);

test('a time of change counts when it is old enough to tell', async () => {
  const old = new Date(Date.now() - 3_600_000).toUTCString();
  files[`/net/${SHARD}`] = { body: shard, headers: { 'last-modified': old } };
  const address = `${origin}/net/model.json`;
  for (let i = 0; i < 2; i++) expect((await gradcam('inspect', address)).code).toBe(0);
  const now = new Date().toUTCString();
  files[`/net/${SHARD}`] = { body: shard, headers: { 'last-modified': now } };
  for (let i = 0; i < 2; i++) expect((await gradcam('inspect', address)).code).toBe(0);
  expect(asked(SHARD).map((line) => line.slice(0, 3))).toEqual(['200', '304', '200', '200']);
});

test('labels beside it are seen when they change', async () => {
  files['/net/labels.txt'] = { body: 'a\nb\nc\nd\ne\n' };
  const address = `${origin}/net`;
  const before = await gradcam('describe', address);
  expect([before.code, before.stdout]).toEqual([
    0,
    expect.stringContaining('names: a, b, c, d, e\n'),
  ]);
  files['/net/labels.txt'] = { body: 'v\nw\nx\ny\nz\n' };
  expect((await gradcam('describe', address)).stdout).toContain('names: v, w, x, y, z\n');
  delete files['/net/labels.txt'];
  expect((await gradcam('describe', address)).stdout).toContain('names: none\n');
});

test('a JSON of any name, behind a redirect, with a query that goes with every file', async () => {
  files['/net/my-net.json'] = files['/net/model.json']!;
  const { code, stdout, stderr } = await gradcam(
    'inspect',
    `${origin}/moved/my-net.json?key=1`,
    '--json',
  );
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ input: { height: 18, width: 24 } });
  expect(answers).toContain(`302 /moved/${SHARD}?key=1`);
  expect(stderr).not.toContain('key=1');
});

test('what is not whole is refused in one line, and nothing of it stays', async () => {
  const address = `${origin}/net/model.json`;
  delete files[`/net/${SHARD}`];
  const missing = await gradcam('inspect', address);
  expect([missing.code, missing.stderr]).toEqual([
    75,
    expect.stringMatching(/^gradcam: .*: file group1-shard1of1\.bin answered 404\n$/),
  ]);

  files[`/net/${SHARD}`] = { body: shard };
  onAnswer = (name) => {
    if (name.endsWith(SHARD)) files['/net/model.json'] = { body: `${jsonText} ` };
  };
  const torn = await gradcam('inspect', address);
  expect([torn.code, torn.stderr]).toEqual([
    75,
    expect.stringContaining('changed while it was downloaded'),
  ]);
  const kept = readdirSync(cache, { recursive: true }).map(String);
  expect(kept.filter((name) => /shard|model\.json/.test(name))).toEqual([]);
});

test('every command that takes a model takes its address', async () => {
  const address = `${origin}/net/model.json`;
  const out = path.join(makeTemporaryFolder(), 'net.onnx');
  for (const args of [
    ['methods', '--model', address, '--engine', 'cpu'],
    ['bench', '--model', address, '--engine', 'cpu', '--rounds', '1'],
    ['export', '--model', address, '--out', out],
    ['describe', address],
    ['inspect', address],
  ]) {
    const { code, stderr } = await gradcam(...args);
    expect(code, `${args[0]}: ${stderr}`).toBe(0);
  }
  const { code, stderr } = await gradcam('inspect', address, '--verify');
  expect([code, stderr]).toEqual([
    65,
    expect.stringContaining('no digests and no probe to verify'),
  ]);
}, 120_000);

test('methods and bench take the size of a model that leaves it open', async () => {
  const open = jsonText.replace(
    /("batch_(?:input_)?shape":\s*\[\s*null,)\s*18,\s*24,/g,
    '$1 null, null,',
  );
  expect(open).not.toBe(jsonText);
  files['/net/model.json'] = { body: open };
  const address = `${origin}/net/model.json`;
  const size = ['--input-size', '36x48', '--engine', 'cpu', '--json'];
  const bench = await gradcam('bench', '--model', address, '--rounds', '1', ...size);
  expect(JSON.parse(bench.stdout), bench.stderr).toMatchObject({ size: [36, 48] });
  const counted = await gradcam('methods', '--model', address, ...size);
  expect([counted.code, JSON.parse(counted.stdout)]).toEqual([0, expect.any(Array)]);
  const wrong = await gradcam('methods', '--model', net, '--input-size', '36x48');
  expect([wrong.code, wrong.stderr]).toEqual([64, expect.stringContaining('fixed at 18x24')]);
}, 60_000);

describe('an ONNX file at an address', () => {
  const onnx = path.join(root, 'packages/core/test/fixtures/onnx');
  const whole = readFileSync(path.join(onnx, 'resnet.torchscript-open.onnx'));
  const split = readFileSync(path.join(onnx, 'external/resnet.onnx'));
  const data = readFileSync(path.join(onnx, 'external/resnet.onnx.data'));

  test('is explained as the file itself, and downloaded once', async () => {
    files = { '/net/resnet.onnx': { body: whole, headers: { etag: '"one"' } } };
    const address = `${origin}/net/resnet.onnx`;
    const first = await explainAt(address);
    expect(first).toEqual(await explainAt(path.join(onnx, 'resnet.torchscript-open.onnx')));
    expect(await explainAt(address)).toEqual(first);
    expect(asked('.onnx')).toEqual(['200 /net/resnet.onnx', '304 /net/resnet.onnx']);

    // Another file under the same name is another model.
    const vgg = readFileSync(path.join(onnx, 'vgg-bn.torchscript-open.onnx'));
    files['/net/resnet.onnx'] = { body: vgg, headers: { etag: '"two"' } };
    expect(await explainAt(address)).not.toEqual(first);
  }, 120_000);

  test('takes its weights from the file beside it, by its base name', async () => {
    files = {
      '/net/resnet.onnx': { body: split, headers: { etag: '"one"' } },
      '/net/resnet.onnx.data': { body: data, headers: { etag: '"one"' } },
    };
    const address = `${origin}/net/resnet.onnx`;
    const first = await explainAt(address);
    expect(first).toEqual(await explainAt(path.join(onnx, 'external/resnet.onnx')));
    expect(await explainAt(address)).toEqual(first);
    expect(asked('.data')).toEqual(['200 /net/resnet.onnx.data', '304 /net/resnet.onnx.data']);

    // Weights that change under the same file are seen.
    const halved = Buffer.from(data);
    for (let i = 0; i + 4 <= halved.length; i += 4) {
      halved.writeFloatLE(data.readFloatLE(i) / 2, i);
    }
    files['/net/resnet.onnx.data'] = { body: halved, headers: { etag: '"two"' } };
    expect(await explainAt(address)).not.toEqual(first);
  }, 120_000);

  test('in a repository of Hugging Face is described by the files above its folder', async () => {
    files = {
      '/org/net/resolve/main/onnx/model.onnx': { body: whole },
      '/org/net/resolve/main/config.json': {
        body: JSON.stringify({ model_type: 'resnet', id2label: { ...[...'abcdefg'] } }),
      },
    };
    const { code, stdout, stderr } = await gradcam(
      'describe',
      `${origin}/org/net/resolve/main/onnx/model.onnx`,
    );
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('names: a, b, c, d, e, f, g\n');
  });

  test('without its weights, or changed meanwhile, is refused in one line, and nothing stays', async () => {
    files = { '/net/resnet.onnx': { body: split } };
    const address = `${origin}/net/resnet.onnx`;
    const missing = await gradcam('inspect', address);
    expect([missing.code, missing.stderr]).toEqual([
      75,
      expect.stringMatching(/^gradcam: .*: file resnet\.onnx\.data answered 404\n$/),
    ]);
    files['/net/resnet.onnx.data'] = { body: data };
    onAnswer = (name) => {
      if (name.endsWith('.data')) files['/net/resnet.onnx'] = { body: whole };
    };
    const torn = await gradcam('inspect', address);
    expect([torn.code, torn.stderr]).toEqual([
      75,
      expect.stringContaining('changed while it was downloaded'),
    ]);
    const kept = readdirSync(cache, { recursive: true }).map(String);
    expect(kept.filter((name) => name.includes('.onnx'))).toEqual([]);
  });

  test('that is none is refused in one line', async () => {
    files = { '/net/resnet.onnx': { body: 'GIF89a, no net' } };
    const { code, stderr } = await gradcam('inspect', `${origin}/net/resnet.onnx`);
    expect([code, stderr]).toEqual([65, expect.stringMatching(/^gradcam: .*resnet\.onnx .*\n$/)]);
  });
});
