import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { expect, test } from 'vitest';
import { models, scenes } from '../run/demo-run.ts';
import { startServe, type Serving } from './start-serve.ts';

/** The service waits 30 s for a whole request, and looks every second. */
const TEST_MS = 180_000;
const picture = readFileSync(path.join(scenes, 'cat-and-dog.png'));

/**
 * Sends bytes that are no whole request, then one more every second, and returns what comes back until the
 * connection is closed.
 */
function trickle({ url }: Serving, bytes: string, isEnded = false): Promise<string> {
  const { port } = new URL(url);
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ host: '127.0.0.1', port: Number(port), allowHalfOpen: true });
    const timer = setInterval(() => socket.write('a'), 1000);
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.on('error', () => {});
    socket.on('end', () => socket.end());
    socket.on('close', () => {
      clearInterval(timer);
      resolve(text);
    });
    if (isEnded) {
      clearInterval(timer);
      socket.end(bytes);
    } else socket.write(bytes);
  });
}

test('slow and half requests are refused, and hold up nobody', { timeout: TEST_MS }, async () => {
  const serving = await startServe(['--models', models, '--queue-size', '4']);
  const { host } = new URL(serving.url);
  const head = `POST /v1/explain HTTP/1.1\r\nHost: ${host}\r\nContent-Type: image/png\r\nContent-Length: 50000\r\n\r\n`;
  const slow = Array.from({ length: 20 }, () => trickle(serving, `${head}half`));
  const headers = trickle(serving, `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nX: `);
  // More of them wait than the queue has places, because a place is taken by a whole request only.
  for (let i = 0; i < 5; i++) {
    const { status } = await fetch(`${serving.url}/v1/explain?model=demo-resnet`, {
      method: 'POST',
      headers: { 'content-type': 'image/png' },
      body: picture,
    });
    expect(status).toBe(200);
  }
  expect(await trickle(serving, `${head}half`, true)).toMatch(
    /^(HTTP\/1\.1 400 .*"bad-request".*)?$/s,
  );
  expect(await headers).toMatch(/^HTTP\/1\.1 408 .*\{"error":\{"code":"too-slow"/s);
  for (const answer of await Promise.all(slow)) {
    expect(answer).toMatch(/^HTTP\/1\.1 408 .*\{"error":\{"code":"too-slow"/s);
  }
  expect((await serving.stop()).code).toBe(0);
});
