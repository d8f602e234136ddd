import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createProofStore } from '../../src/node/proof-store.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gradcam-proofs-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** A store looks at each of a thousand files when it removes the oldest, which a busy disk makes slow. */
const TIMEOUT_MS = 60_000;

/** Where the store keeps the result of a key. Folders of earlier versions have the same names. */
const placeOf = (key: string): string =>
  path.join(folder, createHash('sha256').update(key).digest('hex'));

/** Sets the time at which a result was last used. */
async function setUsed(key: string, seconds: number): Promise<void> {
  await utimes(placeOf(key), seconds, seconds);
}

/** Fills the folder up to its limit with results that were used at second 1000, 1001, .. in their order. */
async function fill(count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      await writeFile(placeOf(`old ${i}`), `result ${i}\n`);
      await setUsed(`old ${i}`, 1000 + i);
    }),
  );
}

test('a result is kept for other stores of the same folder, and only for its key', async () => {
  await createProofStore(folder).keep('one', 'agrees to 1e-6');
  expect(await createProofStore(folder).read('one')).toBe('agrees to 1e-6');
  expect(await createProofStore(folder).read('another')).toBeNull();
  expect(await readFile(placeOf('one'), 'utf8')).toBe('agrees to 1e-6\n');
});

test('a result replaces the earlier one of its key', async () => {
  const store = createProofStore(folder);
  await store.keep('one', 'a longer first result');
  await store.keep('one', 'second');
  expect(await store.read('one')).toBe('second');
});

test('a result stays one line of at most 4095 characters', async () => {
  const store = createProofStore(folder);
  await store.keep('lines', 'first\nsecond');
  expect(await store.read('lines')).toBe('first second');
  await store.keep('long', 'x'.repeat(5000));
  expect(await store.read('long')).toBe('x'.repeat(4095));
});

test('the folder is made with its parents, for its owner alone', async () => {
  const nested = path.join(folder, 'cache', 'proofs');
  await createProofStore(nested).keep('one', 'kept');
  expect(await createProofStore(nested).read('one')).toBe('kept');
  if (process.platform !== 'win32') expect((await stat(nested)).mode & 0o777).toBe(0o700);
});

test(
  'the results that were used the longest time ago are removed first',
  { timeout: TIMEOUT_MS },
  async () => {
    await fill(1000);
    const store = createProofStore(folder);
    // Reading the oldest result makes it the latest.
    expect(await store.read('old 0')).toBe('result 0');
    await store.keep('new', 'kept');
    expect(await readdir(folder)).toHaveLength(1000);
    expect(await store.read('new')).toBe('kept');
    expect(await store.read('old 0')).toBe('result 0');
    expect(await store.read('old 1')).toBeNull();
    expect(await store.read('old 2')).toBe('result 2');
  },
);

test.each([
  ['a file that was cut off', 'agrees to'],
  ['an empty file', ''],
  ['a file of two lines, as two processes could leave it', 'short\n longer result\n'],
  ['a file of another program', `${'x'.repeat(4096)}\n`],
])('%s does not count, and is replaced', async (_, content) => {
  const store = createProofStore(folder);
  await writeFile(placeOf('one'), content);
  expect(await store.read('one')).toBeNull();
  await store.keep('one', 'whole');
  expect(await store.read('one')).toBe('whole');
});

test(
  'stores that write at the same time leave whole results and no more than the limit',
  { timeout: TIMEOUT_MS },
  async () => {
    await fill(998);
    const stores = Array.from({ length: 4 }, () => createProofStore(folder));
    await Promise.all(
      stores.flatMap((store, i) => [
        store.keep(`own ${i}`, `value ${i}`),
        store.keep('same', 'value'),
      ]),
    );
    const last = createProofStore(folder);
    expect(await last.read('same')).toBe('value');
    for (let i = 0; i < 4; i++) expect(await last.read(`own ${i}`)).toBe(`value ${i}`);
    // 998 old results and 5 new ones, less the three oldest.
    expect((await readdir(folder)).length).toBeLessThanOrEqual(1000);
    for (let i = 0; i < 3; i++) expect(await last.read(`old ${i}`)).toBeNull();
  },
);

test('a folder that cannot be made is no error: nothing is kept', async () => {
  await writeFile(path.join(folder, 'file'), '');
  const store = createProofStore(path.join(folder, 'file', 'proofs'));
  await expect(store.keep('one', 'lost')).resolves.toBeUndefined();
  expect(await store.read('one')).toBeNull();
});

test('a place that is taken by a folder is no error: nothing is kept', async () => {
  await mkdir(placeOf('one'));
  const store = createProofStore(folder);
  await expect(store.keep('one', 'lost')).resolves.toBeUndefined();
  expect(await store.read('one')).toBeNull();
});
