import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { scanResults } from '../src/files/read-results.ts';
import { dropLines, dropTornLine } from '../src/files/results-file.ts';
import { makeTemporaryFolder } from './helper/temporary-folder.ts';

const rows = ['a', 'b', 'c'].map((image) => `{"image":"${image}","error":"no image"}\n`);

test('lines are dropped from the file that was read, with a torn last line', async () => {
  const file = path.join(makeTemporaryFolder(), 'results.jsonl');
  writeFileSync(file, `${rows.join('')}{"image":"torn`);
  const { torn, read } = await scanResults(file, () => {});
  expect(torn).toBe(14);
  const kept = await dropLines(file, new Set([2]), read);
  expect(readFileSync(file, 'utf8')).toBe(`${rows[0]}${rows[2]}`);
  const again = await scanResults(file, () => {});
  expect([again.torn, again.read.equals(kept)]).toEqual([0, true]);
});

test('where another program changed the file since it was read, nothing is dropped', async () => {
  const folder = makeTemporaryFolder();
  const file = path.join(folder, 'results.jsonl');
  writeFileSync(file, rows.join(''));
  const { read } = await scanResults(file, () => {});
  for (const changed of [
    rows.slice(1).join(''),
    [...rows].reverse().join(''),
    rows[0]!.slice(0, 9),
  ]) {
    writeFileSync(file, changed);
    await expect(dropLines(file, new Set([2]), read)).rejects.toMatchObject({
      kind: 'cannot-write',
      message: expect.stringContaining('another program changed it'),
    });
    expect(readFileSync(file, 'utf8')).toBe(changed);
    expect(readdirSync(folder)).toEqual(['results.jsonl']);
  }
});

test('a torn last line alone is removed', async () => {
  const file = path.join(makeTemporaryFolder(), 'results.jsonl');
  for (const torn of ['', '{"image":"torn']) {
    writeFileSync(file, `${rows.join('')}${torn}`);
    await dropTornLine(file);
    expect(readFileSync(file, 'utf8')).toBe(rows.join(''));
  }
});
