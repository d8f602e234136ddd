import { mkdir, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ModelJson } from '../../src/artifact/model-json.ts';
import { convertModel, type ConvertModelOptions } from '../../src/node/convert-model.ts';
import { fixturePath, readFixtureJson } from '../support/fixtures.ts';
import { createSmallArchitecture, type OracleExpectation } from '../support/small-architectures.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';

const { architecture: oracle } = readFixtureJson<OracleExpectation>('slim/vgg16.expected.json');
const architecture = createSmallArchitecture(oracle);
const source = fixturePath('slim/vgg16.npy');

async function prepare(): Promise<ConvertModelOptions & { folder: string }> {
  const folder = await createTemporaryFolder();
  return { folder, source, architecture, out: join(folder, 'small') };
}

async function readModel(out: string): Promise<ModelJson> {
  return JSON.parse(await readFile(join(out, 'model.json'), 'utf8')) as ModelJson;
}

describe('convertModel', () => {
  test('leaves a model folder and nothing else', async () => {
    const options = await prepare();
    const stages = new Set<string>();
    const { report, directory, sourceSha256 } = await convertModel({
      ...options,
      onProgress: ({ stage }) => stages.add(stage),
    });
    expect(directory).toBe(options.out);
    expect(await readdir(options.folder)).toEqual(['small']);
    expect((await readdir(options.out)).sort()).toEqual(['group1-shard1of1.bin', 'model.json']);
    expect([...stages]).toEqual(['convert']);
    expect(report).toMatchObject({ naming: 'tensorflow-vgg', classes: 12, unused: [], shards: 1 });
    expect(report?.used[0]).toEqual({ weight: 'conv1_1/conv/kernel', tensor: 'conv1_1/0' });
    const { files } = readFixtureJson<{ files: Record<string, { sha256: string }> }>(
      'slim/vgg16.npy.json',
    );
    expect(sourceSha256).toBe(files['vgg16.npy']?.sha256);
    const { gradcam } = (await readModel(options.out)).userDefinedMetadata;
    expect(gradcam.source).toEqual({
      uri: 'vgg16.npy',
      format: 'npy-pickle',
      sha256: sourceSha256,
    });
  });

  test('does nothing when the same conversion is there', async () => {
    const options = await prepare();
    await convertModel(options);
    const before = await stat(join(options.out, 'model.json'));
    expect((await convertModel(options)).report).toBeUndefined();
    const after = await stat(join(options.out, 'model.json'));
    expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
  });

  test.each([
    ['other labels', { labels: Array(12).fill('x') }],
    ['another id', { id: 'other' }],
    ['another source', { source: fixturePath('slim/vgg_16.ckpt') }],
  ])('converts again for %s', async (_, change) => {
    const options = await prepare();
    await convertModel(options);
    expect((await convertModel({ ...options, ...change })).report).toBeDefined();
    expect(await readdir(options.folder)).toEqual(['small']);
  });

  test('converts again when a shard is short', async () => {
    const options = await prepare();
    await convertModel(options);
    await truncate(join(options.out, 'group1-shard1of1.bin'), 100);
    expect((await convertModel(options)).report).toBeDefined();
  });

  test('writes labels of an own head', async () => {
    const options = await prepare();
    const labels = Array.from({ length: 12 }, (_, index) => `class ${index}`);
    await convertModel({ ...options, labels });
    const { gradcam } = (await readModel(options.out)).userDefinedMetadata;
    expect(gradcam.labels).toEqual(labels);
    expect(gradcam.wnids).toBeUndefined();
  });

  test('aborted, leaves the old artifact as it was', async () => {
    const options = await prepare();
    await convertModel(options);
    const abort = new AbortController();
    const again = convertModel({
      ...options,
      id: 'other',
      signal: abort.signal,
      onProgress: ({ stage }) => stage === 'convert' && abort.abort(new Error('stopped')),
    });
    await expect(again).rejects.toThrow('stopped');
    expect(await readdir(options.folder)).toEqual(['small']);
    expect((await readModel(options.out)).userDefinedMetadata.gradcam.id).toBe('small');
  });

  test('failing, leaves the old artifact as it was', async () => {
    const options = await prepare();
    await convertModel(options);
    const wrong = convertModel({ ...options, architecture: 'vgg19' });
    await expect(wrong).rejects.toMatchObject({ tag: 'MappingError' });
    expect(await readdir(options.folder)).toEqual(['small']);
    expect((await readModel(options.out)).userDefinedMetadata.gradcam.id).toBe('small');
  });

  test('takes no folder with files of other people in it', async () => {
    const options = await prepare();
    await mkdir(options.out);
    await writeFile(join(options.out, 'thesis.tex'), 'years of work');
    await expect(convertModel(options)).rejects.toMatchObject({ tag: 'WriteError' });
    expect(await readFile(join(options.out, 'thesis.tex'), 'utf8')).toBe('years of work');
    expect(await readdir(options.folder)).toEqual(['small']);
  });
});

describe('after a run that was killed', () => {
  test('its lock and its half-written files are cleared away', async () => {
    const options = await prepare();
    await mkdir(`${options.out}.new`);
    await writeFile(join(`${options.out}.new`, 'model.json'), '{"half":');
    await mkdir(`${options.out}.unpacked`);
    // No process has this id: the largest on Linux is 2^22.
    await writeFile(
      `${options.out}.lock`,
      JSON.stringify({ pid: 2 ** 30, host: await hostName() }),
    );
    await convertModel(options);
    expect(await readdir(options.folder)).toEqual(['small']);
  });

  test('an artifact moved away, but not yet replaced, comes back', async () => {
    const options = await prepare();
    await convertModel(options);
    await rename(options.out, `${options.out}.old`);
    expect((await convertModel(options)).report).toBeUndefined();
    expect(await readdir(options.folder)).toEqual(['small']);
  });

  test('an old artifact not yet removed goes', async () => {
    const options = await prepare();
    await convertModel(options);
    await mkdir(`${options.out}.old`);
    await convertModel({ ...options, id: 'other' });
    expect(await readdir(options.folder)).toEqual(['small']);
  });

  test('an empty lock file, which nobody finished, is taken over', async () => {
    const options = await prepare();
    await writeFile(`${options.out}.lock`, '');
    await convertModel(options);
    expect(await readdir(options.folder)).toEqual(['small']);
  });
});

describe('beside another process', () => {
  test('a living holder of the lock is named', async () => {
    const options = await prepare();
    // The process that runs the tests: a lock of this one's id that it does not hold is a dead one's.
    const holder = { pid: process.ppid, host: await hostName() };
    await writeFile(`${options.out}.lock`, JSON.stringify(holder));
    await expect(convertModel(options)).rejects.toMatchObject({
      tag: 'LockedError',
      holder: process.ppid,
    });
    expect(await readdir(options.folder)).toEqual(['small.lock']);
    await rm(`${options.out}.lock`);
  });

  test('of two at once one converts, the other is told or finds it done', async () => {
    const options = await prepare();
    const results = await Promise.allSettled([convertModel(options), convertModel(options)]);
    const failures = results.filter((result) => result.status === 'rejected');
    for (const { reason } of failures) expect(reason).toMatchObject({ tag: 'LockedError' });
    expect(failures.length).toBeLessThan(2);
    expect(await readdir(options.folder)).toEqual(['small']);
  });
});

async function hostName(): Promise<string> {
  return (await import('node:os')).hostname();
}
