import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { serveBytes, startServer } from '../support/file-server.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';

/**
 * Loads the function with a file system in which somebody else acts as soon as a download has its name and its
 * pin. The modules are loaded anew, because the files of tests share them.
 */
async function loadWith(meanwhile: { act: () => Promise<void> }) {
  vi.resetModules();
  vi.doMock('node:fs/promises', async (load) => {
    const fs = await load<typeof import('node:fs/promises')>();
    const rename = async (from: string, to: string) => {
      await fs.rename(from, to);
      if (to.endsWith('.npy.json')) await meanwhile.act();
    };
    return { ...fs, rename };
  });
  onTestFinished(() => {
    vi.doUnmock('node:fs/promises');
    vi.resetModules();
  });
  return import('../../src/node/fetch-and-convert.ts');
}

test('a download that is removed before it is converted is not called no weights', async () => {
  const meanwhile = { act: async () => {} };
  const { fetchAndConvert } = await loadWith(meanwhile);
  const bytes = await readFile(new URL('../../../../demo/weights/demo-vgg.npy', import.meta.url));
  const { url } = await startServer((request, response) => serveBytes(bytes, request, response));
  const folder = await createTemporaryFolder();
  const cacheDirectory = join(folder, 'cache');
  const options = {
    ...{ model: 'demo-vgg', source: url, cacheDirectory },
    outDirectory: join(folder, 'models'),
  };
  meanwhile.act = () => rm(cacheDirectory, { recursive: true });
  await expect(fetchAndConvert(options)).rejects.toMatchObject({
    tag: 'WriteError',
    message: expect.stringContaining('the downloaded file was removed before it was converted'),
  });
  meanwhile.act = async () => {};
  expect((await fetchAndConvert(options)).report?.classes).toBe(10);
});
