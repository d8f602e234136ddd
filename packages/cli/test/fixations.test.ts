import { parseResults, type ResultLine } from '@gradcam/core';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { makeTemporaryFolder, root, runCommand } from './run-command.ts';
import { models } from './demo-nets.ts';

type Places = readonly (readonly [row: number, column: number])[];

/** `tools/oracles/fixation_cases.py`: by net, scene and class, walked in float64. */
type StoredPoints = Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, { readonly kept: Places }>>>>>
>;

const stored = JSON.parse(
  readFileSync(path.join(root, 'packages/core/test/fixtures/fixations/demo.json'), 'utf8'),
) as StoredPoints;

test.each(Object.keys(stored))('%s on scenes of its own size: the points of NumPy', async (net) => {
  const out = path.join(makeTemporaryFolder(), 'run');
  const scenes = Object.keys(stored[net]!);
  const { code, stderr } = await runCommand([
    ...['explain', ...scenes.map((name) => path.join(root, `demo/scenes/${name}.png`))],
    ...['--model', net, '--models', models, '--method', 'cnn-fixations', '--target', 'top2'],
    ...['--save', 'raw', '--out', out],
  ]);
  expect(code, stderr).toBe(0);
  const { lines } = parseResults(readFileSync(path.join(out, 'results.jsonl'), 'utf8'));
  scenes.forEach((scene, i) => {
    const { explanations } = lines[i] as ResultLine;
    const found = explanations.map(({ target, points = [] }) => [
      String(target.index),
      points.flatMap(({ x, y, count }) => Array.from({ length: count }, () => [y, x])),
    ]);
    const expected = Object.entries(stored[net]![scene]!).map(([index, { kept }]) => [index, kept]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
  });
});
