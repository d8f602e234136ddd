import { createHash } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { downloadFile, type DownloadOptions } from '../../src/node/download.ts';
import { serveBytes, startServer, type Answer } from '../support/file-server.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';

const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => (index * index) & 0xff);
const sha256 = createHash('sha256').update(bytes).digest('hex');
const sha1 = createHash('sha1').update(bytes).digest('hex');

async function prepare(answer: Answer, ...others: Answer[]) {
  const cacheDirectory = await createTemporaryFolder();
  const servers = [];
  for (const each of [answer, ...others]) servers.push(await startServer(each));
  const options: DownloadOptions = {
    urls: servers.map(({ url }) => url),
    fileName: 'weights.npy',
    cacheDirectory,
    attempts: 3,
    backoffMs: 1,
    stallMs: 300,
  };
  return { options, servers, ranges: servers[0]!.ranges };
}

async function expectWhole(cacheDirectory: string): Promise<void> {
  const found = await readFile(join(cacheDirectory, 'weights.npy'));
  expect(found.equals(bytes)).toBe(true);
  expect((await readdir(cacheDirectory)).sort()).toEqual(['weights.npy', 'weights.npy.json']);
}

const serve: Answer = (request, response) => serveBytes(bytes, request, response);

describe('a download', () => {
  test('comes into the cache and is pinned; the second time nobody is asked', async () => {
    const { options, ranges } = await prepare(serve);
    const progress: number[] = [];
    const file = await downloadFile({
      ...options,
      sha1,
      onProgress: ({ doneBytes, totalBytes }) => {
        expect(totalBytes).toBe(bytes.length);
        progress.push(doneBytes);
      },
    });
    expect(file).toMatchObject({ sha256, byteLength: bytes.length, url: options.urls[0] });
    expect(progress.at(-1)).toBe(bytes.length);
    await expectWhole(options.cacheDirectory);
    expect(await downloadFile({ ...options, offline: true })).toEqual(file);
    expect(ranges).toEqual([undefined]);
  });

  test('cut, is continued where it ended', async () => {
    const { options, ranges } = await prepare((request, response, count) =>
      serveBytes(bytes, request, response, count === 0 ? { cutAfter: 100_000 } : {}),
    );
    await downloadFile(options);
    await expectWhole(options.cacheDirectory);
    expect(ranges).toHaveLength(2);
    expect(ranges[1]).toMatch(/^bytes=\d+-$/);
  });

  test('begun by an earlier run, is continued', async () => {
    const { options, servers, ranges } = await prepare(serve);
    const part = join(options.cacheDirectory, 'weights.npy.part');
    await writeFile(part, bytes.subarray(0, 200_000));
    const record = { url: servers[0]!.url, validator: '"v1"' };
    await writeFile(`${part}.json`, JSON.stringify(record));
    await downloadFile(options);
    await expectWhole(options.cacheDirectory);
    expect(ranges).toEqual(['bytes=200000-']);
  });

  test('of a file that changed meanwhile, begins again', async () => {
    const { options } = await prepare((request, response) =>
      serveBytes(bytes, request, response, { etag: '"v2"' }),
    );
    const part = join(options.cacheDirectory, 'weights.npy.part');
    await writeFile(part, new Uint8Array(200_000));
    const record = { url: options.urls[0], validator: '"v1"' };
    await writeFile(`${part}.json`, JSON.stringify(record));
    await downloadFile(options);
    await expectWhole(options.cacheDirectory);
  });

  test('of a part longer than the file (416), begins again', async () => {
    const { options } = await prepare(serve);
    const part = join(options.cacheDirectory, 'weights.npy.part');
    await writeFile(part, new Uint8Array(400_000));
    const record = { url: options.urls[0], validator: '"v1"' };
    await writeFile(`${part}.json`, JSON.stringify(record));
    await downloadFile(options);
    await expectWhole(options.cacheDirectory);
  });

  test('that stalls is begun again', async () => {
    const { options } = await prepare((request, response, count) =>
      serveBytes(bytes, request, response, count === 0 ? { stallAfter: 1000 } : {}),
    );
    await downloadFile(options);
    await expectWhole(options.cacheDirectory);
  });

  test('from a server in trouble (500, 429) is tried again', async () => {
    const { options, ranges } = await prepare((request, response, count) => {
      if (count === 0) response.writeHead(500).end();
      else if (count === 1) response.writeHead(429, { 'retry-after': '0' }).end();
      else serve(request, response, count);
    });
    await downloadFile(options);
    expect(ranges).toHaveLength(3);
  });

  test('damaged in the cache is fetched again', async () => {
    const { options, ranges } = await prepare(serve);
    await downloadFile(options);
    const damaged = bytes.slice();
    damaged[5]! ^= 1;
    await writeFile(join(options.cacheDirectory, 'weights.npy'), damaged);
    await downloadFile(options);
    await expectWhole(options.cacheDirectory);
    expect(ranges).toHaveLength(2);
  });
});

describe('the next address is tried', () => {
  test.each<[string, Answer]>([
    ['not found', (_, response) => response.writeHead(404).end()],
    [
      'other bytes',
      (request, response) => serveBytes(new Uint8Array(bytes.length), request, response),
    ],
    ['another length', (request, response) => serveBytes(bytes.slice(1), request, response)],
    [
      'more bytes than announced',
      (_, response) => response.writeHead(200).end(Buffer.concat([bytes, bytes])),
    ],
    ['endless trouble', (_, response) => response.writeHead(503).end()],
    ['no answer', (request) => request.socket.destroy()],
  ])('after %s', async (_, answer) => {
    const { options, servers } = await prepare(answer, serve);
    const file = await downloadFile({ ...options, sha256, byteLength: bytes.length });
    expect(file.url).toBe(servers[1]!.url);
    await expectWhole(options.cacheDirectory);
  });
});

describe('a download fails', () => {
  test('in one line that says why, for each address', async () => {
    const { options } = await prepare(
      (_, response) => response.writeHead(404).end(),
      (_, response) => response.writeHead(500).end(),
    );
    const error = await downloadFile(options).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ tag: 'DownloadError', status: 500 });
    const { message } = error as Error;
    expect(message).toContain(`${options.urls[0]}: HTTP 404; ${options.urls[1]}: HTTP 500`);
    expect(message).not.toContain('\n');
    expect(await readdir(options.cacheDirectory)).toEqual([]);
  });

  test('when the bytes are not those of the first time', async () => {
    const other = bytes.slice().reverse();
    const { options } = await prepare((request, response, count) =>
      serveBytes(count === 0 ? bytes : other, request, response),
    );
    const { path } = await downloadFile(options);
    await writeFile(path, 'damaged');
    await expect(downloadFile(options)).rejects.toThrow(`expected ${sha256}`);
  });

  test('offline, when the cache has nothing', async () => {
    const { options, ranges } = await prepare(serve);
    await expect(downloadFile({ ...options, offline: true })).rejects.toThrow('--offline');
    expect(ranges).toEqual([]);
  });

  test('when aborted, and keeps what it has', async () => {
    const { options, ranges } = await prepare((request, response) =>
      serveBytes(bytes, request, response, { stallAfter: 100_000 }),
    );
    const abort = new AbortController();
    const download = downloadFile({
      ...options,
      signal: abort.signal,
      onProgress: ({ doneBytes }) => doneBytes >= 100_000 && abort.abort(new Error('stopped')),
    });
    await expect(download).rejects.toThrow('stopped');
    expect((await stat(join(options.cacheDirectory, 'weights.npy.part'))).size).toBe(100_000);
    expect(ranges).toHaveLength(1);
  });
});
