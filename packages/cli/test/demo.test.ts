import { parseResults, type ResultExplanation, type ResultLine } from '@gradcam/core';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import npyjs from 'npyjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root, runCommand } from './run-command.ts';
import { models } from './demo-nets.ts';

interface Scene {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly objects: readonly {
    readonly class: string;
    readonly index: number;
    readonly box: { x: number; y: number; width: number; height: number };
  }[];
}

/** `demo/expected.json`: TensorFlow in float64 on the scenes that need no resizing. */
interface ExpectedNet {
  readonly endpoint: string;
  readonly scenes: readonly {
    readonly file: string;
    readonly logits: readonly number[];
    readonly gradCam: readonly { readonly index: number; readonly raw: readonly number[] }[];
  }[];
}

/** Float32 against float64 over some twenty layers: about 1e-6 of the scale, with a wide margin. */
const TOLERANCE = 1e-4;

const scenes = readJson<Scene[]>('demo/scenes/scenes.json');

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(path.join(root, file), 'utf8')) as T;
}

interface DemoModel {
  readonly model: string;
  /** Whose weights it has: the key of `demo/expected.json`. */
  readonly net: string;
  /** The layer that `auto` takes, by its name in this model. */
  readonly layer: string;
  /** What `--model` is. */
  readonly at: readonly string[];
}

/** The nets that `npm run demo` explains; the third is the first again, as PyTorch exported it. */
const demoModels: readonly DemoModel[] = [
  ...['demo-resnet', 'demo-vgg'].map((net) => ({
    model: net,
    net,
    layer: readJson<Record<string, ExpectedNet>>('demo/expected.json')[net]!.endpoint,
    at: [net, '--models', models],
  })),
  {
    model: 'demo/pytorch/demo-resnet.onnx',
    net: 'demo-resnet',
    layer: 'layer3.2/relu_24',
    at: [path.join(root, 'demo/pytorch')],
  },
];

describe.each(demoModels)('$model on the sample scenes', ({ net, layer, at }) => {
  const out = path.join(mkdtempSync(path.join(tmpdir(), 'gradcam-demo-')), 'run');
  const classes = [...new Set(scenes.flatMap(({ objects }) => objects.map((one) => one.class)))];
  let lines: readonly ResultLine[];

  // One run explains every class of every scene.
  beforeAll(async () => {
    const { code, stderr } = await runCommand([
      ...['explain', ...scenes.map(({ file }) => path.join(root, 'demo/scenes', file))],
      ...['--model', ...at, '--out', out, ...classes.flatMap((name) => ['--target', name])],
    ]);
    expect(code, stderr).toBe(0);
    lines = parseResults(readFileSync(path.join(out, 'results.jsonl'), 'utf8'))
      .lines as ResultLine[];
    expect(lines).toHaveLength(scenes.length);
  });
  afterAll(() => rmSync(path.dirname(out), { recursive: true, force: true }));

  const lineOf = (file: string): ResultLine =>
    lines.find(({ image }) => path.basename(image) === file)!;
  const explanationOf = (file: string, index: number): ResultExplanation =>
    lineOf(file).explanations.find(({ target }) => target.index === index)!;

  test.each(scenes)('$file: the top class is in the scene, the files are there', (scene) => {
    const line = lineOf(scene.file);
    expect(scene.objects.map(({ index }) => index)).toContain(line.predictions[0]!.index);
    expect(line).toMatchObject({ width: scene.width, height: scene.height });
    expect(line.explanations.map(({ target }) => target.label)).toEqual(classes);
    for (const { files } of line.explanations) {
      expect(Object.keys(files)).toEqual(['overlay', 'heatmap', 'raw']);
      for (const file of Object.values(files)) expect(existsSync(path.join(out, file))).toBe(true);
    }
  });

  test('run.json names the net and counts the scenes', () => {
    expect(JSON.parse(readFileSync(path.join(out, 'run.json'), 'utf8'))).toMatchObject({
      schema: 1,
      status: 'done',
      model: { id: net },
      counts: { done: scenes.length, failed: 0 },
    });
  });

  test('the maps for cat and for dog peak in their own boxes', () => {
    const { file, objects } = scenes.find((scene) => scene.file === 'cat-and-dog.png')!;
    expect(objects).toHaveLength(2);
    for (const { box, index } of objects) {
      const { peak } = explanationOf(file, index);
      expect(peak.x).toBeGreaterThanOrEqual(box.x);
      expect(peak.x).toBeLessThan(box.x + box.width);
      expect(peak.y).toBeGreaterThanOrEqual(box.y);
      expect(peak.y).toBeLessThan(box.y + box.height);
    }
  });

  test('logits and raw maps are those of TensorFlow', () => {
    const expected = readJson<Record<string, ExpectedNet>>('demo/expected.json')[net]!;
    expect(expected.scenes.length).toBeGreaterThan(1);
    for (const { file, logits, gradCam } of expected.scenes) {
      const range = Math.max(...logits) - Math.min(...logits);
      for (const { index, logit } of lineOf(file).predictions) {
        expect(Math.abs(logit - logits[index]!)).toBeLessThan(TOLERANCE * range);
      }
      for (const { index, raw } of gradCam) {
        const explanation = explanationOf(file, index);
        expect(explanation).toMatchObject({ layer });
        compareMap(out, explanation, raw);
      }
    }
  });
});

function compareMap(out: string, { files }: ResultExplanation, want: readonly number[]): void {
  const bytes = readFileSync(path.join(out, files['raw']!));
  const got = new npyjs().parse(new Uint8Array(bytes).buffer).data as Float32Array;
  expect(got).toHaveLength(want.length);
  const scale = Math.max(...want.map(Math.abs));
  want.forEach((value, i) => expect(Math.abs(got[i]! - value)).toBeLessThan(TOLERANCE * scale));
}
