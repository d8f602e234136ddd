import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { openModelUrl } from '../../src/model/model-url.ts';

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.json`;
}

test('an answer that does not end is read no further than is of use', async () => {
  const url = await serve((_, response) => {
    const part = Buffer.alloc(1024);
    const send = (): void => {
      while (response.writable && response.write(part));
    };
    response.on('drain', send);
    send();
  });
  await expect(openModelUrl(url).readFile('model.json', 10_000)).rejects.toMatchObject({
    kind: 'model',
    message: expect.stringMatching(
      /file model.json has \d+ bytes, where at most 10000 are expected/,
    ),
  });
});

test('one that announces too much is not read at all', async () => {
  const url = await serve((_, response) => {
    response.writeHead(200, { 'content-length': 2 ** 40 });
    response.flushHeaders();
  });
  await expect(openModelUrl(url).readFile('model.json', 10_000)).rejects.toMatchObject({
    kind: 'model',
    message: expect.stringContaining('has 1099511627776 bytes'),
  });
});

test('one that breaks off is an error of ours', async () => {
  const url = await serve((_, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('half', () => response.destroy());
  });
  await expect(openModelUrl(url).readFile('model.json')).rejects.toMatchObject({
    kind: 'model',
    message: expect.stringContaining('file model.json broke off after 4 bytes'),
  });
});
