import { readdir, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inspectSource } from '../../src/node/inspect-source.ts';
import { buildTarGz } from '../support/build-archive.ts';
import { fixturePath, readFixture, readFixtureJson } from '../support/fixtures.ts';
import { serveBytes, startServer } from '../support/file-server.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';

interface Description {
  readonly format: string;
  readonly tensors: Readonly<Record<string, { dtype: string; shape: number[] }>>;
}

/** What the kernel and both processes hold between them; some MiB on loopback. */
const MAX_SOCKET_BYTES = 64 * 2 ** 20;

const bundle = readFixtureJson<Description>('slim/resnet_v1.bundle.json');

describe('inspectSource', () => {
  test('lists name, dtype, shape and bytes', async () => {
    const { format, tensors, skipped } = await inspectSource(fixturePath('slim/resnet_v1.bundle'));
    expect(format).toBe('tf-checkpoint-v2');
    expect(skipped).toEqual([]);
    const found = tensors.map(({ name, dtype, shape }) => [name, { dtype, shape }]);
    const expected = Object.entries(bundle.tensors).map(([name, { dtype, shape }]) => [
      name,
      { dtype, shape },
    ]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
    const kernel = tensors.find(({ name }) => name === 'resnet_v1_50/conv1/weights');
    expect(kernel).toMatchObject({ shape: [7, 7, 3, 4], bytes: 7 * 7 * 3 * 4 * 4 });
  });

  test('looks into archives and leaves nothing behind', async () => {
    const folder = await createTemporaryFolder();
    const archive = join(folder, 'x.tar.gz');
    await writeFile(archive, await buildTarGz([['vgg_16.ckpt', readFixture('slim/vgg_16.ckpt')]]));
    const before = await listScratch();
    const { format } = await inspectSource(archive, { verify: true });
    expect(format).toBe('tf-checkpoint-v1');
    expect(await listScratch()).toEqual(before);
  });

  test('verifies checksums only when asked to', async () => {
    const folder = await createTemporaryFolder();
    for (const part of ['resnet_v1.bundle.index', 'resnet_v1.bundle.data-00000-of-00001']) {
      const bytes = readFixture(`slim/${part}`);
      if (part.includes('data')) bytes[1234]! ^= 1;
      await writeFile(join(folder, part), bytes);
    }
    const source = join(folder, 'resnet_v1.bundle');
    await inspectSource(source);
    await expect(inspectSource(source, { verify: true })).rejects.toMatchObject({
      tag: 'ChecksumError',
    });
  });

  test('reads names and shapes over HTTP, by ranges', async () => {
    const bytes = readFixture('slim/vgg16.npy');
    const { url, ranges } = await startServer((request, response) => {
      if (request.url === '/weights.npy') serveBytes(bytes, request, response);
      else response.writeHead(404).end();
    });
    const { format, tensors } = await inspectSource(url);
    expect(format).toBe('npy-pickle');
    expect(tensors).toHaveLength(32);
    expect(ranges.every((range) => /^bytes=\d+-\d+$/.test(range ?? ''))).toBe(true);
  });

  /** Answers the first page of a long file by `body`; there is nothing beside it. */
  const servePage = (body: (response: ServerResponse) => void, headers = {}) =>
    startServer((request, response) => {
      if (request.url !== '/weights.npy') return void response.writeHead(404).end();
      const range = 'bytes 0-262143/100000000000';
      response.writeHead(206, { 'content-range': range, ...headers });
      body(response);
    });

  test('a body that breaks off is a failed download', async () => {
    const { url } = await servePage(
      (response) => response.write(new Uint8Array(1000), () => response.destroy()),
      { 'content-length': 262144 },
    );
    await expect(inspectSource(url)).rejects.toMatchObject({ tag: 'DownloadError' });
  });

  test('a body without end is read no further than was asked for', async () => {
    let sent = 0;
    const { url } = await servePage((response) => {
      const chunk = new Uint8Array(65536);
      const fill = (): void => {
        while (!response.destroyed && response.write(chunk)) sent += chunk.length;
      };
      response.on('drain', fill);
      fill();
    });
    await expect(inspectSource(url)).rejects.toThrow('another part of the file than was requested');
    // What the sockets of both sides hold; without a bound it would be all of the memory.
    expect(sent).toBeLessThan(MAX_SOCKET_BYTES);
  });

  test('a length that is announced too long is not waited for', async () => {
    const { url } = await servePage((response) => response.write('x'), {
      'content-length': 100_000_000_000,
    });
    await expect(inspectSource(url)).rejects.toThrow('another part of the file than was requested');
  });

  test.each<[string, (response: ServerResponse) => void]>([
    ['after the head', (response) => response.flushHeaders()],
    ['after some bytes', (response) => response.write('x')],
  ])('a server that sends nothing more %s is given up', async (_, body) => {
    const { url } = await servePage(body);
    await expect(inspectSource(url, { stallMs: 200 })).rejects.toMatchObject({
      tag: 'DownloadError',
      message: expect.stringContaining('no data for 0.2 s'),
    });
  });

  test('a server that does not answer at all is given up', async () => {
    const { url } = await startServer(() => undefined);
    await expect(inspectSource(url, { stallMs: 200 })).rejects.toMatchObject({
      tag: 'DownloadError',
    });
  });

  test('says so when a server cannot send parts of a file, or has no such file', async () => {
    const { url } = await startServer((request, response) => {
      if (request.url === '/weights.npy') response.writeHead(200).end('all of it');
      else response.writeHead(404).end();
    });
    await expect(inspectSource(url)).rejects.toThrow('cannot send parts of a file');
    await expect(inspectSource(url.replace('weights', 'other'))).rejects.toMatchObject({
      tag: 'NotFoundError',
    });
  });

  test.each(['resnet_v1.bundle.index', 'resnet_v1.bundle.data-00000-of-00001'])(
    '%s stands for the whole bundle',
    async (name) => {
      const { format, tensors } = await inspectSource(fixturePath(`slim/${name}`));
      expect(format).toBe('tf-checkpoint-v2');
      expect(tensors).toHaveLength(Object.keys(bundle.tensors).length);
    },
  );

  test.each([
    ['model.ckpt.data-00000-of-00001', 'put model.ckpt.index in the same folder'],
    ['model.ckpt.meta', 'a graph without weights'],
    [
      'image.png',
      'expected .npy, .npz, a TensorFlow checkpoint, .h5, .keras, .pth or .safetensors',
    ],
  ])('%s alone is explained', async (name, message) => {
    const folder = await createTemporaryFolder();
    await writeFile(join(folder, name), readFixture('slim/image.png'));
    await expect(inspectSource(join(folder, name))).rejects.toThrow(message);
  });
});

async function listScratch(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('gradcam-inspect-'));
}
