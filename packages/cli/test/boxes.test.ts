import { parseResult, validateRun, type ResultLine } from '@gradcam/core';
import { encodePng } from '@gradcam/core/node';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeTemporaryFolder, root, runCommand } from './run-command.ts';

/** Detectors and an embedding by Keras, boxes by NumPy: `tools/oracles/detectors.py`. */
const nets = path.join(root, 'packages/core/test/fixtures/detectors');

/** Float32 against float64, of a score 0..1 and of a box's pixels. */
const ROUNDING = 1e-4;

interface Pixels {
  readonly shape: readonly [number, number, number];
  readonly uint8: string;
}

interface Expected {
  readonly pixels: Pixels;
  readonly reference?: Pixels;
  readonly found: readonly {
    readonly class: number;
    readonly score: number;
    readonly box: readonly [number, number, number, number];
  }[];
  readonly cases: Readonly<Record<string, { readonly class: number; readonly score: number }>>;
  readonly case: { readonly score: number };
}

function readExpected(net: string): Expected {
  return JSON.parse(readFileSync(path.join(nets, net, 'expected.json'), 'utf8')) as Expected;
}

const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-test-'));
const image = path.join(folder, 'image.png');
const reference = path.join(folder, 'other.png');
const labels = path.join(folder, 'labels.txt');

async function writePicture(file: string, { shape, uint8 }: Pixels): Promise<void> {
  const [height, width] = shape;
  const data = Uint8Array.from(Buffer.from(uint8, 'base64'));
  writeFileSync(file, await encodePng({ width, height, channels: 3, data }));
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(async () => {
  const { pixels, reference: other } = readExpected('embedding');
  await writePicture(image, pixels);
  await writePicture(reference, other!);
  writeFileSync(labels, 'ant\nbee\ncow\n');
});

function explain(net: string, ...args: string[]) {
  const out = path.join(makeTemporaryFolder(), 'run');
  const given = ['explain', image, '--model', path.join(nets, net), '--out', out, ...args];
  return runCommand([...given, '--layer', 'features', '--save', 'overlay']).then((result) => ({
    ...result,
    out,
    line: (): ResultLine => {
      const text = readFileSync(path.join(out, 'results.jsonl'), 'utf8').trim();
      return parseResult(text, 1) as ResultLine;
    },
  }));
}

function expectBoxes({ predictions }: ResultLine, { found }: Expected): void {
  expect(predictions.map(({ index }) => index)).toEqual(found.map((one) => one.class));
  predictions.forEach(({ probability, box }, i) => {
    const wanted = found[i]!;
    expect(Math.abs(probability! - wanted.score)).toBeLessThan(ROUNDING);
    const { x, y, width, height } = box!;
    [x, y, x + width, y + height].forEach((value, k) =>
      expect(Math.abs(value - wanted.box[k]!)).toBeLessThan(ROUNDING),
    );
  });
}

test('--target box:1 and box:1:<class>: the boxes are listed and explained', async () => {
  const expected = readExpected('yolov5');
  const other = Object.entries(expected.cases).find(([key]) => /^box:1:/.test(key))![1];
  const name = ['ant', 'bee', 'cow'][other.class]!;
  const targets = ['--target', 'box:1', '--target', `box:1:${name}`];
  const run = await explain('yolov5', ...targets, '--labels', labels);
  expect(run.code, run.stderr).toBe(0);
  const line = run.line();
  expectBoxes(line, expected);
  const [first, second] = line.explanations;
  expect(Math.abs(first!.score - expected.cases['box:1']!.score)).toBeLessThan(ROUNDING);
  expect(Math.abs(second!.score - other.score)).toBeLessThan(ROUNDING);
  expect(second!.target).toMatchObject({ kind: 'box', label: name, box: 1 });
  expect(first!.target.at).toEqual(line.predictions[0]!.box);

  const best = line.predictions[0]!;
  expect(run.stdout).toContain(
    `box 1: ${best.label} ${(100 * best.probability!).toFixed(1)} % at x`,
  );
  expect(run.stdout).toContain(`box 1 (${name}) by grad-cam at features`);
  expect(run.stdout).toContain(`and ${expected.found.length - 10} more, in results.jsonl`);
  expect(run.stdout).toContain("note: assumed: boxes are in pixels of the model's input");
  expect(run.stderr).toContain('is read as boxes, as YOLOv5 writes them: [120, 8]');
});

test('a GraphModel: occlusion of its best box, which is what is explained by default', async () => {
  const expected = readExpected('graph');
  const args = ['--model', path.join(nets, 'graph'), '--method', 'occlusion', '--json'];
  const out = path.join(makeTemporaryFolder(), 'run');
  const { code, stdout, stderr } = await runCommand(['explain', image, ...args, '--out', out]);
  expect(code, stderr).toBe(0);
  const line = JSON.parse(stdout) as ResultLine;
  expectBoxes(line, expected);
  expect(line.explanations[0]!.target).toMatchObject({ kind: 'box', box: 1 });
});

test('--boxes states what shapes and values do not tell, and which boxes are listed', async () => {
  const expected = readExpected('ssd-scores');
  const run = await explain('ssd-scores', '--boxes', 'xyxy,pixels,sigmoid');
  expect(run.code, run.stderr).toBe(0);
  expectBoxes(run.line(), expected);
  expect(run.stdout).not.toContain('assumed: boxes');
  const { settings } = validateRun(
    JSON.parse(readFileSync(path.join(run.out, 'run.json'), 'utf8')),
  );
  expect(settings.input).toEqual({
    boxes: { form: 'xyxy', units: 'pixels', activation: 'sigmoid' },
  });

  const none = await explain('ssd-scores', '--boxes', 'score=1');
  expect(none.code, none.stderr).toBe(0);
  expect(none.stdout).toContain('blank map: the model finds no box with a score of 1 or more');

  const wrong = await explain('ssd-scores', '--boxes', 'yolov9');
  expect(wrong.code).toBe(64);
  expect(wrong.stderr).toMatch(
    /--boxes: expected yolov5, yolov8, yolox, ssd or none;.* got 'yolov9'/,
  );
});

test('what is assumed of every picture of a run is said once, and stands in every line', async () => {
  const out = path.join(makeTemporaryFolder(), 'run');
  const args = ['--model', path.join(nets, 'yolov5'), '--layer', 'features', '--out', out];
  const { code, stdout, stderr } = await runCommand(['explain', image, reference, ...args]);
  expect(code, stderr).toBe(0);
  expect(stdout.match(/assumed: boxes are in pixels/g)).toHaveLength(1);
  const lines = readFileSync(path.join(out, 'results.jsonl'), 'utf8').trim().split('\n');
  expect(lines.map((line) => line.includes('assumed: boxes are in pixels'))).toEqual([true, true]);
});

/** The map's exact values by an eigendecomposition are in the tests of the method. */
test('Eigen-CAM of a table that nobody knows how to read needs no target, and says so', async () => {
  const rawOf = async (...flags: string[]) => {
    const out = path.join(makeTemporaryFolder(), 'run');
    const net = ['--model', path.join(nets, 'yolov5'), '--layer', 'features', '--save', 'raw'];
    const given = ['explain', image, ...net, '--method', 'eigen-cam', '--out', out, ...flags];
    const { code, stdout, stderr } = await runCommand(given);
    expect(code, stderr).toBe(0);
    const text = readFileSync(path.join(out, 'results.jsonl'), 'utf8').trim();
    const [explanation] = (parseResult(text, 1) as ResultLine).explanations;
    return { stdout, raw: readFileSync(path.join(out, explanation!.files['raw']!)) };
  };
  const { stdout, raw } = await rawOf('--boxes', 'none');
  expect(stdout).toContain(
    "eigen-cam looks at no target: the output's first number, element:0,0, is named in its place",
  );
  // The same map as of the box that a detector is explained by.
  expect(raw).toEqual((await rawOf()).raw);

  const both = await explain('yolov5', '--boxes', 'none', '--method', 'eigen-cam,grad-cam');
  expect([both.code, both.stderr]).toEqual([
    64,
    expect.stringContaining('without classes; give element:<i,j,..>'),
  ]);
});

test('inspect and describe take --boxes; --write keeps it, and what is stated goes before', async () => {
  const model = path.join(makeTemporaryFolder(), 'net');
  cpSync(path.join(nets, 'ssd-scores'), model, { recursive: true });
  const none = await runCommand(['inspect', model, '--boxes', 'none']);
  expect([none.code, none.stdout]).toEqual([0, expect.not.stringContaining('boxes')]);
  const wrong = await runCommand(['inspect', model, '--boxes', 'yolov9']);
  expect(wrong.code).toBe(64);

  const flags = ['--boxes', 'xyxy,pixels,sigmoid', '--write'];
  expect((await runCommand(['describe', model, ...flags])).code).toBe(0);
  const file = path.join(model, 'gradcam.json');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
    schema: 1,
    boxes: { form: 'xyxy', units: 'pixels', activation: 'sigmoid' },
  });
  const kept = await explain('ssd-scores', '--model', model);
  expect(kept.code, kept.stderr).toBe(0);
  expectBoxes(kept.line(), readExpected('ssd-scores'));
  expect(kept.stderr).toContain('read from gradcam.json: boxes xyxy,pixels,sigmoid\n');
  expect(kept.stdout).not.toContain('assumed: boxes');
  const fewer = await explain('ssd-scores', '--model', model, '--boxes', 'score=1');
  expect(fewer.stdout).toContain('blank map: the model finds no box with a score of 1 or more');

  writeFileSync(file, '{"schema": 1, "boxes": {"form": "round"}}');
  const broken = await runCommand(['describe', model]);
  expect([broken.code, broken.stderr]).toEqual([
    65,
    expect.stringContaining('gradcam.json boxes: expected yolov5'),
  ]);
});

test('export takes --boxes: a box depends on the picture, and a number of the output does not', async () => {
  const args = ['--model', path.join(nets, 'yolov5'), '--layer', 'features', '--boxes', 'none'];
  const out = path.join(makeTemporaryFolder(), 'x.onnx');
  const run = await runCommand(['export', ...args, '--out', out, '--target', 'element:3,4']);
  expect(run.code, run.stderr).toBe(0);
  expect(run.stderr).not.toContain('is read as boxes');
  const box = await runCommand(['export', ...args.slice(0, 4), '--out', out, '--target', 'box:1']);
  expect([box.code, box.stderr]).toEqual([
    65,
    expect.stringContaining('which numbers it means depends on the image'),
  ]);
});

test('box:1 of a model that is no detector is refused before anything is made', async () => {
  const run = await explain('embedding', '--target', 'box:1');
  expect(run.code).toBe(64);
  expect(run.stderr).toMatch(/target box:1: expected an output of boxes as YOLO or SSD write them/);
});

test('--target similar:<image>: the cosine, embedded once, and a run that is resumed knows it', async () => {
  const { case: wanted } = readExpected('embedding');
  const target = ['--target', `similar:${reference}`];
  const run = await explain('embedding', ...target, '--method', 'grad-cam,occlusion');
  expect(run.code, run.stderr).toBe(0);
  const line = run.line();
  expect(Math.abs(line.explanations[0]!.score - wanted.score)).toBeLessThan(1e-5);
  expect(line.predictions).toEqual([]);
  expect(run.stdout).toContain(`similar to ${reference} (cosine ${wanted.score.toFixed(3)})`);

  // Another picture under the same name is another question.
  const resumed = (): Promise<{ code: number | null; stderr: string }> =>
    runCommand([
      ...['explain', image, '--model', path.join(nets, 'embedding'), '--out', run.out, '--resume'],
      ...['--layer', 'features', '--save', 'overlay', '--method', 'grad-cam,occlusion', ...target],
    ]);
  expect((await resumed()).code).toBe(0);
  await writePicture(reference, readExpected('embedding').pixels);
  const other = await resumed();
  await writePicture(reference, readExpected('embedding').reference!);
  expect(other.code).toBe(64);
  expect(other.stderr).toMatch(/--target similar:<image> was [0-9a-f]{8} and is/);
});

test('similar: of a picture that is not there, and of a model that gives one number', async () => {
  const absent = await explain('embedding', '--target', 'similar:nowhere.png');
  expect(absent.code).toBe(66);
  expect(absent.stderr).toMatch(/--target similar:nowhere.png: nowhere.png.*/);
  const out = path.join(makeTemporaryFolder(), 'run');
  const model = path.join(root, 'packages/core/test/fixtures/outputs/regression');
  const args = ['explain', image, '--model', model, '--out', out];
  const { code, stderr } = await runCommand([...args, '--target', `similar:${reference}`]);
  expect(code).toBe(64);
  expect(stderr).toMatch(
    /expected an embedding, several numbers for one image; this output is one value/,
  );
});
