import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { downloadFile } from '../../src/node/download.ts';
import { createRandom } from '../hostile/mutate.ts';
import { startServer } from '../support/file-server.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';

/** A process takes seconds to start; `GRADCAM_KILLS` sets how many are killed. */
const KILLS = Number(process.env['GRADCAM_KILLS'] ?? 3);
const child = fileURLToPath(new URL('../support/download-once.ts', import.meta.url));

const SIZE = 2_000_000;
/** Bytes at once, and the time between: the whole takes some 60 ms. */
const DRIP_BYTES = 100_000;
const DRIP_MS = 3;
/** Of each version every byte is the same. */
const versions = [1, 2].map((byte) => Buffer.alloc(SIZE, byte));

test(
  `killed ${KILLS} times while the file changes at each request, what is accepted is one version`,
  async () => {
    // The worst server: another version each time, and If-Range is ignored.
    const { url, ranges } = await startServer((request, response, count) => {
      const body = versions[count % 2]!;
      const start = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const range = { 'content-range': `bytes ${start}-${SIZE - 1}/${SIZE}` };
      const etag = { etag: `"v${count % 2}"`, 'content-length': SIZE - start };
      response.writeHead(start > 0 ? 206 : 200, { ...etag, ...(start > 0 ? range : {}) });
      void drip(body.subarray(start), response);
    });
    const cacheDirectory = await createTemporaryFolder();
    const random = createRandom(5);
    for (let kill = 0; kill < KILLS; kill++) {
      await runAndKill(url, cacheDirectory, random() % 80);
      const names = await readdir(cacheDirectory);
      if (names.includes('weights.npy')) expectOneVersion(await readCached(cacheDirectory));
    }
    await downloadFile({ urls: [url], fileName: 'weights.npy', cacheDirectory, backoffMs: 1 });
    expectOneVersion(await readCached(cacheDirectory));
    expect((await readdir(cacheDirectory)).sort()).toEqual(['weights.npy', 'weights.npy.json']);
    expect(ranges.length).toBeGreaterThan(0);
  },
  60_000 + KILLS * 20_000,
);

async function drip(bytes: Buffer, response: NodeJS.WritableStream & { destroyed?: boolean }) {
  for (let done = 0; done < bytes.length; done += DRIP_BYTES) {
    if (response.destroyed === true) return;
    response.write(bytes.subarray(done, done + DRIP_BYTES));
    await sleep(DRIP_MS);
  }
  response.end();
}

function readCached(cacheDirectory: string): Promise<Buffer> {
  return readFile(join(cacheDirectory, 'weights.npy'));
}

function expectOneVersion(found: Buffer): void {
  expect(found.length).toBe(SIZE);
  expect(versions.some((version) => version.equals(found))).toBe(true);
}

/** Starts a download and ends it by SIGKILL some time after its first bytes; it may be done by then. */
async function runAndKill(url: string, cacheDirectory: string, delayMs: number): Promise<void> {
  const loader = ['--import', '@swc-node/register/esm-register'];
  const running = spawn(process.execPath, [...loader, child, url, cacheDirectory]);
  const ended = new Promise<void>((resolve) => running.once('close', () => resolve()));
  await Promise.race([new Promise((resolve) => running.stdout.once('data', resolve)), ended]);
  await sleep(delayMs);
  running.kill('SIGKILL');
  await ended;
}
