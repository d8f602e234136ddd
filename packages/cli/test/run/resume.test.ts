import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { isFailure } from '@gradcam/core';
import { describe, expect, test } from 'vitest';
import { makeTemporaryFolder, runCommand } from '../run-command.ts';
import { explainArgs, readLines, readRun, writeNoise } from './demo-run.ts';

interface Started {
  readonly folder: string;
  readonly photos: string;
  readonly out: string;
  resume(...flags: string[]): ReturnType<typeof runCommand>;
}

/** A run over three images that is done. */
async function startRun(): Promise<Started> {
  const folder = makeTemporaryFolder();
  await writeNoise(folder, 3);
  const out = path.join(folder, 'run');
  const { code, stderr } = await runCommand(explainArgs([folder], out));
  expect(code, stderr).toBe(0);
  const resume: Started['resume'] = (...flags) =>
    runCommand(explainArgs([folder], out, '--resume', ...flags));
  return { folder, photos: folder, out, resume };
}

const namesOf = (out: string): string[] => readLines(out).map(({ image }) => path.basename(image));

const all = ['noise-00000.png', 'noise-00001.png', 'noise-00002.png'];

describe('a run that is resumed', () => {
  test('does nothing where nothing is left, and says so in run.json', async () => {
    const { out, resume } = await startRun();
    const before = readFileSync(path.join(out, 'results.jsonl'));
    const { code, stderr } = await resume();
    expect([code, stderr]).toEqual([0, expect.stringContaining('3 of 3 images are done, 0 to do')]);
    expect(readFileSync(path.join(out, 'results.jsonl')).equals(before)).toBe(true);
    const run = readRun(out);
    expect(run).toMatchObject({ status: 'done', counts: { done: 3, failed: 0 } });
    expect(run.resumed).toEqual([{ at: expect.any(String), engine: run.engine }]);
    expect(readdirSync(out).sort()).toEqual(['images', 'results.jsonl', 'run.json']);
  });

  test('explains what came, what changed, what lost a file, and what had failed', async () => {
    const { folder, out, resume } = await startRun();
    const [first, second, third] = readLines(out);
    copyFileSync(path.join(folder, all[0]!), path.join(folder, 'new.png'));
    const [other] = await writeNoise(makeTemporaryFolder(), 1, 99);
    copyFileSync(other!, path.join(folder, all[1]!));
    if (isFailure(third!)) throw new Error('the third image failed');
    rmSync(path.join(out, third!.explanations[0]!.files['raw']!));
    writeFileSync(path.join(folder, 'broken.png'), '');
    appendFileSync(
      path.join(out, 'results.jsonl'),
      `${JSON.stringify({ image: path.join(folder, 'broken.png'), error: 'once' })}\n`,
    );
    copyFileSync(other!, path.join(folder, 'broken.png'));

    const { code, stderr } = await resume();
    expect([code, stderr]).toEqual([0, expect.stringContaining('1 of 5 images are done, 4 to do')]);
    const lines = readLines(out);
    expect(namesOf(out)).toEqual([all[0], 'broken.png', 'new.png', all[1], all[2]]);
    expect(lines[0]).toEqual(first);
    expect(lines[3]).not.toMatchObject({ sha256: (second as { sha256: string }).sha256 });
    for (const line of lines) {
      if (isFailure(line)) throw new Error(line.error);
      for (const file of Object.values(line.explanations[0]!.files))
        expect(statSync(path.join(out, file)).size).toBeGreaterThan(0);
    }
  });

  test('another engine is no other setting: its numbers are the same, and run.json says so', async () => {
    const { out, resume } = await startRun();
    const before = readLines(out)[2]!;
    if (isFailure(before)) throw new Error(before.error);
    rmSync(path.join(out, before.explanations[0]!.files['raw']!));
    const { code, stderr } = await resume('--engine', 'wasm');
    expect(code, stderr).toBe(0);
    expect(readRun(out)).toMatchObject({ engine: 'tfjs-wasm', resumed: [{ engine: 'tfjs-wasm' }] });
    const after = readLines(out)[2]!;
    if (isFailure(after)) throw new Error(after.error);
    const [was, is] = [before.explanations[0]!, after.explanations[0]!];
    expect([is.target, is.peak, is.files]).toEqual([was.target, was.peak, was.files]);
    // Two float32 engines over some twenty layers: about 1e-6 of the scale, with a wide margin.
    expect(Math.abs(is.score - was.score)).toBeLessThan(1e-4 * Math.max(1, Math.abs(was.score)));
  });

  test('a torn last line is cut, told, and made again', async () => {
    const { out, resume } = await startRun();
    const file = path.join(out, 'results.jsonl');
    const whole = readFileSync(file, 'utf8');
    writeFileSync(file, whole.slice(0, -40));
    const { code, stderr } = await resume();
    expect(code).toBe(0);
    expect(stderr).toMatch(/last line of .*results\.jsonl was cut short \(\d+ bytes\)/);
    expect(namesOf(out)).toEqual(all);
    expect(readFileSync(file, 'utf8').endsWith('}\n')).toBe(true);
  });

  test('from another folder the same images are the same', async () => {
    const folder = makeTemporaryFolder();
    await writeNoise(folder, 2);
    expect((await runCommand(explainArgs(['.'], 'run'), folder)).code).toBe(0);
    const elsewhere = path.join(folder, '..');
    const name = path.basename(folder);
    await writeNoise(folder, 3);
    const { code, stderr } = await runCommand(
      explainArgs([name], path.join(name, 'run'), '--resume'),
      elsewhere,
    );
    expect([code, stderr]).toEqual([0, expect.stringContaining('2 of 3 images are done')]);
    expect(readLines(path.join(folder, 'run')).map(({ image }) => image)).toEqual(all);
  });

  test.each([
    ['a method', ['--method', 'layer-cam'], /--method was grad-cam and is layer-cam/],
    [
      'two settings',
      ['--target', '1', '--alpha', '0.4'],
      /--target was top1 and is 1; --alpha was/,
    ],
    [
      'a statement',
      ['--input-range', '0..1'],
      /--input-range.* was not given and is \{"inputRange"/,
    ],
  ])('another setting is refused, %s: exit code 64', async (_, flags, message) => {
    const { out, resume } = await startRun();
    const before = readFileSync(path.join(out, 'results.jsonl'));
    const { code, stderr } = await resume(...flags);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/give the same settings, or another --out/);
    expect(code).toBe(64);
    expect(readFileSync(path.join(out, 'results.jsonl')).equals(before)).toBe(true);
  });
});

describe('a folder that is not free', () => {
  test('with a run is left alone without --resume', async () => {
    const { folder, out } = await startRun();
    const { code, stderr } = await runCommand(explainArgs([folder], out));
    expect([code, stderr]).toEqual([73, expect.stringContaining('add --resume to finish it')]);
    expect(namesOf(out)).toEqual(all);
  });

  test('with other files is left alone, with --resume too', async () => {
    const folder = makeTemporaryFolder();
    const [image] = await writeNoise(folder, 1);
    for (const flags of [[], ['--resume']]) {
      const { code, stderr } = await runCommand(explainArgs([image!], folder, ...flags));
      expect([code, stderr]).toEqual([
        73,
        expect.stringContaining('is not empty and holds no run'),
      ]);
    }
    expect(readdirSync(folder)).toEqual([path.basename(image!)]);
  });

  test('whose run.json is broken: exit code 65', async () => {
    const { out, resume } = await startRun();
    writeFileSync(path.join(out, 'run.json'), '{');
    expect(await resume()).toMatchObject({ code: 65, stderr: expect.stringMatching(/run\.json/) });
  });

  test('a living process keeps it, a dead one does not', async () => {
    const { out, resume } = await startRun();
    const lock = path.join(out, '.lock');
    const write = (pid: number): void =>
      writeFileSync(lock, JSON.stringify({ pid, host: hostname() }));
    write(process.pid);
    expect(await resume()).toMatchObject({
      code: 73,
      stderr: expect.stringContaining(`is being written by process ${process.pid}`),
    });
    write(spawnSync(process.execPath, ['--version']).pid);
    expect(await resume()).toMatchObject({ code: 0 });
    expect(existsSync(lock)).toBe(false);
  });
});
