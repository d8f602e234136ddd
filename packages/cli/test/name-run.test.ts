import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { nameRun } from '../src/commands/explain/name-run.ts';
import { makeTemporaryFolder, root, runCommand } from './run-command.ts';

const evening = new Date(2026, 0, 31, 23, 5, 9);

describe('the folder of a run that has no name', () => {
  test.each([
    ['demo-resnet', 'demo-resnet'],
    ['./Nets/My Net/', 'my-net'],
    ['nets/tm/model.json', 'tm'],
    ['https://host/nets/resnet50.onnx?key=secret', 'resnet50'],
    ['..', 'model'],
    ['C:\\nets\\vgg.keras', 'vgg'],
  ])('of model %s', (model, stem) => {
    expect(nameRun(model, evening)).toBe(path.join('runs', `${stem}-2026-01-31-230509`));
  });
});

describe('gradcam explain without --out', () => {
  const model = path.join(root, 'demo/biased');
  const image = path.join(root, 'demo/scenes/cat-and-dog-128.png');

  test('writes a run named after the model and the time, and says so', async () => {
    const cwd = makeTemporaryFolder();
    const { code, stderr } = await runCommand(['explain', image, '--model', model], cwd);
    expect(code, stderr).toBe(0);
    const [name] = readdirSync(path.join(cwd, 'runs'));
    expect(name).toMatch(/^biased-\d{4}-\d\d-\d\d-\d{6}$/);
    const written = path.join('runs', name!);
    expect(stderr).toContain(`no --out was given: the run is written to ${written}\n`);
    expect(stderr).toContain(`npx gradcam view ${written}`);
    expect(existsSync(path.join(cwd, written, 'results.jsonl'))).toBe(true);
  });

  test.each([
    ['a model that is not there', [image, '--model', 'nosuch'], 66],
    ['an image that is not there', ['nofile.jpg', '--model', model], 66],
    ['neither', ['nofile.jpg', '--model', 'nosuch'], 66],
    ['a class that the model lacks', [image, '--model', model, '--target', 'unicorn'], 64],
    ['a flag that cannot be', [image, '--model', model, '--alpha', '7'], 64],
  ])('names no folder where nothing is written: %s', async (_, args, status) => {
    const cwd = makeTemporaryFolder();
    const { code, stdout, stderr } = await runCommand(['explain', ...args], cwd);
    expect([code, stdout], stderr).toEqual([status, '']);
    expect(stderr.trimEnd().split('\n'), stderr).toHaveLength(1);
    expect(stderr).not.toContain('runs');
    expect(existsSync(path.join(cwd, 'runs'))).toBe(false);
  });

  test('keeps stdout to the lines with --json, and says nothing with --quiet', async () => {
    const cwd = makeTemporaryFolder();
    const run = await runCommand(['explain', image, '--model', model, '--json'], cwd);
    expect(run.code, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({ image });
    expect(run.stderr).toContain('no --out was given: the run is written to runs');
    const quiet = await runCommand(
      ['explain', image, '--model', model, '--quiet'],
      makeTemporaryFolder(),
    );
    expect([quiet.code, quiet.stdout, quiet.stderr]).toEqual([0, '', '']);
  });

  test('wants the name of a run to finish', async () => {
    const { code, stderr } = await runCommand(['explain', image, '--model', model, '--resume']);
    expect(code).toBe(64);
    expect(stderr).toBe('gradcam: --resume needs --out: the folder of the run\n');
  });
});
