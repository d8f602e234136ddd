import { writeFileSync } from 'node:fs';
import {
  cp,
  lstat,
  mkdir,
  readdir,
  readFile,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ModelJson } from '../../src/artifact/model-json.ts';
import { convertModel, type ConvertModelOptions } from '../../src/node/convert-model.ts';
import { replaceModel } from '../../src/node/replace-model.ts';
import { createScratchFolder } from '../../src/node/scratch-folder.ts';
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

  test('converts again when a byte of a shard changed', async () => {
    const options = await prepare();
    await convertModel(options);
    const shard = join(options.out, 'group1-shard1of1.bin');
    const bytes = await readFile(shard);
    bytes[1000]! ^= 1;
    await writeFile(shard, bytes);
    expect((await convertModel(options)).report).toBeDefined();
    bytes[1000]! ^= 1;
    expect((await readFile(shard)).equals(bytes)).toBe(true);
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

  test('takes the place of other weights under names that those do not have', async () => {
    const options = await prepare();
    const listed = async () => {
      const { weightsManifest, userDefinedMetadata } = await readModel(options.out);
      const paths = weightsManifest.flatMap((group) => group.paths);
      expect(Object.keys(userDefinedMetadata.gradcam.shards)).toEqual(paths);
      expect((await readdir(options.out)).sort()).toEqual([...paths, 'model.json']);
      return paths;
    };
    await convertModel(options);
    const first = await readFile(join(options.out, 'model.json'), 'utf8');
    expect(await listed()).toEqual(['group1-shard1of1.bin']);
    await convertModel({ ...options, source: fixturePath('slim/vgg_16.ckpt') });
    expect(await listed()).toEqual(['group2-shard1of1.bin']);
    await convertModel(options);
    expect(await listed()).toEqual(['group1-shard1of1.bin']);
    expect(await readFile(join(options.out, 'model.json'), 'utf8')).toBe(first);
  });

  test('failing while it is put in place, leaves the earlier model whole and nothing else', async () => {
    const options = await prepare();
    await convertModel(options);
    const before = await readdir(options.out);
    const artifact = join(options.folder, 'artifact');
    await cp(options.out, artifact, { recursive: true });
    const model = await readModel(artifact);
    Object.assign(model.userDefinedMetadata.gradcam.shards, { 'group1-shard1of1.bin': 'other' });
    await writeFile(join(artifact, 'model.json'), JSON.stringify(model));
    // In the place of the file that is to become model.json.
    await mkdir(join(artifact, 'next.json'));
    await expect(replaceModel(artifact, options.out)).rejects.toMatchObject({ tag: 'WriteError' });
    expect(await readdir(options.out)).toEqual(before);
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

/** The scratch folder of a run that was killed, with its mark and its lock. */
async function leaveScratch(out: string, ...files: string[]): Promise<string> {
  const scratch = join(dirname(out), `.gradcam-${basename(out)}-0123456789ab`);
  for (const file of ['artifact/', ...files]) {
    await mkdir(join(scratch, dirname(`${file}x`)), { recursive: true });
    if (!file.endsWith('/')) await writeFile(join(scratch, file), '{"half":');
  }
  await writeFile(join(scratch, '.gradcam.json'), '{"madeBy":"gradcam"}\n');
  await leaveLock(join(scratch, '.lock'));
  return scratch;
}

/** No process has this id: the largest on Linux is 2^22. */
const dead = { pid: 2 ** 30, host: hostname() };

async function leaveLock(path: string, holder: object = dead): Promise<void> {
  await mkdir(path);
  const file = join(path, 'holder-00000000-0000-4000-8000-000000000000.json');
  await writeFile(file, JSON.stringify(holder));
}

describe('after a run that was killed', () => {
  test('its lock and its half-written files are cleared away', async () => {
    const options = await prepare();
    await leaveScratch(options.out, 'artifact/model.json', 'unpacked/x.ckpt');
    await leaveLock(join(options.folder, '.gradcam-small.lock'));
    await convertModel(options);
    expect(await readdir(options.folder)).toEqual(['small']);
  });

  test.each(['', '{"madeBy'])('its folder goes also with a mark that was cut: %j', async (mark) => {
    const options = await prepare();
    const scratch = await leaveScratch(options.out, 'artifact/model.json');
    await writeFile(join(scratch, '.gradcam.json'), mark);
    await convertModel(options);
    expect(await readdir(options.folder)).toEqual(['small']);
  });

  test('new shards beside the earlier model, and earlier ones beside the new, go', async () => {
    const options = await prepare();
    await convertModel(options);
    const [whole, stray] = ['group1-shard1of1.bin', 'group2-shard1of1.bin'];
    for (const next of [options, { ...options, id: 'other' }]) {
      await cp(join(options.out, whole), join(options.out, stray));
      await convertModel(next);
      const { weightsManifest } = await readModel(options.out);
      const listed = weightsManifest.flatMap(({ paths }) => paths);
      expect((await readdir(options.out)).sort()).toEqual([...listed, 'model.json']);
    }
  });

  test('what it left goes also when the model is there and up to date', async () => {
    const options = await prepare();
    await convertModel(options);
    await leaveScratch(options.out, 'unpacked/x.ckpt');
    await leaveLock(join(options.folder, '.gradcam-small.lock'));
    expect((await convertModel(options)).report).toBeUndefined();
    expect(await readdir(options.folder)).toEqual(['small']);
  });

  test('the file in which a probe was being added does not keep the model from being replaced', async () => {
    const options = await prepare();
    await convertModel(options);
    await writeFile(join(options.out, '.gradcam-0123456789ab.part'), '{"half":');
    expect((await convertModel({ ...options, id: 'other' })).report).toBeDefined();
    expect((await readdir(options.out)).sort()).toEqual(['group1-shard1of1.bin', 'model.json']);
  });
});

describe('names that others made', () => {
  test('beside the model are not touched, whatever they end with', async () => {
    const options = await prepare();
    for (const name of ['small.old', 'small.new', 'small.unpacked', '.gradcam-small-photos']) {
      await mkdir(join(options.folder, name));
      await writeFile(join(options.folder, name, 'note.txt'), name);
    }
    // Of the form that ours have, but without our mark; old enough to be a killed run's.
    const lookalike = join(options.folder, '.gradcam-small-abcdefabcdef');
    await mkdir(lookalike);
    await writeFile(join(lookalike, 'note.txt'), '.gradcam-small-abcdefabcdef');
    await utimes(lookalike, new Date(0), new Date(0));
    await writeFile(join(options.folder, 'small.lock'), '# yarn lockfile v1');
    const before = (await readdir(options.folder)).sort();
    await convertModel(options);
    await convertModel(options);
    await convertModel({ ...options, id: 'other' });
    expect((await readdir(options.folder)).sort()).toEqual([...before, 'small'].sort());
    for (const name of before.filter((each) => each !== 'small.lock')) {
      expect(await readFile(join(options.folder, name, 'note.txt'), 'utf8')).toBe(name);
    }
  });

  test('that come into the folder during the work are not replaced', async () => {
    const options = await prepare();
    await convertModel(options);
    const note = join(options.out, 'thesis.tex');
    const converting = convertModel({
      ...options,
      id: 'other',
      onProgress: ({ stage }) => stage === 'convert' && writeFileSync(note, 'years of work'),
    });
    await expect(converting).rejects.toThrow("holds 'thesis.tex'");
    expect(await readFile(note, 'utf8')).toBe('years of work');
    expect((await readModel(options.out)).userDefinedMetadata.gradcam.id).toBe('small');
    expect(await readdir(options.folder)).toEqual(['small']);
  });

  test('a link stays, and the folder behind it is replaced', async () => {
    const options = await prepare();
    const behind = join(options.folder, 'behind');
    await mkdir(behind);
    await symlink(behind, options.out);
    await convertModel(options);
    expect((await lstat(options.out)).isSymbolicLink()).toBe(true);
    expect((await readdir(behind)).sort()).toEqual(['group1-shard1of1.bin', 'model.json']);
    expect((await readdir(options.folder)).sort()).toEqual(['behind', 'small']);
  });

  test('the folder of a living process is left alone', async () => {
    const options = await prepare();
    const scratch = await createScratchFolder(join(options.folder, '.gradcam-small-'));
    await convertModel(options);
    expect((await readdir(options.folder)).sort()).toEqual([basename(scratch.path), 'small']);
    await scratch.remove();
    expect(await readdir(options.folder)).toEqual(['small']);
  });
});

describe('beside another process', () => {
  test('a living holder of the lock is named', async () => {
    const options = await prepare();
    const lock = join(options.folder, '.gradcam-small.lock');
    await leaveLock(lock, { pid: process.ppid, host: hostname() });
    await expect(convertModel(options)).rejects.toMatchObject({
      tag: 'LockedError',
      holder: process.ppid,
    });
    expect(await readdir(options.folder)).toEqual(['.gradcam-small.lock']);
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
