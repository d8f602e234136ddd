import type { ResultLine } from '@gradcam/core';
import { encodePng } from '@gradcam/core/node';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import npyjs from 'npyjs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeTemporaryFolder, root, startCommand } from './run-command.ts';

/** Narrow nets in files of PyTorch, and what PyTorch computes: `tools/oracles/write_torch_files.py`. */
const nets = path.join(root, 'packages/converter/test/fixtures/torch');

/** Of the largest value. ONNX Runtime's float32 differs from PyTorch's float64 by about 1e-6 in these nets. */
const TOLERANCE = 2e-5;
const SIZE = 64;
/** A picture for a net for small pictures, with an odd side. */
const SMALL = 33;
/** The numbers by which PyTorch's pictures were normalised. */
const [MEAN, DEVIATION] = ['0.485,0.456,0.406', '0.229,0.224,0.225'];

interface Expected {
  readonly best: number;
  readonly logits: { readonly float32: string };
  readonly activation: { readonly shape: readonly number[]; readonly float32: string };
  readonly gradient: { readonly float32: string };
}

interface GrayExpected extends Expected {
  readonly size: number;
  readonly head: string;
}

const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-test-'));
const image = path.join(folder, 'image.png');
const env = { GRADCAM_CACHE: path.join(folder, 'cache') };
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(() => drawPicture(image, SIZE));

/** The picture for which PyTorch computed: `draw_picture` in tools/oracles/torch_expectations.py. */
async function drawPicture(file: string, size: number): Promise<void> {
  const data = new Uint8Array(size * size * 3).map((_, i) => {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % size, Math.floor(i / 3 / size)];
    return (x * 7 + y * 13 + c * 29 + ((x * y) % 31) * 4) % 256;
  });
  writeFileSync(file, await encodePng({ width: size, height: size, channels: 3, data }));
}

function read(net: string): Expected {
  return JSON.parse(readFileSync(path.join(nets, `${net}.expected.json`), 'utf8')) as Expected;
}

function floats({ float32 }: { readonly float32: string }): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(float32, 'base64')).buffer);
}

/** Grad-CAM before its ReLU: the channels weighted by the means of their gradients. */
function gradCam({ activation, gradient }: Expected): Float32Array {
  const [rows = 0, columns = 0, channels = 0] = activation.shape;
  const [values, slopes] = [floats(activation), floats(gradient)];
  const cells = rows * columns;
  const map = new Float32Array(cells);
  for (let c = 0; c < channels; c++) {
    let weight = 0;
    for (let cell = 0; cell < cells; cell++) weight += slopes[cell * channels + c]! / cells;
    for (let cell = 0; cell < cells; cell++) map[cell]! += weight * values[cell * channels + c]!;
  }
  return map;
}

function expectClose(found: ArrayLike<number>, wanted: Float32Array): void {
  expect(found).toHaveLength(wanted.length);
  const scale = Math.max(...wanted.map(Math.abs));
  const worst = wanted.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i]!)), 0);
  expect(worst / scale).toBeLessThan(TOLERANCE);
}

async function run(...call: string[]) {
  const { code, stdout, stderr } = await startCommand(call, { env }).done;
  return { code, stdout, stderr };
}

async function explain(model: string, ...flags: string[]) {
  return explainPicture(image, '--model', model, ...flags);
}

async function explainPicture(picture: string, ...flags: string[]) {
  const out = path.join(makeTemporaryFolder(), 'run');
  const call = ['explain', picture, '--out', out, '--save', 'raw', '--json'];
  const { code, stdout, stderr } = await run(...call, ...flags);
  expect(code, stderr).toBe(0);
  return { out, stderr, line: JSON.parse(stdout) as ResultLine };
}

describe('files of PyTorch', () => {
  test.each([
    ['resnet_basic', 'resnet_basic.pth'],
    ['resnet_basic', 'resnet_basic.legacy.pth'],
    ['resnet_basic', 'resnet_basic.safetensors'],
    ['resnext', 'resnext.pth'],
  ])('%s: the scores and Grad-CAM of %s are those of PyTorch', async (net, file) => {
    const wanted = read(net);
    const model = path.join(makeTemporaryFolder(), 'model');
    const source = path.join(nets, file);
    const made = await run('convert', source, '--out', model, '--input-size', `${SIZE}`);
    expect(made.code, made.stderr).toBe(0);
    expect(made.stderr).toMatch(/assumed: the net is resnet/);
    const layer = net === 'resnext' ? 'layer3' : 'layer4';
    const { out, line, stderr } = await explain(model, '--crop', '1', '--layer', layer);
    expect(stderr).toMatch(/assumed: the net is resnet, which the names and shapes/);
    const logits = floats(wanted.logits);
    expect(line.predictions[0]!.index).toBe(wanted.best);
    for (const { index, logit } of line.predictions) {
      expect(Math.abs(logit! - logits[index]!) / Math.max(...logits.map(Math.abs))).toBeLessThan(
        TOLERANCE,
      );
    }
    const [explanation] = line.explanations;
    const raw = readFileSync(path.join(out, explanation!.files['raw']!));
    const map = await new npyjs().load(new Uint8Array(raw).buffer);
    expectClose(map.data as Float32Array, gradCam(wanted));
  });

  test('Grad-CAM through a shortcut that fills channels with zeros is that of PyTorch', async () => {
    const wanted = read('cifar_zeros');
    const model = path.join(makeTemporaryFolder(), 'model');
    const small = path.join(folder, 'small.png');
    await drawPicture(small, SMALL);
    const stated = ['--input-range', '0..1', '--mean', MEAN, '--std', DEVIATION];
    const source = path.join(nets, 'cifar_zeros.pth');
    const made = await run(
      'convert',
      source,
      '--out',
      model,
      '--input-size',
      `${SMALL}`,
      ...stated,
    );
    expect(made.stderr).toMatch(/assumed: the net is cifar_resnet, which .* ReLU, its strides/);
    const call = ['--model', model, '--layer', 'layer2', '--target', `${wanted.best}`];
    const { out, line } = await explainPicture(small, ...call);
    expect(line.predictions[0]!.index).toBe(wanted.best);
    const [explanation] = line.explanations;
    const raw = readFileSync(path.join(out, explanation!.files['raw']!));
    const map = await new npyjs().load(new Uint8Array(raw).buffer);
    expectClose(map.data as Float32Array, gradCam(wanted));
  });

  test('a file is explained as it is, at the size of most nets, with its classes numbered', async () => {
    const { line, stderr } = await explain(path.join(nets, 'resnet_basic.checkpoint.pth'));
    expect(stderr).toMatch(/was converted into .*converted-models/);
    expect(stderr).toMatch(/assumed: pictures are resized to 256 pixels \(bilinear\)/);
    expect(stderr).not.toMatch(/ImageNet/);
    expect(line.explanations[0]).toMatchObject({ layer: 'layer4', grid: [7, 7] });
  });

  test('labels and pixels that convert was told are kept', async () => {
    const labels = path.join(makeTemporaryFolder(), 'labels.txt');
    const names = ['ant', 'bee', 'cow', 'dog', 'elk', 'fox', 'gnu'];
    writeFileSync(labels, names.join('\n'));
    const model = path.join(makeTemporaryFolder(), 'model');
    const source = path.join(nets, 'resnet_basic.pth');
    const stated = ['--labels', labels, '--input-range', '0..1', '--channels', 'bgr', '--no-probe'];
    const made = await run('convert', source, '--out', model, ...stated);
    expect(made.code, made.stderr).toBe(0);
    const json = JSON.parse(readFileSync(path.join(model, 'model.json'), 'utf8'));
    const { gradcam } = json.userDefinedMetadata;
    expect(gradcam.labels).toEqual(names);
    expect(gradcam.input).toMatchObject({ mean: [0, 0, 0], std: [1, 1, 1], channelOrder: 'bgr' });
    expect(Object.keys(gradcam.assumed)).toEqual(['architecture']);
    writeFileSync(labels, names.slice(1).join('\n'));
    const wrong = await run('convert', source, '--out', model, '--labels', labels);
    expect(wrong.code).toBe(65);
    expect(wrong.stderr).toMatch(/expected 7 names of classes, .* found 6/);
  });

  test('a net for gray pictures with a head of its own: scores and Grad-CAM are those of PyTorch', async () => {
    const net = path.join(root, 'packages/converter/test/fixtures/torch-heads/resnet_gray');
    const wanted = JSON.parse(readFileSync(`${net}.expected.json`, 'utf8')) as GrayExpected;
    const { size, head } = wanted;
    const gray = path.join(makeTemporaryFolder(), 'gray.png');
    const data = new Uint8Array(size * size * 3).map((_, i) => {
      const [x, y] = [Math.floor(i / 3) % size, Math.floor(i / 3 / size)];
      return (x * 7 + y * 13 + ((x * y) % 31) * 4) % 256;
    });
    writeFileSync(gray, await encodePng({ width: size, height: size, channels: 3, data }));
    const model = path.join(makeTemporaryFolder(), 'model');
    const flags = ['--head', head, '--input-size', `${size}`, '--out', model];
    const made = await run('convert', `${net}.safetensors`, ...flags);
    expect(made.code, made.stderr).toBe(0);
    expect(made.stderr).toMatch(/the head is read as stated as fc\.0, fc\.1, GELU, fc\.4/);
    expect(made.stderr).toMatch(/assumed: pictures are made gray, .* --input-range/);
    const out = path.join(makeTemporaryFolder(), 'run');
    const call = ['--out', out, '--save', 'raw', '--json', '--crop', '1', '--layer', 'layer4'];
    const { code, stdout, stderr } = await run('explain', gray, '--model', model, ...call);
    expect(code, stderr).toBe(0);
    const line = JSON.parse(stdout) as ResultLine;
    expect(line.predictions[0]!.index).toBe(wanted.best);
    const found = new Float32Array(floats(wanted.logits).length);
    for (const { index, logit } of line.predictions) found[index] = logit!;
    const shown = floats(wanted.logits).map((logit, index) => (found[index] === 0 ? 0 : logit));
    expectClose(found, shown);
    const raw = readFileSync(path.join(out, line.explanations[0]!.files['raw']!));
    const map = await new npyjs().load(new Uint8Array(raw).buffer);
    expectClose(map.data as Float32Array, gradCam(wanted));
    // Without --head a ReLU stands there, and it is said each time.
    const plain = await run('convert', `${net}.safetensors`, '--out', model, '--no-probe');
    expect(plain.stderr).toMatch(/assumed: the head is fc\.0, fc\.1, ReLU, fc\.4, though/);
    const again = await run('explain', gray, '--model', model, '--out', path.join(out, 'again'));
    expect(again.stderr).toMatch(/assumed: the head is fc\.0, fc\.1, ReLU, fc\.4, though/);
  });

  test('inspect lists the tensors and names the net', async () => {
    const file = path.join(nets, 'resnet_basic.checkpoint.pth');
    const { code, stdout } = await run('inspect', file);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^torch-zip: \d+ tensors/);
    expect(stdout).toMatch(/module\.layer1\.0\.conv1\.weight +float32 +\[4, 4, 3, 3\]/);
    expect(stdout).toMatch(/weights of resnet \(ResNet of its own widths/);
    const json = await run('inspect', file, '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      format: 'torch-zip',
      model: { architecture: 'resnet', classes: 7 },
    });
  });

  test.each([
    ['--arch', 'resnet50', 65, /is no resnet50: .* have another shape/],
    ['--arch', 'resnet51', 66, /no architecture 'resnet51' .* did you mean 'resnet/],
    ['--input-size', '64x32', 64, /for square pictures; got 64x32/],
    ['--head', 'linear,maxout', 65, /head: 'maxout' is no module that is known here; known are/],
    ['--head', 'linear,relu,linear', 65, /its head has the layers fc \(linear\), which are not/],
  ])('convert %s %s is refused', async (flag, value, expected, message) => {
    const out = path.join(makeTemporaryFolder(), 'model');
    const source = path.join(nets, 'resnet_basic.pth');
    const { code, stderr } = await run('convert', source, '--out', out, flag, value);
    expect(stderr).toMatch(message);
    expect(code).toBe(expected);
  });

  test('a file that is missing is said to be, whatever is stated of it', async () => {
    const out = path.join(makeTemporaryFolder(), 'model');
    const missing = path.join(nets, 'resnet_basik.pth');
    const { code, stderr } = await run('convert', missing, '--out', out, '--head', 'relu');
    expect(code).toBe(66);
    expect(stderr).toMatch(/resnet_basik\.pth/);
    expect(stderr).not.toMatch(/is no file of PyTorch/);
  });
});
