import { methods } from '@gradcam/core';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatDuration } from '../src/costs/estimate.ts';
import { runCommand } from './run-command.ts';
import { models } from './demo-nets.ts';

interface Row {
  readonly name: string;
  readonly runs?: { forwards: number; toLayer: number; toInput: number; tails: number };
  readonly ms?: number;
  readonly kind: string;
  readonly reason?: string;
}

async function listCosts(model: string, ...flags: string[]): Promise<(name: string) => Row> {
  const { code, stdout, stderr } = await runCommand([
    ...['methods', '--model', model, '--models', models, '--json', ...flags],
  ]);
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(/ at .* on .*: a forward pass takes/);
  const rows = JSON.parse(stdout) as Row[];
  expect(rows.map(({ name }) => name)).toEqual(methods.map(({ name }) => name));
  return (name) => rows.find((row) => row.name === name)!;
}

describe('gradcam methods', () => {
  test('lists the registry with what each shows and costs', async () => {
    const { code, stdout, stderr } = await runCommand(['methods']);
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.trim().split('\n');
    expect(lines.map((line) => line.split(' ')[0])).toEqual(methods.map(({ name }) => name));
    methods.forEach(({ summary, cost }, i) => {
      expect(lines[i]).toContain(summary);
      expect(lines[i]).toContain(cost);
    });
  });

  test('counts the runs on a net', async () => {
    const of = await listCosts('demo-resnet');
    // Each explanation begins with one pass, which goes back to the layer where a method reads gradients.
    const base = { forwards: 1, toLayer: 1, toInput: 0, tails: 0 };
    const free = { ...base, toLayer: 0 };
    expect(of('grad-cam').runs).toEqual(base);
    expect(of('eigen-cam').runs).toEqual(free);
    expect(of('random-cam').runs).toEqual(free);
    expect(of('eigen-grad-cam').runs).toEqual(base);
    expect(of('gradient').runs).toEqual({ ...free, toInput: 1 });
    expect(of('guided-backprop').runs).toEqual({ ...base, forwards: 2, toInput: 1 });
    // Once more for the activations, and for each of block3's 256 channels (demo/architecture.json).
    expect(of('score-cam').runs).toEqual({ ...free, forwards: 2 + 256 });
    // The mean and one linear layer behind: the answer is in a gradient.
    expect(of('ablation-cam').runs).toEqual({ ...base, forwards: 2 });
    expect(of('smoothgrad').runs).toEqual({ ...base, forwards: 2 + 50, toInput: 50 });
    // The image, the blank image, and 50 points between.
    expect(of('integrated-gradients').runs).toEqual({ ...base, forwards: 3 + 50, toInput: 50 });
    // Windows of 128 / 7, in steps of 9: 13 that fit and one at the border, either way.
    expect(of('occlusion').runs).toEqual({ ...free, forwards: 3 + 14 * 14 });
    // Once more, with the gradient at the image and at every bias on the way.
    expect(of('full-grad').runs).toEqual({ ...base, forwards: 2, toInput: 1 });
    expect(of('rise').runs).toEqual({ ...free, forwards: 2 + 4000 });
    expect(of('rise').ms!).toBeGreaterThan(100 * of('grad-cam').ms!);
  });

  test('says what cannot be used on a net, and looks at the layer that is named', async () => {
    const of = await listCosts('demo-vgg', '--layer', 'conv4_2', '--engine', 'wasm');
    expect(of('cam')).toMatchObject({
      kind: 'unsupported',
      reason: expect.stringContaining("which 'conv4_2' is not") as string,
    });
    // As many replays of the layers behind as conv4_2 has channels.
    const inspect = await runCommand(['inspect', path.join(models, 'demo-vgg'), '--json']);
    const { layers } = JSON.parse(inspect.stdout) as {
      layers: { name: string; shape: number[] }[];
    };
    const [, , channels] = layers.find(({ name }) => name === 'conv4_2')!.shape;
    expect(of('ablation-cam').runs).toMatchObject({ forwards: 2, tails: channels });
  });

  test('no method is refused on the demo nets that works there', async () => {
    for (const model of ['demo-resnet', 'demo-vgg']) {
      const of = await listCosts(model);
      const refused = methods.filter(({ name }) => of(name).kind === 'unsupported');
      // demo-vgg has dense layers behind its last convolution: CAM is not defined there.
      expect(refused.map(({ name }) => name)).toEqual(model === 'demo-vgg' ? ['cam'] : []);
    }
  });

  test('a layer that is not there', async () => {
    const args = ['methods', '--model', 'demo-vgg', '--models', models, '--layer', 'conv9'];
    const { code, stdout, stderr } = await runCommand(args);
    expect([code, stdout]).toEqual([64, '']);
    expect(stderr).toMatch(/no layer 'conv9'; did you mean/);
  });
});

describe('gradcam bench', () => {
  test('times the engines that are asked for', async () => {
    const { code, stdout, stderr } = await runCommand([
      ...['bench', '--model', 'demo-vgg', '--models', models, '--json', '--rounds', '2'],
      ...['--engine', 'onnx,cpu', '--layer', 'conv4_2'],
    ]);
    expect(code, stderr).toBe(0);
    const found = JSON.parse(stdout) as {
      engines: {
        engine: string;
        timings: Record<string, number>;
        ratios: Record<string, number>;
      }[];
    };
    expect(found).toMatchObject({
      model: 'demo-vgg',
      layer: 'conv4_2',
      size: [128, 128],
      rounds: 2,
    });
    expect(found.engines.map(({ engine }) => engine)).toEqual(['onnx-cpu', 'tfjs-cpu']);
    for (const { timings, ratios } of found.engines) {
      expect(Math.min(...Object.values(timings))).toBeGreaterThan(0);
      expect(ratios['gradCam']).toBe(timings['gradCam']! / timings['forward']!);
      expect(ratios['guidedBackprop']).toBe(timings['guidedBackprop']! / timings['forward']!);
    }
  });

  test('as a table', async () => {
    const { code, stdout, stderr } = await runCommand([
      ...['bench', '--model', 'demo-vgg', '--models', models, '--rounds', '1', '--engine', 'wasm'],
    ]);
    expect(code, stderr).toBe(0);
    const [head, names, row] = stdout.trim().split('\n');
    expect(head).toBe('demo-vgg, 128x128, at conv5_2; median of 1 rounds');
    expect(names).toMatch(/^engine +open +forward +Grad-CAM +guided backprop$/);
    expect(row).toMatch(
      /^tfjs-wasm( +\d[\d.]* m?s){3} \(\d+\.\d\d x\) +\d[\d.]* m?s \(\d+\.\d\d x\)$/,
    );
  });

  test.each([
    [['--rounds', '0'], 64, /--rounds takes a whole number from 1; got '0'/],
    [['--engine', 'abacus'], 64, /--engine takes .*; got 'abacus'/],
    [['--layer', 'conv9'], 64, /no layer 'conv9'/],
  ])('refuses %s', async (flags, exitCode, message) => {
    const args = ['bench', '--model', 'demo-vgg', '--models', models, ...flags];
    const { code, stdout, stderr } = await runCommand(args);
    expect(stderr).toMatch(message);
    expect([code, stdout]).toEqual([exitCode, '']);
  });
});

test.each([
  [0.46, '0.5 ms'],
  [12.4, '12 ms'],
  [1234, '1.2 s'],
  [40_000, '40 s'],
  [840_000, '14 min'],
])('%d ms is %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
