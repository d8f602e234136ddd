import { isFailure, type ResultLine } from '@gradcam/core';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeTemporaryFolder, runCommand } from '../run-command.ts';
import { explainArgs, readLines, readRun, scenes } from './demo-run.ts';

/** By demo/expected.json the net says dog of this scene, cat second, and turtle of the garden. */
const scene = 'cat-and-dog.png';

function place(folder: string, name: string, file = scene): void {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  copyFileSync(path.join(scenes, file), path.join(folder, name));
}

function resultsOf(out: string): ResultLine[] {
  return readLines(out).map((line) => {
    if (isFailure(line)) throw new Error(line.error);
    return line;
  });
}

const labelsOf = (line: ResultLine): unknown[] =>
  line.explanations.map(({ target }) => target.label);

describe('ground truth', () => {
  test('by folders named by label and by index: what is wrong is explained for both classes', async () => {
    const folder = makeTemporaryFolder();
    place(folder, 'data/cat/scene.png');
    place(folder, 'data/9/below/garden.png', 'garden.png');
    place(folder, 'data/outside.png');
    const out = path.join(folder, 'run');
    const data = path.join(folder, 'data');
    const { code, stderr } = await runCommand(explainArgs([data], out, '--truth', data));
    expect(code, stderr).toBe(0);
    const [garden, cat, outside] = resultsOf(out);
    expect(garden).toMatchObject({ truth: { index: 9, label: 'turtle' }, correct: true });
    expect(labelsOf(garden!)).toEqual(['turtle']);
    expect(cat).toMatchObject({ truth: { index: 0, label: 'cat' }, correct: false });
    expect(labelsOf(cat!)).toEqual(['dog', 'cat']);
    expect(outside).not.toHaveProperty('truth');
    expect(outside).not.toHaveProperty('correct');
    expect(readRun(out).counts).toEqual({ done: 3, failed: 0, judged: 2, correct: 1 });
    expect(stderr).toContain('top class correct for 1 of 2 images with ground truth, 50.0 %');

    const again = await runCommand(explainArgs([data], out, '--truth', data, '--resume'));
    expect(again.stderr).toContain('top class correct for 1 of 2 images with ground truth, 50.0 %');
  });

  test('by a table, with names and WordNet ids; targets that are asked for stay', async () => {
    const folder = makeTemporaryFolder();
    for (const name of ['a, b.png', 'c.png', 'd.png']) place(folder, name);
    const wnids = Array.from(
      { length: 10 },
      (_, i) => `n0000000${i} ${['cat', 'dog'][i] ?? `c${i}`}`,
    );
    writeFileSync(path.join(folder, 'labels.txt'), wnids.join('\n'));
    writeFileSync(
      path.join(folder, 'truth.csv'),
      '\ufeffpath,class\r\n"a, b.png",n00000001\r\nc.png, Cat \r\n',
    );
    const out = path.join(folder, 'run');
    const flags = ['--truth', path.join(folder, 'truth.csv'), '--target', '3'];
    const labels = ['--labels', path.join(folder, 'labels.txt')];
    const { code, stderr } = await runCommand(explainArgs([folder], out, ...flags, ...labels));
    expect(code, stderr).toBe(0);
    expect(resultsOf(out)).toMatchObject([
      { truth: { index: 1 }, correct: true },
      { truth: { index: 0 }, correct: false },
      {},
    ]);
    for (const line of resultsOf(out)) expect(labelsOf(line)).toEqual(['c3']);
  });

  test.each([
    ['an unknown class', 'scene.png,dgo\n', 65, /truth\.csv line 1: no class 'dgo'; near: dog/],
    ['a line without a class', 'scene.png,dog\nscene.png\n', 65, /line 2: expected path,class/],
    [
      'two classes',
      'scene.png,dog\n./scene.png,cat\n',
      65,
      /line 2: .* is 'cat' here and 'dog' in/,
    ],
    ['a broken quote', '"scene.png,dog\n', 65, /truth\.csv: .*[Qq]uote/],
    ['no table', null, 66, /truth\.csv: no such file or folder/],
  ])('%s ends the run before it begins', async (_, table, exitCode, message) => {
    const folder = makeTemporaryFolder();
    place(folder, 'scene.png');
    if (table !== null) writeFileSync(path.join(folder, 'truth.csv'), table);
    const { code, stderr } = await runCommand(
      explainArgs(['scene.png'], 'run', '--truth', 'truth.csv'),
      folder,
    );
    expect(stderr).toMatch(message);
    expect(code).toBe(exitCode);
  });
});
