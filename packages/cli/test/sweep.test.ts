import { parseResults, type ResultLine } from '@gradcam/core';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { makeTemporaryFolder, root, runCommand, type CommandResult } from './run-command.ts';
import { models } from './demo-nets.ts';

const scene = path.join(root, 'demo/scenes/street.png');
/** Of demo/scenes/scenes.json. */
const [WIDTH, HEIGHT] = [384, 256];

function explainScene(out: string, ...flags: string[]): Promise<CommandResult> {
  return runCommand([
    ...['explain', scene, '--model', 'demo-vgg', '--models', models, '--out', out, ...flags],
  ]);
}

test('--sweep: a frame for each layer after an activation, for each target and method', async () => {
  const out = path.join(makeTemporaryFolder(), 'run');
  const { code, stdout, stderr } = await explainScene(
    out,
    ...['--sweep', '--target', 'car', '--target', 'dog', '--method', 'grad-cam,gradient'],
  );
  expect(code, stderr).toBe(0);
  expect(stderr).toContain('left out of the sweep: gradient; a sweep shows only maps at a layer');
  const { lines } = parseResults(readFileSync(path.join(out, 'results.jsonl'), 'utf8'));
  const { sweeps = [], explanations } = lines[0] as ResultLine;
  expect(sweeps.map(({ method, target }) => [method, target.label])).toEqual([
    ['grad-cam', 'car'],
    ['grad-cam', 'dog'],
  ]);
  // As demo/architecture.json has the net: the names of VGG's convolutions.
  const { layers } = sweeps[0]!;
  expect(layers[0]).toBe('conv1_1');
  expect(layers.at(-1)).toBe('conv5_2');
  expect([...layers].sort()).toEqual(layers);

  const file = path.join(out, sweeps[0]!.file);
  expect(stdout).toContain(
    `  sweep of car by grad-cam, ${layers.length} layers from conv1_1 to conv5_2: ${file}\n`,
  );
  const { pages, width, pageHeight, delay, loop } = await sharp(file, {
    animated: true,
  }).metadata();
  expect([pages, width, loop]).toEqual([layers.length, WIDTH, 0]);
  expect(pageHeight).toBeGreaterThan(HEIGHT + 40);
  expect(new Set(delay!.slice(0, -1))).toEqual(new Set([400]));
  expect(delay!.at(-1)).toBe(1600);

  // The last frame is the overlay at that layer, which is the net's default one; the first is not.
  expect(explanations[0]).toMatchObject({ method: 'grad-cam', layer: 'conv5_2' });
  const overlay = await sharp(path.join(out, explanations[0]!.files['overlay']!)).raw().toBuffer();
  const frame = async (page: number): Promise<Buffer> =>
    sharp(file, { page })
      .extract({ left: 0, top: 0, width: WIDTH, height: HEIGHT })
      .removeAlpha()
      .raw()
      .toBuffer();
  const distance = (a: Buffer, b: Buffer): number =>
    a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
  // WebP loses some levels of 255.
  expect(distance(await frame(layers.length - 1), overlay)).toBeLessThan(6);
  expect(distance(await frame(0), overlay)).toBeGreaterThan(8);
});

test('--sweep without a method that has maps at layers is refused', async () => {
  const out = path.join(makeTemporaryFolder(), 'run');
  const { code, stdout, stderr } = await explainScene(out, '--sweep', '--method', 'gradient,rise');
  expect([code, stdout]).toEqual([64, '']);
  expect(stderr).toMatch(/--sweep takes methods .* as grad-cam; got gradient, rise/);
});
