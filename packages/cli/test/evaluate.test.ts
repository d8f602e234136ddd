import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { makeTemporaryFolder, root, runCommand, startCommand } from './run-command.ts';
import { models } from './demo-nets.ts';

const scenes = path.join(root, 'demo/scenes');
const street = path.join(scenes, 'street.png');
const model = ['--model', 'demo-vgg', '--models', models];

interface Cell {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly images: number;
  readonly doesNotBeat?: readonly string[];
}

interface Evaluation {
  readonly images: Readonly<Record<string, number>>;
  readonly metrics: readonly { readonly name: string; readonly better: string }[];
  readonly metricSettings: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly rows: readonly {
    readonly row: string;
    readonly kind: string;
    readonly cells: Readonly<Record<string, Cell | null>>;
    readonly ms: Cell;
  }[];
}

function readEvaluation(folder: string): Evaluation {
  return JSON.parse(readFileSync(path.join(folder, 'evaluation.json'), 'utf8')) as Evaluation;
}

function cellOf({ rows }: Evaluation, row: string, metric: string): Cell {
  return rows.find((one) => one.row === row)!.cells[metric]!;
}

/** The objects of `demo/scenes/scenes.json`, as COCO has them. */
function writeCoco(folder: string): string {
  interface Scene {
    readonly file: string;
    readonly width: number;
    readonly height: number;
    readonly objects: readonly {
      readonly class: string;
      readonly box: Readonly<Record<'x' | 'y' | 'width' | 'height', number>>;
    }[];
  }
  const all = JSON.parse(readFileSync(path.join(scenes, 'scenes.json'), 'utf8')) as Scene[];
  const names = [...new Set(all.flatMap(({ objects }) => objects.map((one) => one.class)))];
  const coco = {
    images: all.map(({ file, width, height }, id) => ({ id, file_name: file, width, height })),
    categories: names.map((name, id) => ({ id, name })),
    annotations: all.flatMap(({ objects }, i) =>
      objects.map(({ class: name, box: { x, y, width, height } }) => ({
        image_id: i,
        category_id: names.indexOf(name),
        bbox: [x, y, width, height],
      })),
    ),
  };
  const file = path.join(folder, 'coco.json');
  writeFileSync(file, JSON.stringify(coco));
  return file;
}

test('a table of methods and baselines against boxes, in three files and on stdout', async () => {
  const folder = makeTemporaryFolder();
  const out = path.join(folder, 'out');
  const { code, stdout, stderr } = await runCommand([
    ...['evaluate', scenes, ...model, '--method', 'grad-cam', '--out', out, '--quiet'],
    ...['--boxes', writeCoco(folder), '--metric', 'pointing,deletion', '--steps', '6'],
  ]);
  expect([code, stderr]).toEqual([0, '']);
  const found = readEvaluation(out);
  // demo/scenes/scenes.json: six scenes with 18 objects of as many classes.
  expect(found.images).toEqual({ evaluated: 6, withoutClass: 0, failed: 0, classes: 18 });
  expect(found.rows.map(({ row, kind }) => [row, kind])).toEqual([
    ['grad-cam', 'method'],
    ['random-cam', 'baseline'],
    ['centre-blob', 'baseline'],
    ['input-edges', 'baseline'],
  ]);
  expect(found.metricSettings['deletion']).toMatchObject({ score: 'probability', points: 7 });
  // demo/evaluation.json, by TensorFlow: 0.91 of 2962 objects; the image's centre 0.14.
  expect(cellOf(found, 'grad-cam', 'pointing').mean).toBeGreaterThan(0.8);
  expect(cellOf(found, 'centre-blob', 'pointing').mean).toBeLessThan(0.4);
  expect(cellOf(found, 'grad-cam', 'pointing').doesNotBeat).toEqual([]);
  for (const { cells, ms } of found.rows) {
    expect(ms.mean).toBeGreaterThan(0);
    for (const cell of Object.values(cells)) {
      expect(cell!.low).toBeLessThanOrEqual(cell!.mean);
      expect(cell!.high).toBeGreaterThanOrEqual(cell!.mean);
      expect(cell!.images).toBe(6);
    }
  }
  const csv = readFileSync(path.join(out, 'evaluation.csv'), 'utf8').split('\n');
  expect(csv[0]).toBe('row,kind,metric,better,mean,low,high,images,without');
  const { mean, low, high } = cellOf(found, 'grad-cam', 'deletion');
  expect(csv).toContain(`grad-cam,method,deletion,lower,${mean},${low},${high},6,0`);
  const markdown = readFileSync(path.join(out, 'evaluation.md'), 'utf8');
  expect(markdown).toContain('| deletion (low) |');
  expect(markdown).toContain(`${mean.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`);
  expect(stdout).toContain(`${mean.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`);

  // A folder with an evaluation and no run opens at its page.
  const { child, done } = startCommand(['view', out]);
  try {
    const address = await new Promise<string>((resolve) => {
      child.stdout!.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
      child.once('exit', () => resolve(''));
    });
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/evaluation\.html$/);
    const page = await fetch(address);
    expect([page.status, page.headers.get('content-type')]).toEqual([
      200,
      'text/html; charset=utf-8',
    ]);
    const served = await (await fetch(new URL('served.json', address))).json();
    expect(served).toMatchObject({ run: true, evaluation: true });
    const table = await (await fetch(new URL('run/evaluation.json', address))).json();
    expect(table).toEqual(found);
  } finally {
    child.kill('SIGTERM');
    await done;
  }
});

test('every metric that needs no boxes, with its settings, and too few images for a verdict', async () => {
  const out = path.join(makeTemporaryFolder(), 'out');
  const { code, stdout, stderr } = await runCommand([
    ...['evaluate', street, ...model, '--out', out, '--json', '--target', 'car', '--seed', '7'],
    ...['--method', 'layer-cam', '--layer', 'conv4_2', '--score', 'logit', '--batch', '5'],
    ...['--metric', 'road,infidelity,sensitivity,contrast,randomisation,drop,sparseness,insertion'],
    ...['--engine', 'onnx', '--threads', '1', '--runs', '4', '--debug', '--steps', '4'],
  ]);
  expect(code, stderr).toBe(0);
  const found = JSON.parse(stdout) as Evaluation & { readonly settings: object };
  expect(found).toEqual(readEvaluation(out));
  expect(found.settings).toMatchObject({ layer: 'conv4_2', score: 'logit', seed: 7, runs: 4 });
  expect(found.metrics.map(({ name }) => name)).toEqual([
    ...['road', 'infidelity', 'sensitivity-max'],
    ...['class-contrast-spearman', 'class-contrast-ssim'],
    ...['randomised-spearman', 'randomised-ssim', 'drop', 'increase', 'gain'],
    ...['sparseness', 'complexity', 'insertion'],
  ]);
  expect(found.metricSettings).toMatchObject({
    road: { score: 'logit', seed: 7, noise: 0.01 },
    infidelity: { seed: 7, perturbation: 'random squares of 32 to 0' },
    'sensitivity-max': { seed: 7, samples: 10 },
    'randomised-ssim': { seed: 7, layers: 'all' },
    insertion: { replacement: 'blur', points: 5 },
  });
  // A picture of the image is the same for every class and every net, and changes little with noise.
  expect(cellOf(found, 'input-edges', 'class-contrast-spearman').mean).toBeCloseTo(1, 9);
  expect(cellOf(found, 'input-edges', 'randomised-ssim').mean).toBeCloseTo(1, 9);
  expect(cellOf(found, 'centre-blob', 'sensitivity-max').mean).toBe(0);
  expect(cellOf(found, 'layer-cam', 'class-contrast-ssim').mean).toBeLessThan(0.9);
  expect(cellOf(found, 'layer-cam', 'sensitivity-max').mean).toBeGreaterThan(0);
  expect(cellOf(found, 'layer-cam', 'road').doesNotBeat).toBeUndefined();
  // ROAD's number is half the distance between the means of its two curves, which have six digits.
  const [, line = ''] = readFileSync(path.join(out, 'evaluation.jsonl'), 'utf8').split('\n');
  const { classes } = JSON.parse(line) as {
    classes: { maps: { values: { road: number }; curves: Record<string, number[]> }[] }[];
  };
  const [map] = classes[0]!.maps;
  const meanOf = (name: string): number => {
    const points = map!.curves[name]!;
    expect(points).toHaveLength(9);
    return points.reduce((sum, point) => sum + point, 0) / 9;
  };
  const half = (meanOf('road-least') - meanOf('road-most')) / 2;
  expect(Math.abs(half - map!.values.road)).toBeLessThan(1e-4);
  // A logit above 1 is no probability.
  expect(found.rows[0]!.cells['gain']).toBeNull();
});

test('what a model does not say of itself changes what is measured', async () => {
  const folder = makeTemporaryFolder();
  const labels = path.join(folder, 'labels.txt');
  writeFileSync(labels, Array.from({ length: 10 }, (_, i) => `name ${i}`).join('\n'));
  const insertionOf = async (name: string, ...flags: string[]): Promise<number> => {
    const out = path.join(folder, name);
    const { code, stderr } = await runCommand([
      ...['evaluate', street, ...model, '--out', out, '--quiet', '--metric', 'insertion'],
      ...['--steps', '2', ...flags],
    ]);
    expect(code, stderr).toBe(0);
    return cellOf(readEvaluation(out), 'grad-cam', 'insertion').mean;
  };
  const plain = await insertionOf('plain', '--target', 'car');
  const same = await insertionOf('labels', '--labels', labels, '--target', 'name 2');
  expect(same).toBe(plain);
  for (const [name, flags] of Object.entries({
    fit: ['--fit', 'squash'],
    crop: ['--crop', '0.6'],
    resize: ['--resize', 'bicubic', '--input-size', '128x128'],
    pixels: ['--input-range', '0..255', '--mean', '9,9,9', '--std', '2,2,2', '--channels', 'bgr'],
  })) {
    const changed = await insertionOf(name, '--target', 'car', ...flags);
    expect(changed, name).not.toBe(plain);
  }
});

describe('a run folder', () => {
  test('gives its images, methods, layer and targets, and takes the files', async () => {
    const run = path.join(makeTemporaryFolder(), 'run');
    const explained = await runCommand([
      ...['explain', street, ...model, '--out', run, '--save', 'raw', '--quiet'],
      ...['--method', 'hires-cam', '--target', 'car', '--layer', 'conv4_2'],
    ]);
    expect(explained.code, explained.stderr).toBe(0);
    const args = ['evaluate', run, ...model, '--metric', 'sparseness'];
    const { code, stderr } = await runCommand(args);
    expect(code, stderr).toBe(0);
    const found = readEvaluation(run) as Evaluation & { readonly settings: object };
    expect(found.settings).toMatchObject({
      methods: ['hires-cam'],
      layer: 'conv4_2',
      targets: ['car'],
    });
    expect(found.images['evaluated']).toBe(1);
    const other = await runCommand(args);
    expect([other.code, other.stdout]).toEqual([73, '']);
    expect(other.stderr).toContain('already holds an evaluation; add --resume');
  });

  test('an image that has changed since is a failure, and another model is refused', async () => {
    const folder = makeTemporaryFolder();
    const image = path.join(folder, 'image.png');
    writeFileSync(image, readFileSync(street));
    const run = path.join(folder, 'run');
    const explained = await runCommand(['explain', image, ...model, '--out', run, '--quiet']);
    expect(explained.code, explained.stderr).toBe(0);
    writeFileSync(image, readFileSync(path.join(scenes, 'garden.png')));
    const args = ['evaluate', run, '--metric', 'sparseness'];
    const { code, stderr } = await runCommand([...args, ...model]);
    expect(code).toBe(1);
    expect(stderr).toContain('image.png: has changed since the run explained it');
    const file = path.join(run, 'run.json');
    const json = JSON.parse(readFileSync(file, 'utf8')) as { model: { digest: string } };
    json.model.digest = 'ab'.repeat(32);
    writeFileSync(file, JSON.stringify(json));
    const other = await runCommand([...args, ...model, '--resume']);
    expect([other.code, other.stdout]).toEqual([64, '']);
    expect(other.stderr).toContain('was made with another model (demo-vgg)');
  });
});

describe('interrupted and resumed', () => {
  test('after Ctrl-C the rest is done, and the table is that of one go', async () => {
    const folder = makeTemporaryFolder();
    const argsTo = (out: string): string[] => [
      ...['evaluate', scenes, ...model, '--metric', 'deletion', '--out', path.join(folder, out)],
    ];
    const whole = await runCommand(argsTo('whole'));
    expect(whole.code, whole.stderr).toBe(0);
    const { child, done } = startCommand(argsTo('parts'));
    const lines = path.join(folder, 'parts/evaluation.jsonl');
    const countLines = (): number =>
      existsSync(lines) ? readFileSync(lines, 'utf8').split('\n').length - 1 : 0;
    while (countLines() < 2 && child.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    child.kill('SIGINT');
    const ended = await done;
    expect(ended.code, ended.stderr).toBe(130);
    expect(existsSync(path.join(folder, 'parts/evaluation.json'))).toBe(false);
    expect(countLines()).toBeLessThan(7);
    // As a killed process leaves it.
    writeFileSync(lines, '{"image": "torn', { flag: 'a' });
    const resumed = await runCommand([...argsTo('parts'), '--resume']);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(resumed.stderr).toMatch(/resumed: [1-5] of 6 images are done/);
    const cells = (name: string) =>
      readEvaluation(path.join(folder, name)).rows.map((row) => row.cells);
    expect(cells('parts')).toEqual(cells('whole'));

    const changed = await runCommand([...argsTo('parts'), '--resume', '--seed', '2']);
    expect([changed.code, changed.stdout]).toEqual([64, '']);
    expect(changed.stderr).toContain('seed was 1 and is 2');
  });

  test('another program cuts the lines: exit code 74, no table, and the rest can be done', async () => {
    const out = path.join(makeTemporaryFolder(), 'out');
    const lines = path.join(out, 'evaluation.jsonl');
    const args = ['evaluate', scenes, ...model, '--metric', 'deletion', '--out', out];
    const { child, done } = startCommand(args);
    const hasLine = (): boolean =>
      existsSync(lines) && readFileSync(lines, 'utf8').split('\n').length > 2;
    while (!hasLine() && child.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    child.kill('SIGSTOP');
    truncateSync(lines, 100);
    child.kill('SIGCONT');
    const { code, stderr } = await done;
    expect(stderr).toMatch(/^gradcam: .*evaluation\.jsonl: another program changed it .*--resume/m);
    expect([code, existsSync(path.join(out, 'evaluation.json'))]).toEqual([74, false]);
    const resumed = await runCommand([...args, '--resume']);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(readEvaluation(out).images).toMatchObject({ evaluated: 6, failed: 0 });
  });

  test('an image that cannot be read is a failure of its own, and is tried again', async () => {
    const folder = makeTemporaryFolder();
    const broken = path.join(folder, 'broken.png');
    writeFileSync(broken, 'no picture');
    const args = [
      ...['evaluate', street, broken, ...model, '--metric', 'sparseness'],
      ...['--out', path.join(folder, 'out')],
    ];
    const { code, stderr } = await runCommand(args);
    expect(code).toBe(1);
    expect(stderr).toContain('broken.png');
    expect(readEvaluation(path.join(folder, 'out')).images).toMatchObject({
      evaluated: 1,
      failed: 1,
    });
    writeFileSync(broken, readFileSync(path.join(scenes, 'garden.png')));
    const resumed = await runCommand([...args, '--resume']);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(readEvaluation(path.join(folder, 'out')).images).toMatchObject({
      evaluated: 2,
      failed: 0,
    });
  });
});

test('deletion ends at a picture of the colour that it names, and --replace chooses another', async () => {
  const folder = makeTemporaryFolder();
  const paint = async (
    name: string,
    ...halves: readonly (readonly number[])[]
  ): Promise<string> => {
    const side = 128;
    const data = Buffer.alloc(side * side * 3);
    for (let i = 0; i < data.length; i += 3) {
      data.set(halves[Math.floor((i * halves.length) / data.length)]!, i);
    }
    const file = path.join(folder, name);
    await sharp(data, { raw: { width: side, height: side, channels: 3 } }).toFile(file);
    return file;
  };
  const picture = await paint('picture.png', [10, 220, 60], [90, 40, 180]);
  // (value / 255 - mean) / std is 0 at 255 times the mean, which has the model's order, blue first.
  const pixels = ['--input-range', '0..1', '--mean', '0.4,0.2,0.6', '--std', '0.2,0.2,0.2'];
  const options = [...model, ...pixels, '--target', 'car'];
  const expected = {
    zero: await paint('zero.png', [153, 51, 102]),
    mean: await paint('mean.png', [50, 130, 120]),
  };
  const told = {
    zero: "assumed: deletion replaces pixels by 0 on the model's scale, here the colour 153, 51, 102 (RGB, of 255); --replace chooses another",
    mean: 'assumed: deletion replaces pixels by the mean colour of the image; --replace chooses another',
  };
  for (const replace of ['zero', 'mean'] as const) {
    const out = path.join(folder, replace);
    const { code, stderr } = await runCommand([
      ...[
        'evaluate',
        picture,
        ...options,
        '--metric',
        'deletion',
        '--steps',
        '2',
        '--score',
        'logit',
      ],
      ...['--replace', replace, '--out', out],
    ]);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain(told[replace]);
    const line = readFileSync(path.join(out, 'evaluation.jsonl'), 'utf8').split('\n')[1]!;
    const { classes } = JSON.parse(line) as {
      classes: { maps: { curves: { deletion: number[] } }[] }[];
    };
    const plain = await runCommand([
      ...['explain', expected[replace], ...options, '--json', '--out', path.join(out, 'plain')],
    ]);
    const { explanations } = JSON.parse(plain.stdout) as { explanations: { score: number }[] };
    const last = classes[0]!.maps[0]!.curves.deletion.at(-1)!;
    // The curve has six digits.
    expect(last).toBeCloseTo(explanations[0]!.score, 3);
  }
});

test.each([
  [['--metric', 'pointing'], '--metric pointing needs to know where the objects are'],
  [['--metric', 'beauty'], '--metric takes deletion, insertion, drop, road, infidelity'],
  [['--score', 'entropy'], '--score takes probability, logit'],
  [['--replace', 'black'], '--replace takes zero, mean, blur'],
  [['--method', 'grad-kam'], 'grad-cam'],
  [['--target', 'not:car'], 'evaluate explains classes'],
  [['--seed', '-1'], '--seed takes a whole number'],
])('%j is refused before anything is made', async (flags, message) => {
  const out = path.join(makeTemporaryFolder(), 'out');
  const { code, stdout, stderr } = await runCommand([
    ...['evaluate', street, ...model, '--out', out, ...flags],
  ]);
  expect([code, stdout]).toEqual([64, '']);
  expect(stderr).toContain(message);
  expect(existsSync(out)).toBe(false);
});

test('a method that the model does not allow at its layer is refused before anything is made', async () => {
  const out = path.join(makeTemporaryFolder(), 'out');
  for (const command of ['evaluate', 'explain']) {
    const { code, stderr } = await runCommand([
      ...[command, street, ...model, '--method', 'grad-cam,cam', '--out', out],
    ]);
    expect(code).toBe(65);
    expect(stderr).toContain(
      'cam at conv5_2: the layer is not followed by the mean over its grid and one linear layer; use grad-cam',
    );
    expect(existsSync(out)).toBe(false);
  }
});

test('--out is needed where no run is given', async () => {
  const { code, stderr } = await runCommand(['evaluate', street, ...model]);
  expect(code).toBe(64);
  expect(stderr).toContain('--out is needed');
});
