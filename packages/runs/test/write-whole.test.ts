import { temporaryName } from '@gradcam/core/node';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { claimPart, writeWholeAmongOthers } from '../src/files/write-whole.ts';
import { makeTemporaryFolder } from './helper/temporary-folder.ts';

/** The name that a process had for the moment, which is no more. */
async function claimOfDead(file: string): Promise<string> {
  const { pid } = spawnSync(process.execPath, ['--version']);
  return (await claimPart(file)).replace(`-${process.pid}-`, `-${pid}-`);
}

test('a report beside files of others: theirs stay, and what a killed process left of ours goes', async () => {
  const folder = makeTemporaryFolder();
  const file = path.join(folder, 'first.html');
  writeFileSync(`${file}.part`, 'mine');
  writeFileSync(temporaryName(path.join(folder, '.gradcam-00000000-'), '.part'), 'of another file');
  writeFileSync(await claimOfDead(file), 'half');
  await writeWholeAmongOthers(file, (part) => part.writeFile('whole'));
  expect(readFileSync(file, 'utf8')).toBe('whole');
  expect(readFileSync(`${file}.part`, 'utf8')).toBe('mine');
  expect(readdirSync(folder)).toHaveLength(3);
});

test('a write that fails leaves the earlier file and nothing else', async () => {
  const folder = makeTemporaryFolder();
  const file = path.join(folder, 'first.html');
  writeFileSync(file, 'earlier');
  const failing = writeWholeAmongOthers(file, async (part) => {
    await part.writeFile('half');
    throw new Error('no more');
  });
  await expect(failing).rejects.toThrow('no more');
  expect([readdirSync(folder), readFileSync(file, 'utf8')]).toEqual([['first.html'], 'earlier']);
});
