import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeTemporaryFolder, root, runCommand, startCommand } from './run-command.ts';

const fixtures = path.join(root, 'packages/core/test/fixtures/onnx');
const resnet = path.join(fixtures, 'resnet.torchscript-open.onnx');
const scene = path.join(root, 'demo/scenes/cat-and-dog-128.png');

/** A folder of Hugging Face: the file in `onnx`, what is said of it above. */
function makeFolder(): string {
  const folder = makeTemporaryFolder();
  mkdirSync(path.join(folder, 'onnx'));
  copyFileSync(resnet, path.join(folder, 'onnx/model.onnx'));
  const names = ['cat', 'dog', 'cow', 'hen', 'pig', 'ant', 'bee'];
  writeFileSync(
    path.join(folder, 'config.json'),
    JSON.stringify({ model_type: 'resnet', id2label: { ...names } }),
  );
  const processor = { do_normalize: true, image_mean: [0.5, 0.4, 0.3], image_std: [0.2, 0.2, 0.2] };
  writeFileSync(
    path.join(folder, 'preprocessor_config.json'),
    JSON.stringify({ ...processor, image_processor_type: 'ViTImageProcessor', size: 32 }),
  );
  return folder;
}

describe('an ONNX file', () => {
  test('is explained; the proof of its translation is printed once and kept', async () => {
    const folder = makeTemporaryFolder();
    const explain = (out: string) =>
      startCommand(
        [
          ...['explain', scene, '--model', resnet, '--out', path.join(folder, out)],
          ...['--json', '--debug', '--layer', 'layer1', '--method', 'grad-cam,guided-backprop'],
        ],
        { env: { XDG_CACHE_HOME: path.join(folder, 'cache') } },
      ).done;
    const { code, stdout, stderr } = await explain('one');
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/debug: the translation computes what the file says: /);
    expect(stderr).toMatch(/assumed: pixels are scaled to 0\.\.1 \(state it with --input-range/);
    const { explanations } = JSON.parse(stdout) as { explanations: object[] };
    expect(explanations).toMatchObject([
      { method: 'grad-cam', layer: 'layer1', grid: [8, 8] },
      { method: 'guided-backprop', grid: [32, 32] },
    ]);
    const again = await explain('two');
    expect(again.stderr).toMatch(/debug: the translation .* \(found before\)/);
  });

  test('in a folder, with what lies around it', async () => {
    const { code, stdout, stderr } = await runCommand(['inspect', makeFolder()]);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/read from config\.json: 7 class names/);
    expect(stderr).toMatch(/read from preprocessor_config\.json: 32x32, pixels as/);
    expect(stdout).toMatch(/^\* layer2\.1\.relu:1 +relu +4x4x16/m);
    expect(stdout).toMatch(/\/layer2\/layer2\.1\/relu_1\/Relu/);
  });

  test('is exported with its explanation', async () => {
    const out = path.join(makeTemporaryFolder(), 'explained.onnx');
    const { code, stderr } = await runCommand(['export', '--model', resnet, '--out', out]);
    expect(code, stderr).toBe(0);
  });

  test.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, 30_000), /is damaged at its byte \d+/],
    [
      'of another program',
      () => Buffer.from('GIF89a, no net'),
      /net\.onnx is damaged|has no graph/,
    ],
  ])('%s: one line', async (_, damage, message) => {
    const file = path.join(makeTemporaryFolder(), 'net.onnx');
    writeFileSync(file, damage(readFileSync(resnet)));
    const { code, stderr } = await runCommand(['inspect', file]);
    expect(code).toBe(65);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(message);
  });
});

/**
 * The picture is resized to whole levels by their program and by ours, which differ by one level here and there:
 * 1 / 255 / 0.225 of an input each. The logits then differ by 4e-4.
 */
const RESIZED_LOGITS = 2e-3;

test('a folder of transformers: names and logits are those of its own processor and model', async () => {
  const folder = path.join(root, 'packages/core/test/fixtures/hugging-face');
  const expected = JSON.parse(readFileSync(path.join(folder, 'expected.json'), 'utf8')) as {
    readonly image: string;
    readonly labels: readonly string[];
    readonly logits: readonly number[];
  };
  const { code, stdout, stderr } = await runCommand([
    ...['explain', path.join(root, expected.image), '--model', folder, '--json'],
    ...['--out', path.join(makeTemporaryFolder(), 'run')],
  ]);
  expect(code, stderr).toBe(0);
  const { predictions } = JSON.parse(stdout) as {
    readonly predictions: readonly { index: number; label: string; logit: number }[];
  };
  expect(predictions).toHaveLength(expected.labels.length);
  for (const { index, label, logit } of predictions) {
    expect(label).toBe(expected.labels[index]);
    expect(Math.abs(logit - expected.logits[index]!)).toBeLessThan(RESIZED_LOGITS);
  }
});
