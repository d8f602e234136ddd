import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openModelFolder } from '../../src/node/model-folder.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gradcam-model-'));
  await mkdir(path.join(folder, 'model'));
  await writeFile(path.join(folder, 'model', 'model.json'), '{}');
  await writeFile(path.join(folder, 'secret'), 'x');
});
afterAll(() => rm(folder, { recursive: true }));

test('reads by the folder’s path and by that of its model.json', async () => {
  for (const name of ['model', 'model/', 'model/model.json']) {
    const files = openModelFolder(path.join(folder, name));
    expect(new TextDecoder().decode(await files.readFile('model.json'))).toBe('{}');
  }
});

test.each(['../secret', 'a/../../secret', path.resolve('/etc/hostname')])(
  'a path that leaves the folder is refused: %s',
  async (name) => {
    await expect(openModelFolder(path.join(folder, 'model')).readFile(name)).rejects.toMatchObject({
      kind: 'model',
      message: expect.stringContaining('outside'),
    });
  },
);

test('says whether the folder or the file is missing', async () => {
  await expect(openModelFolder(path.join(folder, 'model')).readFile('a.bin')).rejects.toThrow(
    /has no file a\.bin/,
  );
  await expect(openModelFolder(path.join(folder, 'none')).readFile('model.json')).rejects.toThrow(
    /none is not a folder/,
  );
});

test('parts of a file are read; one that leaves the folder, is missing or was cut is refused', async () => {
  const files = openModelFolder(path.join(folder, 'model'));
  const place = path.join(folder, 'model', 'shard.bin');
  await writeFile(place, Uint8Array.of(1, 2, 3, 4, 5));
  const [shard] = await files.openParts!(['shard.bin']);
  expect(shard!.byteLength).toBe(5);
  expect([...shard!.read(1, 3)]).toEqual([2, 3, 4]);
  await writeFile(place, Uint8Array.of(1, 2));
  expect(() => shard!.read(1, 3)).toThrow(/shard\.bin became shorter while it was read/);
  await rm(place);
  expect(() => shard!.read(1, 3)).toThrow(/shard\.bin cannot be read: ENOENT/);
  await expect(files.openParts!(['shard.bin'])).rejects.toThrow(/has no file shard\.bin/);
  await expect(files.openParts!(['../secret'])).rejects.toMatchObject({
    kind: 'model',
    message: expect.stringContaining('outside'),
  });
});
