import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import {
  mkdir,
  open,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
  type FileHandle,
} from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi, type MockInstance } from 'vitest';
import { discardDownload, downloadFile, type DownloadOptions } from '../../src/node/download.ts';
import { beginPart } from '../../src/node/part-file.ts';
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
    const record = { url: servers[0]!.url, validator: '"v1"', total: bytes.length };
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
    const record = { url: options.urls[0], validator: '"v1"', total: bytes.length };
    await writeFile(`${part}.json`, JSON.stringify(record));
    await downloadFile(options);
    await expectWhole(options.cacheDirectory);
  });

  test('of a part longer than the file (416), begins again', async () => {
    const { options } = await prepare(serve);
    const part = join(options.cacheDirectory, 'weights.npy.part');
    await writeFile(part, new Uint8Array(400_000));
    const record = { url: options.urls[0], validator: '"v1"', total: 500_000 };
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

/** The second version of the file: as long, with other bytes. */
const other = bytes.map((byte) => byte ^ 0x80);

describe('bytes of two versions are never joined', () => {
  /** Answers a range from `rest` whatever If-Range says, as servers do that ignore it. */
  const ignoring = (rest: Uint8Array, headers: Record<string, string>): Answer => {
    return (request, response) => {
      const start = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? -1);
      const range = { 'content-range': `bytes ${start}-${rest.length - 1}/${rest.length}` };
      response.writeHead(start < 0 ? 200 : 206, { ...headers, ...(start < 0 ? {} : range) });
      response.end(rest.subarray(Math.max(0, start)));
    };
  };

  test.each<[string, Record<string, string>, Answer]>([
    ['another ETag', { etag: '"v1"' }, ignoring(other, { etag: '"v2"' })],
    ['no ETag', { etag: '"v1"' }, ignoring(other, {})],
    ['a weak one', { etag: 'W/"v1"' }, ignoring(other, { etag: 'W/"v1"' })],
    [
      'another Last-Modified',
      { 'last-modified': 'Mon, 02 Nov 2026 10:00:00 GMT' },
      ignoring(other, { 'last-modified': 'Tue, 03 Nov 2026 10:00:00 GMT' }),
    ],
    // Within one second a file may change twice.
    [
      'the same Last-Modified',
      { 'last-modified': 'Mon, 02 Nov 2026 10:00:00 GMT' },
      ignoring(other, { 'last-modified': 'Mon, 02 Nov 2026 10:00:00 GMT' }),
    ],
    ['another length', { etag: '"v1"' }, ignoring(Buffer.concat([other, other]), { etag: '"v1"' })],
    [
      'the start of another place',
      { etag: '"v1"' },
      (request, response) => {
        if (request.headers.range === undefined) response.writeHead(200).end(other);
        else {
          const range = `bytes 5-${other.length - 1}/${other.length}`;
          response.writeHead(206, { etag: '"v1"', 'content-range': range }).end(other.subarray(5));
        }
      },
    ],
  ])('a rest with %s begins again at 0', async (_, headers, second) => {
    const { options, ranges } = await prepare((request, response, count) => {
      if (count > 0) return second(request, response, count);
      response.writeHead(200, { ...headers, 'content-length': bytes.length });
      response.write(bytes.subarray(0, 150_000), () => setTimeout(() => request.destroy(), 20));
    });
    await downloadFile(options);
    const found = await readFile(join(options.cacheDirectory, 'weights.npy'));
    expect(found.length % other.length).toBe(0);
    expect(found.subarray(0, other.length).equals(other)).toBe(true);
    // The last request asked for the whole.
    expect(ranges.at(-1)).toBeUndefined();
    expect((await readdir(options.cacheDirectory)).sort()).toEqual([
      'weights.npy',
      'weights.npy.json',
    ]);
  });

  test('old bytes never lie under a new record, wherever the disk fails', async () => {
    const { options, servers } = await prepare((request, response) =>
      serveBytes(bytes, request, response, { etag: '"v2"' }),
    );
    const part = join(options.cacheDirectory, 'weights.npy.part');
    await writeFile(part, other.subarray(0, 200_000));
    const record = { url: servers[0]!.url, validator: '"v1"', total: bytes.length };
    await writeFile(`${part}.json`, JSON.stringify(record));
    // The name of the new record is taken by a folder: the work ends where it would be written.
    await mkdir(`${part}.json.new`);
    await expect(downloadFile(options)).rejects.toMatchObject({ tag: 'WriteError' });
    expect((await stat(part)).size).toBe(0);
    expect(await readdir(options.cacheDirectory)).not.toContain('weights.npy.part.json');
    await rm(`${part}.json.new`, { recursive: true });
    await downloadFile(options);
    await expectWhole(options.cacheDirectory);
  });
});

describe('the cache', () => {
  test('knows a file by its whole address', async () => {
    const { options, servers } = await prepare(serve, (request, response) =>
      serveBytes(other, request, response),
    );
    const [first, second] = servers.map(({ url }) => url);
    await downloadFile({ ...options, urls: [first!] });
    const found = await downloadFile({ ...options, urls: [second!] });
    expect(found.url).toBe(second);
    expect((await readFile(found.path)).equals(other)).toBe(true);
    const asked = { ...options, urls: [`${second}?version=2`] };
    await expect(downloadFile({ ...asked, offline: true })).rejects.toThrow('not in the cache');
  });

  test('forgets what is discarded, and accepts what the server has then', async () => {
    const { options } = await prepare((request, response, count) =>
      serveBytes(count === 0 ? other : bytes, request, response),
    );
    const { path } = await downloadFile(options);
    await discardDownload(path);
    expect(await readdir(options.cacheDirectory)).toEqual([]);
    await downloadFile(options);
    await expectWhole(options.cacheDirectory);
  });

  test('fetches a file again whose pin was not written any more', async () => {
    const { options, ranges } = await prepare(serve);
    await downloadFile(options);
    await rm(join(options.cacheDirectory, 'weights.npy.json'));
    await downloadFile(options);
    await expectWhole(options.cacheDirectory);
    expect(ranges).toHaveLength(2);
  });
});

describe('a write', () => {
  test('that takes fewer bytes than it is given is continued', async () => {
    const folder = await createTemporaryFolder();
    const path = join(folder, 'x.part');
    const part = await beginPart(path, undefined);
    // As write(2) may do on a disk that is nearly full: half of it, and no error.
    const prototype = await fileHandlePrototype();
    const whole = prototype.write as (...args: unknown[]) => ReturnType<FileHandle['write']>;
    const write = vi.spyOn(prototype, 'write') as unknown as MockInstance<typeof whole>;
    write.mockImplementation(function (this: FileHandle, bytes, offset, length, position) {
      return whole.call(this, bytes, offset, Math.ceil(Number(length) / 2), position);
    });
    await part.append(bytes).finally(() => write.mockRestore());
    expect(await part.finish()).toBe(bytes.length);
    await part.close();
    expect((await readFile(path)).equals(bytes)).toBe(true);
  });

  test.skipIf(process.getuid?.() !== 0)(
    'on a full disk is exit code 74, and goes on when there is room',
    async (context) => {
      const disk = await createTemporaryFolder();
      // The lock and the record take a page each; the last page of the file has no room.
      const pages = Math.ceil(bytes.length / 4096) + 1;
      const mount = spawnSync('mount', [
        '-t',
        'tmpfs',
        '-o',
        `size=${pages * 4096}`,
        'tmpfs',
        disk,
      ]);
      if (mount.status !== 0) return context.skip('no file system can be mounted here');
      onTestFinished(() => void spawnSync('umount', ['-l', disk]));
      const { options } = await prepare(serve);
      const full = { ...options, cacheDirectory: disk };
      await expect(downloadFile(full)).rejects.toMatchObject({ tag: 'WriteError' });
      expect(await readdir(disk)).not.toContain('weights.npy');
      spawnSync('mount', ['-o', 'remount,size=8m', disk]);
      await downloadFile(full);
      await expectWhole(disk);
    },
  );
});

test('a cache that somebody removes meanwhile cannot be written, and no other server is asked', async () => {
  const { options, servers } = await prepare(serve, serve);
  const removed = downloadFile({
    ...options,
    onProgress: () => rmSync(options.cacheDirectory, { recursive: true, force: true }),
  });
  await expect(removed).rejects.toMatchObject({ tag: 'WriteError' });
  expect(servers[1]!.ranges).toEqual([]);
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
    [
      'a part that nobody asked for',
      (_, response) =>
        response.writeHead(206, { 'content-range': 'bytes 0-9/10' }).end(bytes.subarray(0, 10)),
    ],
    ['a range that cannot be, of the whole', (_, response) => response.writeHead(416).end()],
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
    const reversed = bytes.slice().reverse();
    const { options } = await prepare((request, response, count) =>
      serveBytes(count === 0 ? bytes : reversed, request, response),
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

/** Node has no other way to a file's handle than opening one. */
async function fileHandlePrototype(): Promise<FileHandle> {
  const handle = await open(process.execPath, 'r');
  await handle.close();
  return Object.getPrototypeOf(handle) as FileHandle;
}
