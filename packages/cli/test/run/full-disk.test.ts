import { isFailure } from '@gradcam/core';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeTemporaryFolder, runCommand } from '../run-command.ts';
import { explainArgs, readLines, readRun, writeNoise } from './demo-run.ts';

/** Mounts a file system of its own; false where this user may not. */
function mount(folder: string, options: string): boolean {
  mkdirSync(folder, { recursive: true });
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
  if (status === 0) onTestFinished(() => void spawnSync('umount', ['-l', folder]));
  return status === 0;
}

const refusal = 'only root may mount a file system here';

describe('a folder that cannot be written', () => {
  test('a full disk: exit code 74, what is in the results is whole, and it can be resumed', async (context) => {
    const folder = makeTemporaryFolder();
    const disk = path.join(folder, 'disk');
    // A map is 77 kB, so 26 images fit. Up to two batches of eight are written side by side, and any of these
    // may be the first that does not fit.
    if (!mount(disk, 'size=2m')) return context.skip(refusal);
    await writeNoise(folder, 40, 1, [160, 120]);
    const out = path.join(disk, 'run');
    const args = explainArgs([folder], out, '--save', 'raw,display');
    const { code, stderr } = await runCommand(args);
    expect(stderr).toMatch(/^gradcam: .* cannot be written \(the disk is full, ENOSPC\)\n$/m);
    expect(stderr).not.toContain('    at ');
    expect(code).toBe(74);

    const text = readFileSync(path.join(out, 'results.jsonl'), 'utf8');
    expect(text.endsWith('\n')).toBe(true);
    const lines = readLines(out);
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.length).toBeLessThan(40);
    for (const line of lines) {
      if (isFailure(line)) throw new Error(line.error);
      // 160 x 120 float32 and the header.
      const { display } = line.explanations[0]!.files;
      expect(readFileSync(path.join(out, display!)).byteLength).toBe(128 + 160 * 120 * 4);
    }
    const files = readdirSync(out, { recursive: true }) as string[];
    expect(files.filter((name) => name.endsWith('.part') || name === '.lock')).toEqual([]);

    expect(spawnSync('mount', ['-o', 'remount,size=8m', disk]).status).toBe(0);
    const resumed = await runCommand([...args, '--resume']);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(readLines(out)).toHaveLength(40);
    expect(readRun(out).status).toBe('done');
  });

  test('a read-only disk: exit code 73', async (context) => {
    const folder = makeTemporaryFolder();
    const disk = path.join(folder, 'disk');
    if (!mount(disk, 'ro')) return context.skip(refusal);
    const [image] = await writeNoise(folder, 1);
    const { code, stderr } = await runCommand(explainArgs([image!], path.join(disk, 'run')));
    expect([code, stderr]).toEqual([
      73,
      `gradcam: ${path.join(disk, 'run')}: cannot be created (EROFS)\n`,
    ]);
  });

  test('a file in its place: exit code 73', async () => {
    const folder = makeTemporaryFolder();
    const [image] = await writeNoise(folder, 1);
    const out = path.join(folder, 'taken');
    writeFileSync(out, 'mine');
    for (const place of [out, path.join(out, 'below')]) {
      const { code, stderr } = await runCommand(explainArgs([image!], place));
      expect([code, stderr]).toEqual([
        73,
        expect.stringMatching(/: cannot be created \(E\w+\)\n$/),
      ]);
    }
    expect(existsSync(out) && readFileSync(out, 'utf8')).toBe('mine');
  });
});
