import { describeModel, prepareInput, type InputDescription } from '@gradcam/core';
import { openModelFolder, readImage } from '@gradcam/core/node';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import npyjs from 'npyjs';
import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { hasSharedData, makeTemporaryFolder, root, runCommand, sharedData } from './run-command.ts';
import { models } from './demo-nets.ts';

const scene = path.join(root, 'demo/scenes/cat-and-dog.png');

/** Pixels of the model's size as the library resizes them, without the preprocessing of the model. */
async function readPixels(file: string, input: InputDescription): Promise<ort.Tensor> {
  const asPixels = { ...input, scale: 1, mean: [0, 0, 0], std: [1, 1, 1], channelOrder: 'rgb' };
  const { values } = prepareInput(await readImage(file), asPixels as InputDescription);
  return new ort.Tensor('float32', values.data, [...values.shape]);
}

/** Raw maps of a run of `explain`, in the order of its line. */
async function explainRaw(image: string, flags: readonly string[]): Promise<Float32Array[]> {
  const out = path.join(makeTemporaryFolder(), 'run');
  const { code, stdout, stderr } = await runCommand([
    ...['explain', image, ...flags, '--out', out, '--save', 'raw', '--json'],
  ]);
  expect(code, stderr).toBe(0);
  const line = JSON.parse(stdout) as { explanations: { files: { raw: string } }[] };
  return line.explanations.map(({ files }) => {
    const bytes = new Uint8Array(readFileSync(path.join(out, files.raw)));
    return new npyjs().parse(bytes.buffer).data as Float32Array;
  });
}

const cases = [
  ['demo-resnet', 'grad-cam', 'auto', 'argmax', 'top1'],
  ['demo-resnet', 'layer-cam', 'block2', 'cat', 'cat'],
  ['demo-resnet', 'cam', 'auto', 'dog', 'dog'],
  ['demo-resnet', 'guided-grad-cam', 'auto', '3', '3'],
  ['demo-vgg', 'grad-cam++', 'auto', 'argmax', 'top1'],
  ['demo-vgg', 'xgrad-cam', 'auto', 'not:cat', 'not:cat'],
  ['demo-vgg', 'input-x-gradient', 'auto', 'cat:dog', 'cat:dog'],
] as const;

describe('the exported file gives what explain gives', () => {
  test.each(cases)('%s, %s at %s of %s', async (model, method, layer, target, asked) => {
    const out = path.join(makeTemporaryFolder(), 'explained.onnx');
    const flags = ['--model', model, '--models', models, '--method', method, '--layer', layer];
    const { code, stdout, stderr } = await runCommand([
      ...['export', ...flags, '--target', target, '--out', out],
    ]);
    expect([code, stdout]).toEqual([0, `${out}\n`]);
    expect(stderr).toMatch(/^\S+ at \S+ \(\d+ x \d+\), target /);
    expect(stderr).toMatch(/image +float32 \[batch, 128, 128, 3\] +RGB pixels 0..255/);
    expect(readdirSync(path.dirname(out))).toEqual(['explained.onnx']);

    const { input } = await describeModel(openModelFolder(path.join(models, model)));
    const session = await ort.InferenceSession.create(out);
    const { raw } = await session.run({ image: await readPixels(scene, input) });
    await session.release();
    const [expected] = await explainRaw(scene, [...flags, '--target', asked]);
    expect(raw!.data).toEqual(expected);
  });

  const mobilenet = 'mobilenet_v1_0.25_224';
  test.skipIf(!hasSharedData(mobilenet))('the real MobileNet on the real photo', async () => {
    const out = path.join(makeTemporaryFolder(), 'mobilenet.onnx');
    const folder = path.join(sharedData, mobilenet);
    const labels = path.join(sharedData, 'imagenet_synset_labels.txt');
    const flags = ['--model', folder, '--input-range=-1..1', '--labels', labels];
    const { code, stderr } = await runCommand([
      'export',
      ...flags,
      '--target',
      'input',
      '--out',
      out,
    ]);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('assumed: channels are RGB (state it with --channels)');

    const photo = path.join(sharedData, 'images/cat_dog.png');
    const { input } = await describeModel(openModelFolder(folder), { inputRange: '-1..1' });
    const session = await ort.InferenceSession.create(out);
    const image = await readPixels(photo, input);
    const expected = await explainRaw(photo, [
      ...flags,
      '--target',
      'top1',
      '--target',
      'tiger cat',
    ]);
    for (const [i, index] of [-1n, 282n].entries()) {
      const target = new ort.Tensor('int64', BigInt64Array.of(index));
      const fetched = await session.run({ image, target });
      // 242 is the boxer.
      expect([...(fetched['class']!.data as BigInt64Array)]).toEqual([i === 0 ? 242n : 282n]);
      expect(fetched['raw']!.data).toEqual(expected[i]);
    }
    await session.release();
  });
});

describe('files and streams', () => {
  const good = ['export', '--model', 'demo-resnet', '--models', models];

  test('--json prints one object that names the files and all that the file takes and gives', async () => {
    const out = path.join(makeTemporaryFolder(), 'new/folder/e.onnx');
    const flags = ['--out', out, '--json', '--quiet', '--external-data'];
    const { code, stdout, stderr } = await runCommand([...good, ...flags]);
    expect([code, stderr]).toEqual([0, '']);
    const printed = JSON.parse(stdout) as {
      files: { file: string; bytes: number }[];
      metadata: Record<string, string>;
    };
    expect(printed).toMatchObject({
      method: 'grad-cam',
      layer: 'block3',
      grid: [8, 8],
      target: 'argmax',
      inputs: [{ name: 'image', type: 'float32', shape: ['batch', 128, 128, 3] }],
    });
    expect(printed.files.map(({ file, bytes }) => [file, bytes])).toEqual([
      [out, statSync(out).size],
      [`${out}.data`, statSync(`${out}.data`).size],
    ]);
    expect(printed.metadata['gradcam.model']).toBe('demo-resnet');
    expect(printed.metadata['gradcam.model.sha256']).toMatch(/^[0-9a-f]{64}$/);
    // The runtime finds the weights beside the model.
    const session = await ort.InferenceSession.create(out);
    expect(session.outputNames).toEqual([
      ...['logits', 'probabilities', 'class', 'score', 'raw', 'heatmap'],
    ]);
    await session.release();
  });

  test('--fit, --crop and --resize are what the file says of images', async () => {
    const out = path.join(makeTemporaryFolder(), 'x.onnx');
    const model = ['--model', 'demo-resnet', '--models', models, '--out', out, '--json'];
    const placing = ['--fit', 'squash', '--crop', '0.75', '--resize', 'bicubic'];
    const { code, stdout, stderr } = await runCommand(['export', ...model, ...placing]);
    expect(code, stderr).toBe(0);
    const { metadata } = JSON.parse(stdout) as { metadata: Record<string, string> };
    expect(JSON.parse(metadata['gradcam.fit']!)).toMatchObject({
      fit: 'squash',
      cropFraction: 0.75,
      resize: 'bicubic-antialias',
    });
  });

  test('an existing file is replaced whole', async () => {
    const folder = makeTemporaryFolder();
    const out = path.join(folder, 'e.onnx');
    writeFileSync(out, 'old');
    const { code } = await runCommand([...good, '--out', out]);
    expect(code).toBe(0);
    expect(statSync(out).size).toBeGreaterThan(1e6);
    expect(readdirSync(folder)).toEqual(['e.onnx']);
  });

  test.each([
    [
      'a method without a graph',
      ['--method', 'score-cam'],
      64,
      /score-cam cannot be exported: it runs the model many times; exportable are grad-cam,/,
    ],
    ['a method that is not there', ['--method', 'grad-cm'], 64, /no method 'grad-cm'/],
    [
      'CAM where it is not defined',
      ['--method', 'cam', '--layer', 'block1'],
      64,
      /cam needs a layer that is followed by the mean/,
    ],
    [
      'several classes',
      ['--target', 'top3'],
      64,
      /target top3 names 3 classes and a file explains one/,
    ],
    ['an unknown class', ['--target', 'dogg'], 64, /no class 'dogg'; near: dog/],
    ['an unknown layer', ['--layer', 'block9'], 64, /no layer 'block9'/],
    [
      'an unknown pixel type',
      ['--pixels', 'float16'],
      64,
      /--pixels takes float32, uint8; got 'float16'/,
    ],
    [
      'an unknown precision',
      ['--precision', 'half'],
      64,
      /--precision takes float64, float32; got 'half'/,
    ],
    [
      'a model that is not there',
      ['--model', 'nothing'],
      66,
      /model 'nothing' is not a model folder/,
    ],
  ])('%s', async (_, flags, exitCode, message) => {
    const folder = makeTemporaryFolder();
    const { code, stdout, stderr } = await runCommand([
      ...[...good, '--out', path.join(folder, 'e.onnx'), ...flags],
    ]);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect([code, stdout, readdirSync(folder)]).toEqual([exitCode, '', []]);
  });

  test('a place that cannot be written leaves nothing behind', async () => {
    const folder = makeTemporaryFolder();
    const file = path.join(folder, 'file');
    writeFileSync(file, 'mine');
    const below = await runCommand([...good, '--out', path.join(file, 'e.onnx')]);
    expect([below.code, below.stderr]).toEqual([
      73,
      `gradcam: ${file}: cannot be created (EEXIST)\n`,
    ]);
    const taken = path.join(folder, 'taken.onnx');
    mkdirSync(path.join(taken, 'full'), { recursive: true });
    const over = await runCommand([...good, '--out', taken]);
    expect(over.code).toBe(74);
    expect(over.stderr).toMatch(/taken\.onnx: cannot be written \(E/);
    expect(readdirSync(folder).sort()).toEqual(['file', 'taken.onnx']);
    expect(existsSync(path.join(taken, 'full'))).toBe(true);
  });

  test('a model with broken weights writes nothing', async () => {
    const folder = makeTemporaryFolder();
    const source = path.join(models, 'demo-resnet');
    for (const name of readdirSync(source)) {
      const bytes = readFileSync(path.join(source, name));
      writeFileSync(
        path.join(folder, name),
        name === 'model.json' ? bytes : bytes.subarray(0, 100),
      );
    }
    const out = path.join(makeTemporaryFolder(), 'e.onnx');
    const { code, stdout } = await runCommand(['export', '--model', folder, '--out', out]);
    expect([code, stdout, existsSync(out)]).toEqual([65, '', false]);
  });
});
