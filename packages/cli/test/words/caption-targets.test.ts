import { isFailure } from '@gradcam/core';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeTemporaryFolder, root, runCommand } from '../run-command.ts';
import { readLines, scenes } from '../run/demo-run.ts';

const model = ['--model', path.join(root, 'demo/words/caption/demo-caption.onnx')];
const pictures = ['parade.png', 'cat-and-dog.png'].map((name) => path.join(scenes, name));

describe('targets of the captions that a model writes', { timeout: 60_000 }, () => {
  test('an image whose caption lacks the word fails alone, and the others go on', async () => {
    const out = path.join(makeTemporaryFolder(), 'run');
    const args = [...model, '--caption', '--target', 'dog', '--save', 'raw', '--out', out];
    const { code, stderr } = await runCommand(['explain', ...pictures, ...args]);
    expect(code, stderr).toBe(1);
    expect(stderr).toMatch(/parade\.png: target dog: the caption 'a .*' has no such word/);
    expect(stderr).toContain('1 explained, 1 failed');
    const [parade, garden] = readLines(out);
    expect(isFailure(parade!)).toBe(true);
    expect(garden).toMatchObject({ explanations: [{ target: { kind: 'word', label: 'dog' } }] });
  });

  test.each([
    ['word:x', 'target word:x: expected word:<n>, word:end or word:<n>:<other>'],
    ['word:0', 'target word:0: the model writes at most'],
    ['word:3000', 'target word:3000: the model writes at most'],
    ['unicorn', "target unicorn: the model does not know the word 'unicorn'"],
  ])('%s, which no caption has, is refused before anything is made', async (target, message) => {
    const out = path.join(makeTemporaryFolder(), 'run');
    const args = [...model, '--caption', '--target', target, '--out', out];
    const { code, stdout, stderr } = await runCommand(['explain', pictures[0]!, ...args]);
    expect([code, stdout], stderr).toEqual([64, '']);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(existsSync(out)).toBe(false);
  });
});
