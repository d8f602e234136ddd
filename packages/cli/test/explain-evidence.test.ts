import { parseResults, type MapEvidence, type ResultLine } from '@gradcam/core';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeTemporaryFolder, root, runCommand } from './run-command.ts';
import { models } from './demo-nets.ts';

const scene = path.join(root, 'demo/scenes/cat-and-dog-128.png');

const explain = (out: string, ...flags: string[]) =>
  runCommand([
    ...['explain', scene, '--model', 'demo-resnet', '--models', models, '--out', out],
    ...['--target', 'dog', '--save', 'raw', ...flags],
  ]);

function readEvidence(out: string): MapEvidence[] {
  const { lines } = parseResults(readFileSync(path.join(out, 'results.jsonl'), 'utf8'));
  return (lines[0] as ResultLine).explanations.map(({ evidence }) => evidence!);
}

const few = ['--evidence', '--evidence-orders', '6', '--evidence-steps', '4'];

describe('explain --evidence', () => {
  test('says its cost before, and beside each map what speaks for it', async () => {
    const out = path.join(makeTemporaryFolder(), 'run');
    const flags = ['--method', 'grad-cam,random-cam', ...few];
    const { code, stdout, stderr } = await explain(out, ...flags);
    expect(code, stderr).toBe(0);
    // Seven curves of five points each, for two maps.
    expect(stderr).toMatch(/^(.*\n)*.*evidence: 35 forward passes for each map, 70 for the 2 maps/);
    const [cam, random] = readEvidence(out);
    expect(cam).toMatchObject({ rating: 'supported', randomBaseline: { asLow: 0, maps: 6 } });
    expect(cam!.deletion).toBeLessThan(cam!.randomBaseline!.least);
    expect(Math.abs(cam!.randomised ?? 0)).toBeLessThan(0.5);
    // RandomCAM knows nothing of the class.
    expect(random!.rating).toBe('unsupported');
    for (const { verdict } of [cam!, random!]) expect(stdout).toContain(`\n    ${verdict}\n`);
    const run = JSON.parse(readFileSync(path.join(out, 'run.json'), 'utf8')) as object;
    expect(run).toMatchObject({ settings: { evidence: { orders: 6, steps: 4, seed: 1 } } });

    // A changed setting would mix numbers of two kinds.
    const other = await explain(out, ...flags, '--resume', '--evidence-seed', '2');
    expect(other.code).toBe(64);
    expect(other.stderr).toMatch(
      /--evidence was {"orders":6,"steps":4,"seed":1} and is .*"seed":2}/,
    );
    expect((await explain(out, ...flags, '--resume')).code).toBe(0);
  });

  test('has the same numbers for the same seed, and others for another', async () => {
    const folder = makeTemporaryFolder();
    const [first, second, third] = await Promise.all(
      ['1', '1', '5'].map(async (seed, i) => {
        const out = path.join(folder, `${i}`);
        const { code, stderr } = await explain(out, ...few, '--evidence-seed', seed);
        expect(code, stderr).toBe(0);
        return readEvidence(out)[0]!;
      }),
    );
    expect(second).toEqual(first);
    expect(third!.deletion).toBe(first!.deletion);
    expect(third!.randomBaseline).not.toEqual(first!.randomBaseline);
  });

  test.each([
    [['--evidence-steps', '5'], /--evidence-steps needs --evidence/],
    [['--evidence', '--evidence-orders', '0'], /--evidence-orders/],
    [['--evidence', '--evidence-seed', 'x'], /--evidence-seed/],
  ])('%j is refused', async (flags, message) => {
    const { code, stderr } = await explain(path.join(makeTemporaryFolder(), 'run'), ...flags);
    expect([code, stderr.split('\n').length]).toEqual([64, 2]);
    expect(stderr).toMatch(message);
  });
});
