import { parseResults, type ResultExplanation, type ResultLine } from '@gradcam/core';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import npyjs from 'npyjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeTemporaryFolder, root, runCommand } from './run-command.ts';

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
const models = path.join(root, 'packages/cli/test/.models');

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
  const isFetched = at.length > 1;
  beforeAll(async () => {
    if (!isFetched) return;
    const { code, stderr } = await runCommand(['fetch', net, '--models', models]);
    expect(code, stderr).toBe(0);
  });

  async function explainScene(scene: Scene): Promise<{ out: string; line: ResultLine }> {
    const out = path.join(makeTemporaryFolder(), 'run');
    const { code, stderr } = await runCommand([
      ...['explain', path.join(root, 'demo/scenes', scene.file)],
      ...['--model', ...at, '--out', out],
      ...scene.objects.flatMap((object) => ['--target', object.class]),
    ]);
    expect(code, stderr).toBe(0);
    const { lines } = parseResults(readFileSync(path.join(out, 'results.jsonl'), 'utf8'));
    return { out, line: lines[0] as ResultLine };
  }

  test.each(scenes)('$file: the top class is in the scene, the files are there', async (scene) => {
    const { out, line } = await explainScene(scene);
    expect(scene.objects.map(({ index }) => index)).toContain(line.predictions[0]!.index);
    expect(line).toMatchObject({ width: scene.width, height: scene.height });
    expect(line.explanations).toHaveLength(scene.objects.length);
    for (const { files } of line.explanations) {
      expect(Object.keys(files)).toEqual(['overlay', 'heatmap', 'raw']);
      for (const file of Object.values(files)) expect(existsSync(path.join(out, file))).toBe(true);
    }
    expect(JSON.parse(readFileSync(path.join(out, 'run.json'), 'utf8'))).toMatchObject({
      schema: 1,
      status: 'done',
      model: { id: net },
      counts: { done: 1, failed: 0 },
    });
  });

  test('the maps for cat and for dog peak in their own boxes', async () => {
    const scene = scenes.find(({ file }) => file === 'cat-and-dog.png')!;
    const { line } = await explainScene(scene);
    scene.objects.forEach(({ box, index }, i) => {
      const { peak, target } = line.explanations[i]!;
      expect(target.index).toBe(index);
      expect(peak.x).toBeGreaterThanOrEqual(box.x);
      expect(peak.x).toBeLessThan(box.x + box.width);
      expect(peak.y).toBeGreaterThanOrEqual(box.y);
      expect(peak.y).toBeLessThan(box.y + box.height);
    });
  });

  test('logits and raw maps are those of TensorFlow', async () => {
    const expected = readJson<Record<string, ExpectedNet>>('demo/expected.json')[net]!;
    expect(expected.scenes.length).toBeGreaterThan(1);
    for (const { file, logits, gradCam } of expected.scenes) {
      const scene = scenes.find((candidate) => candidate.file === file)!;
      const { out, line } = await explainScene(scene);
      const range = Math.max(...logits) - Math.min(...logits);
      for (const { index, logit } of line.predictions) {
        expect(Math.abs(logit - logits[index]!)).toBeLessThan(TOLERANCE * range);
      }
      gradCam.forEach(({ index, raw }, i) => {
        const explanation = line.explanations[i]!;
        expect(explanation).toMatchObject({ layer, target: { index } });
        compareMap(out, explanation, raw);
      });
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
