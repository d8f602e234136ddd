import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { expect, test } from 'vitest';
import { models, scenes } from '../run/demo-run.ts';
import { makeTemporaryFolder, startCommand } from '../run-command.ts';
import { startServe, type Refusal, type Serving } from './start-serve.ts';

const START_MS = 120_000;
const picture = readFileSync(path.join(scenes, 'cat-and-dog.png'));
const token = '0123456789abcdef0123456789abcdef';

function explain(
  { url }: Serving,
  query = '',
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${url}/v1/explain?model=demo-resnet&${query}`, {
    method: 'POST',
    headers: { 'content-type': 'image/png', ...headers },
    body: picture,
  });
}

/** Waits until something is so, for a few seconds. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 200 && !(await isSo()); i++) await new Promise((go) => setTimeout(go, 50));
  expect(await isSo()).toBe(true);
}

async function waiting({ url }: Serving): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^gradcam_requests_waiting (\d+)$/m.exec(text)![1]);
}

test(
  'SIGTERM: what is accepted is answered, what is new is refused',
  { timeout: START_MS },
  async () => {
    const serving = await startServe([
      '--models',
      models,
      '--keep-models',
      '1',
      '--timeout',
      '100',
    ]);
    const slow = explain(serving, 'method=rise&runs=400');
    await until(async () => (await waiting(serving)) === 1);
    serving.child.kill('SIGTERM');
    await until(async () => (await fetch(`${serving.url}/readyz`)).status === 503);
    const late = await explain(serving);
    expect(late.status).toBe(503);
    expect(((await late.json()) as Refusal).error.code).toBe('draining');
    expect((await slow).status).toBe(200);
    expect((await serving.done).code).toBe(0);
  },
);

test('a client that leaves, and a request that takes too long', { timeout: START_MS }, async () => {
  const serving = await startServe(['--models', models, '--timeout', '3', '--batch', '1']);
  await explain(serving);
  // RISE with the most passes takes minutes.
  const controller = new AbortController();
  const left = fetch(`${serving.url}/v1/explain?model=demo-resnet&method=rise&runs=16000`, {
    method: 'POST',
    headers: { 'content-type': 'image/png' },
    body: picture,
    signal: controller.signal,
  });
  await until(async () => (await waiting(serving)) === 1);
  controller.abort();
  await expect(left).rejects.toThrow();
  // Its work ends at once, and the engine takes the next request.
  await until(async () => (await waiting(serving)) === 0);
  expect((await explain(serving)).status).toBe(200);
  const long = await explain(serving, 'method=rise&runs=16000');
  expect(long.status).toBe(503);
  expect(long.headers.get('retry-after')).toBe('1');
  expect(((await long.json()) as Refusal).error.code).toBe('timeout');
  await until(async () => (await waiting(serving)) === 0);
  expect((await explain(serving)).status).toBe(200);
  await serving.stop();
});

test('a full queue', { timeout: START_MS }, async () => {
  const serving = await startServe([
    '--models',
    models,
    '--queue-size',
    '2',
    '--batch-window',
    '0',
  ]);
  await explain(serving);
  const answers = await Promise.all(Array.from({ length: 12 }, () => explain(serving)));
  const statuses = answers.map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([200, 429]));
  const refused = answers.find(({ status }) => status === 429)!;
  expect(refused.headers.get('retry-after')).toBe('1');
  await serving.stop();
});

test('another address needs a token', { timeout: START_MS }, async () => {
  const { code, stderr } = await startCommand(['serve', '--models', models, '--host', '0.0.0.0'])
    .done;
  expect(code).toBe(64);
  expect(stderr).toMatch(/needs a token: give --token-file/);

  const short = path.join(makeTemporaryFolder(), 'short.txt');
  writeFileSync(short, 'guess me');
  const refused = await startCommand(['serve', '--models', models, '--token-file', short]).done;
  expect([refused.code, refused.stderr]).toEqual([64, expect.stringMatching(/at least 16/)]);

  const file = path.join(makeTemporaryFolder(), 'token.txt');
  writeFileSync(file, `${token}\n`);
  const flags = ['--models', models, '--host', '0.0.0.0', '--token-file', file];
  const serving = await startServe(flags);
  const url = serving.url.replace('0.0.0.0', '127.0.0.1');
  const ask = (address: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${url}${address}`, { headers });
  expect((await ask('/healthz')).status).toBe(200);
  for (const address of ['/v1/models', '/metrics', '/openapi.json', '/nothing']) {
    const { status, headers } = await ask(address);
    expect([address, status, headers.get('www-authenticate')]).toEqual([address, 401, 'Bearer']);
  }
  for (const guess of [
    '',
    'x',
    token.slice(1),
    `${token}0`,
    token.toUpperCase(),
    `${token} ${token}`,
  ]) {
    const { status } = await ask('/v1/models', { authorization: `Bearer ${guess}` });
    expect([guess, status]).toEqual([guess, 401]);
  }
  expect((await ask('/v1/models', { authorization: `Bearer ${token}` })).status).toBe(200);
  await serving.stop();

  // The same from the environment, on this machine alone.
  const local = await startServe(['--models', models], { GRADCAM_TOKEN: token });
  expect((await fetch(`${local.url}/v1/models`)).status).toBe(401);
  expect((await explain(local, '', { authorization: `Bearer ${token}` })).status).toBe(200);
  await local.stop();
});

test('a port that is taken', { timeout: START_MS }, async () => {
  const serving = await startServe(['--models', models]);
  const { port } = new URL(serving.url);
  const second = await startCommand(['serve', '--models', models, '--port', port]).done;
  expect([second.code, second.stderr]).toEqual([64, expect.stringMatching(/is taken/)]);
  // Bytes that are no request.
  const status = await new Promise<string>((resolve) => {
    const socket = connect(Number(port), '127.0.0.1', () => socket.write('hello\r\n\r\n'));
    socket.on('data', (bytes) => resolve(bytes.toString()));
  });
  expect(status).toMatch(/^HTTP\/1\.1 400 .*\{"error":\{"code":"bad-request"/s);
  await serving.stop();
});
