import { isFailure } from '@gradcam/core';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeTemporaryFolder, runCommand } from '../run-command.ts';
import { explainArgs, readLines, readRun, writeNoise } from './demo-run.ts';

test('names of any kind have folders of their own, are printed in one line, and are found again', async () => {
  const folder = makeTemporaryFolder();
  const photos = path.join(folder, 'photos');
  const [image] = await writeNoise(folder, 1);
  const names = [
    // The longest that file systems take, in letters of one byte and of three.
    `${'n'.repeat(251)}.png`,
    `${'漢'.repeat(83)}.png`,
    'two\nlines.png',
    'bell\u0007 and \u001b[31mred.png',
    '-rf.png',
    '..png',
    ' .png',
    'x y.png',
    'x-y.png',
    'X-Y.png',
    path.join('a', 'x-y.png'),
    path.join('b', 'x-y.png'),
  ];
  for (const name of names) {
    mkdirSync(path.dirname(path.join(photos, name)), { recursive: true });
    copyFileSync(image!, path.join(photos, name));
  }
  // In a list, since a folder is searched without what begins with a dot.
  const images = names.map((name) => path.join(photos, name));
  const out = path.join(folder, 'run');
  const args = explainArgs(images, out, '--save', 'overlay');
  const { code, stdout, stderr } = await runCommand(args);
  expect(code, stderr).toBe(0);
  expect(stdout + stderr).not.toMatch(/[\u0007\u001b]|two\nlines/);
  const lines = readLines(out);
  expect(lines.map((line) => line.image)).toEqual(images);
  const files = lines.map((line) => {
    if (isFailure(line)) throw new Error(line.error);
    return line.explanations[0]!.files['overlay']!;
  });
  expect(new Set(files.map((file) => path.dirname(file))).size).toBe(names.length);
  for (const file of files) expect(existsSync(path.join(out, file))).toBe(true);

  const resumed = await runCommand([...args, '--resume']);
  expect(resumed.stderr).toContain(`${names.length} of ${names.length} images are done`);
  const sheet = await runCommand(['sheet', out]);
  expect([sheet.code, sheet.stderr]).toEqual([0, '']);
});

test('a run in the folder of its images is none of its images, however often it is resumed', async () => {
  const photos = makeTemporaryFolder();
  await writeNoise(photos, 2);
  const out = path.join(photos, 'run');
  for (const expected of ['resumed: 0 of', 'resumed: 2 of 2 images are done, 0 to do']) {
    const args = explainArgs([photos], out, '--save', 'overlay', '--resume');
    const { code, stderr } = await runCommand(args);
    expect(code, stderr).toBe(0);
    if (!expected.startsWith('resumed: 0')) expect(stderr).toContain(expected);
    expect(readLines(out)).toHaveLength(2);
  }
  const onto = await runCommand(explainArgs([photos], photos, '--resume'));
  expect([onto.code, onto.stderr]).toEqual([73, expect.stringContaining('holds no run')]);
});

describe('a disk that is full', () => {
  // A file system of so few pages that each write of a run is once the one that fails.
  const PAGE_KB = 4;

  test('at any write: 73 or 74, nothing half, and resumed when there is room', async (context) => {
    const folder = makeTemporaryFolder();
    const images = await writeNoise(folder, 2);
    const disk = path.join(folder, 'disk');
    mkdirSync(disk);
    const out = path.join(disk, 'run');
    const failed = new Set<string>();
    for (const pages of [1, 2, 3, 4, 5, 7, 9, 12]) {
      const size = `size=${pages * PAGE_KB}k`;
      const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', disk]);
      if (mounted.status !== 0) return context.skip('only root may mount a file system here');
      onTestFinished(() => void spawnSync('umount', ['-l', disk]));
      const args = explainArgs(images, out, '--save', 'raw,boxes', '--resume');
      const { code, stderr } = await runCommand(args);
      expect(stderr).not.toContain('    at ');
      if (code !== 0) {
        expect([73, 74], stderr).toContain(code);
        failed.add(/run\/?([\w.-]*)/.exec(stderr)?.[1] ?? '');
        const results = path.join(out, 'results.jsonl');
        const text = existsSync(results) ? readFileSync(results, 'utf8') : '';
        expect(text === '' || text.endsWith('\n')).toBe(true);
        spawnSync('mount', ['-o', 'remount,size=4m', disk]);
        const resumed = await runCommand(args);
        expect(resumed.code, `${pages} pages: ${resumed.stderr}`).toBe(0);
      }
      expect(readRun(out)).toMatchObject({ status: 'done', counts: { done: 2, failed: 0 } });
      expect(spawnSync('umount', [disk]).status).toBe(0);
    }
    // So many different files were the one that did not fit.
    expect(failed.size, [...failed].join()).toBeGreaterThan(2);
  });
});
