import { readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { listSourceFiles, openSource } from '../../src/node/open-source.ts';
import { buildTar, buildTarGz, type Member } from '../support/build-archive.ts';
import { fixturePath, readFixture, readFixtureJson } from '../support/fixtures.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';

const checkpoint = readFixture('slim/resnet_v1.ckpt');
const bundle = ['resnet_v1.bundle.index', 'resnet_v1.bundle.data-00000-of-00001'].map(
  (name): Member => [name, readFixture(`slim/${name}`)],
);

const expected = readFixtureJson<{ tensors: object }>('slim/resnet_v1.ckpt.json');

/** Unpacks and opens an archive with the given bytes. */
async function open(name: string, bytes: Uint8Array) {
  const folder = await createTemporaryFolder();
  const scratch = await createTemporaryFolder();
  await writeFile(join(folder, name), bytes);
  const opened = await openSource(join(folder, name), scratch);
  const { format, tensors } = opened.file;
  await opened.close();
  return { format, tensors: tensors.length, unpacked: await readdir(scratch) };
}

describe('archives', () => {
  test('.tar.gz of one checkpoint, as TF-slim publishes', async () => {
    const bytes = await buildTarGz([['resnet_v1.ckpt', checkpoint]]);
    expect(await open('x.tar.gz', bytes)).toEqual({
      format: 'tf-checkpoint-v1',
      tensors: Object.keys(expected.tensors).length,
      unpacked: ['resnet_v1.ckpt'],
    });
  });

  test('.tgz of a bundle among graphs and notes, in folders', async () => {
    const bytes = await buildTarGz([
      ['./', '', { type: 'directory' }],
      ['./model/frozen.pb', 'graph'],
      ['./model/info.txt', 'notes'],
      ['./model/._resnet_v1.bundle.index', 'macOS'],
      ...bundle.map(([name, content]): Member => [`./model/${name}`, content]),
    ]);
    const found = await open('x.tgz', bytes);
    expect(found).toMatchObject({ format: 'tf-checkpoint-v2' });
    expect(found.unpacked.sort()).toEqual(bundle.map(([name]) => name).sort());
  });

  test('.gz of one file and plain .tar', async () => {
    expect(await open('resnet_v1.ckpt.gz', gzipSync(checkpoint))).toMatchObject({
      unpacked: ['resnet_v1.ckpt'],
    });
    const tar = await buildTar([['resnet_v1.ckpt', checkpoint]]);
    expect(await open('x.tar', tar)).toMatchObject({ format: 'tf-checkpoint-v1' });
  });

  test.each(['../evil.ckpt', '/etc/evil.ckpt', 'a/../../evil.ckpt', '..\\evil.ckpt'])(
    'a member called %s stays in the folder',
    async (name) => {
      const bytes = await buildTarGz([[name, checkpoint]]);
      expect(await open('x.tar.gz', bytes)).toMatchObject({ unpacked: ['evil.ckpt'] });
    },
  );

  test('links are not followed, nor made', async () => {
    const bytes = await buildTarGz([
      ['passwd', '', { type: 'symlink', linkname: '/etc/passwd' }],
      ['resnet_v1.ckpt', checkpoint],
    ]);
    expect(await open('x.tar.gz', bytes)).toMatchObject({ unpacked: ['resnet_v1.ckpt'] });
  });

  test('two members of one name are refused', async () => {
    const bytes = await buildTarGz([
      ['a/x.ckpt', checkpoint],
      ['b/x.ckpt', checkpoint],
    ]);
    await expect(open('x.tar.gz', bytes)).rejects.toThrow('two members have the name "x.ckpt"');
  });

  test('a name that no disk takes is an error of writing, not damage', async () => {
    const bytes = await buildTarGz([[`${'x'.repeat(300)}.ckpt`, checkpoint]]);
    await expect(open('x.tar.gz', bytes)).rejects.toMatchObject({ tag: 'WriteError' });
  });

  test('without weights, tells what is in it', async () => {
    const bytes = await buildTarGz([['data.bin', 'nothing']]);
    await expect(open('x.tar.gz', bytes)).rejects.toThrow('holds no weights; it contains data.bin');
  });

  test.each([
    ['cut short', (bytes: Uint8Array) => bytes.slice(0, bytes.length / 2)],
    ['changed in the middle', (bytes: Uint8Array) => bytes.fill(0xaa, 1000, 1200)],
  ])('%s, is called damaged', async (_, damage) => {
    const bytes = damage(Uint8Array.from(await buildTarGz([['x.ckpt', checkpoint]])));
    await expect(open('x.tar.gz', bytes)).rejects.toMatchObject({
      tag: 'FormatError',
      format: 'archive',
    });
  });

  test.each(['x.ckpt', 'notes.txt'])('a member %s without a size is refused', async (name) => {
    const bytes = Uint8Array.from(await buildTar([[name, 'weights']]));
    // The first byte of a size that is no text is 0x80 or 0xff (GNU tar, "base-256"); this is neither.
    bytes[124] = 0xed;
    const sum = bytes.subarray(0, 512).reduce((total, byte, place) => {
      return total + (place >= 148 && place < 156 ? 0x20 : byte);
    }, 0);
    bytes.set(Buffer.from(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
    await expect(open('x.tar', bytes)).rejects.toMatchObject({ tag: 'FormatError' });
  });

  test('a gzip bomb is refused while it is small', async () => {
    const bomb = gzipSync(new Uint8Array(64 * 1024 * 1024));
    await expect(open('bomb.gz', bomb)).rejects.toMatchObject({ tag: 'LimitError' });
  });
});

describe('the files of a source', () => {
  const names = async (name: string) =>
    (await listSourceFiles(fixturePath(`slim/${name}`))).map((path) => basename(path));

  test('are itself, or all parts of a checkpoint', async () => {
    expect(await names('vgg16.npy')).toEqual(['vgg16.npy']);
    const shards = [0, 1, 2].map((shard) => `resnet_v1.sharded.ckpt-0000${shard}-of-00003`);
    expect(await names('resnet_v1.sharded.ckpt-?????-of-00003')).toEqual(shards);
    expect(await names('resnet_v1.sharded.ckpt-00001-of-00003')).toEqual(shards);
    const parts = ['resnet_v1.bundle.data-00000-of-00001', 'resnet_v1.bundle.index'];
    expect(await names('resnet_v1.bundle')).toEqual(parts);
    expect(await names('resnet_v1.bundle.index')).toEqual(parts);
  });

  test('when there are none, the nearest names are told', async () => {
    await expect(names('resnet_v1.cpkt')).rejects.toThrow('nearest there: resnet_v1.ckpt');
    await expect(names('')).rejects.toThrow('is a folder');
  });
});
