import { parseResults, type ResultLine, type Box } from '@gradcam/core';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import npyjs from 'npyjs';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { makeTemporaryFolder, root, runCommand } from './run-command.ts';
import { models } from './demo-nets.ts';

const scenes = path.join(root, 'demo/scenes');
const scene = path.join(scenes, 'street.png');
/** Of demo/scenes/scenes.json. */
const [WIDTH, HEIGHT] = [384, 256];

async function explainScene(
  ...flags: string[]
): Promise<{ out: string; line: ResultLine; file: (kind: string, place?: number) => string }> {
  const out = path.join(makeTemporaryFolder(), 'run');
  const { code, stderr } = await runCommand([
    ...['explain', scene, '--model', 'demo-resnet', '--models', models, '--out', out],
    ...['--target', 'car', ...flags],
  ]);
  expect(code, stderr).toBe(0);
  const { lines } = parseResults(readFileSync(path.join(out, 'results.jsonl'), 'utf8'));
  const line = lines[0] as ResultLine;
  const file = (kind: string, place = 0): string =>
    path.join(out, line.explanations[place]!.files[kind]!);
  return { out, line, file };
}

async function readGrey(file: string): Promise<number[]> {
  return [...(await sharp(file).extractChannel(0).raw().toBuffer())];
}

async function readTexts(file: string): Promise<Record<string, string>> {
  const { comments = [] } = await sharp(file).metadata();
  return Object.fromEntries(comments.map(({ keyword, text }) => [keyword, text]));
}

interface Coco {
  readonly images: readonly { id: number; file_name: string; width: number; height: number }[];
  readonly categories: readonly { id: number; name: string; class_index: number }[];
  readonly annotations: readonly {
    readonly image_id: number;
    readonly category_id: number;
    readonly bbox: number[];
    readonly area: number;
    readonly score: number;
    readonly segmentation: { size: number[]; counts: string };
  }[];
}

/** Of a box without what else its line says of it. */
const sidesOf = ({ x, y, width, height }: Box): number[] => [x, y, width, height];

function readCoco(out: string): Coco {
  return JSON.parse(readFileSync(path.join(out, 'annotations.coco.json'), 'utf8')) as Coco;
}

/** Mask pixels, row by row, by the rules of the MS COCO API. */
function decodeCounts({ size, counts }: { size: number[]; counts: string }): number[] {
  const [height, width] = size as [number, number];
  const runs: number[] = [];
  for (let place = 0; place < counts.length;) {
    let [number, shift, more] = [0, 0, true];
    while (more) {
      const group = counts.charCodeAt(place++) - 48;
      number |= (group & 0x1f) << (5 * shift++);
      more = (group & 0x20) !== 0;
      if (!more && (group & 0x10) !== 0) number |= -1 << (5 * shift);
    }
    if (runs.length > 2) number += runs[runs.length - 2]!;
    runs.push(number);
  }
  const column = runs.flatMap((run, i) => new Array<number>(run).fill(i % 2));
  return Array.from(
    { length: height * width },
    (_, i) => column[(i % width) * height + Math.floor(i / width)]!,
  );
}

/** The places of a mask's pixels, and of those around it. */
function outline(mask: readonly number[], width: number): { inside: number[]; around: number[] } {
  const inside = mask.flatMap((value, i) => (value === 0 ? [] : [i]));
  const own = new Set(inside);
  const around = new Set<number>();
  for (const i of inside) {
    for (const step of [-width - 1, -width, -width + 1, -1, 1, width - 1, width, width + 1]) {
      const next = i + step;
      const isNear = Math.abs((next % width) - (i % width)) <= 1;
      if (isNear && next >= 0 && next < mask.length && !own.has(next)) around.add(next);
    }
  }
  return { inside, around: [...around] };
}

describe('--save boxes,masks', () => {
  test('box, area and mask are the part of the map above 15 % of its maximum', async () => {
    const { out, line, file } = await explainScene('--save', 'boxes,masks,display');
    const { images, categories, annotations } = readCoco(out);
    expect(images).toEqual([{ id: 1, file_name: scene, width: WIDTH, height: HEIGHT }]);
    const [annotation] = annotations as [Coco['annotations'][number]];
    const labels = JSON.parse(readFileSync(`${root}/demo/labels.json`, 'utf8')) as string[];
    expect(categories).toEqual([{ id: 1, name: 'car', class_index: labels.indexOf('car') }]);
    expect(annotation).toMatchObject({ image_id: 1, category_id: 1 });
    expect(annotation.score).toBe(
      line.predictions.find(({ label }) => label === 'car')!.probability,
    );

    const mask = decodeCounts(annotation.segmentation);
    expect((await readGrey(file('mask'))).map((value) => value / 255)).toEqual(mask);
    const { inside, around } = outline(mask, WIDTH);
    const bytes = readFileSync(file('display'));
    const map = new npyjs().parse(new Uint8Array(bytes).buffer).data as Float32Array;
    const threshold = 0.15 * Math.max(...map);
    expect(Math.min(...inside.map((i) => map[i]!))).toBeGreaterThanOrEqual(threshold);
    expect(Math.max(...around.map((i) => map[i]!))).toBeLessThan(threshold);

    expect(annotation.area).toBe(inside.length);
    const xs = inside.map((i) => i % WIDTH);
    const ys = inside.map((i) => Math.floor(i / WIDTH));
    const [left, top] = [Math.min(...xs), Math.min(...ys)];
    const bbox = [left, top, Math.max(...xs) - left + 1, Math.max(...ys) - top + 1];
    expect(annotation.bbox).toEqual(bbox);
    expect(sidesOf(line.explanations[0]!.box!)).toEqual(bbox);
    expect(line.explanations[0]!.box).toHaveProperty('rule', 'peak');
    expect(Object.keys(line.explanations[0]!.files)).toEqual(['mask', 'display']);
  });

  test('all images of a folder; counterfactuals apart; a blank map has none', async () => {
    const out = path.join(makeTemporaryFolder(), 'run');
    const { code, stderr } = await runCommand([
      ...['explain', scenes, '--model', 'demo-resnet', '--models', models, '--out', out],
      ...['--target', 'cat', '--target', 'not:dog', '--save', 'boxes', '--quiet'],
    ]);
    expect([code, stderr]).toEqual([0, '']);
    const { images, categories, annotations } = readCoco(out);
    expect(images.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(categories.map(({ id, name }) => [id, name])).toEqual([
      [1, 'cat'],
      [2, 'not dog'],
    ]);
    const { lines } = parseResults(readFileSync(path.join(out, 'results.jsonl'), 'utf8'));
    const boxes = lines.flatMap((line) =>
      (line as ResultLine).explanations.flatMap(({ box }) => (box === null ? [] : [box])),
    );
    expect(boxes.length).toBeLessThan(12);
    expect(annotations.map(({ bbox }) => bbox)).toEqual(boxes.map(sidesOf));
  });

  test('in a letterbox all peaks and boxes are on the picture, and what fell on the bars is told', async () => {
    const folder = makeTemporaryFolder();
    const strip = path.join(folder, 'strip.png');
    await sharp(path.join(scenes, 'street.png'))
      .extract({ left: 0, top: 120, width: 384, height: 40 })
      .toFile(strip);
    const out = path.join(folder, 'run');
    const { code, stdout, stderr } = await runCommand([
      ...['explain', strip, '--model', 'demo-resnet', '--models', models, '--out', out],
      ...['--target', 'top5', '--fit', 'letterbox', '--save', 'raw'],
    ]);
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    const { lines } = parseResults(readFileSync(path.join(out, 'results.jsonl'), 'utf8'));
    const { explanations } = lines[0] as ResultLine;
    expect(explanations).toHaveLength(5);
    for (const { peak, box, diagnostics } of explanations) {
      expect(peak.y > 0 && peak.y < 40 && peak.x > 0 && peak.x < 384).toBe(true);
      expect(diagnostics.barShare).toBeGreaterThanOrEqual(0);
      expect(diagnostics.barShare).toBeLessThanOrEqual(1);
      if (box === null) continue;
      expect(box.rule).toBe('peak');
      expect(box.y + box.height).toBeLessThanOrEqual(40);
    }
    expect(stdout).toMatch(
      / % of the map fell on the bars beside the picture; --fit squash or --fit crop leaves no bars/,
    );
  });

  test('--box otsu parts the map by its histogram, and the run says so', async () => {
    const paper = await explainScene('--save', 'masks,display');
    const otsu = await explainScene('--save', 'masks,boxes', '--box', 'otsu');
    const bytes = readFileSync(paper.file('display'));
    const map = new npyjs().parse(new Uint8Array(bytes).buffer).data as Float32Array;
    // The variance between the parts is never less than that of the paper's parting.
    const between = async (file: string): Promise<number> => {
      const mask = await readGrey(file);
      const mean = (values: readonly number[]): number =>
        values.reduce((sum, value) => sum + value, 0) / values.length;
      const upper = [...map].filter((_, i) => mask[i] === 255);
      const lower = [...map].filter((_, i) => mask[i] === 0);
      return upper.length * lower.length * (mean(upper) - mean(lower)) ** 2;
    };
    expect(await between(otsu.file('mask'))).toBeGreaterThan(await between(paper.file('mask')));
    const run = JSON.parse(readFileSync(path.join(otsu.out, 'run.json'), 'utf8')) as {
      settings: { box: string };
    };
    expect(run.settings.box).toBe('otsu');
    expect(readCoco(otsu.out).annotations[0]!.bbox).toEqual(
      sidesOf(otsu.line.explanations[0]!.box!),
    );
    expect(otsu.line.explanations[0]!.box).toHaveProperty('rule', 'otsu');
  });
});

describe('overlays', () => {
  const readRgb = (file: string): Promise<Buffer> => sharp(file).removeAlpha().raw().toBuffer();

  test('--overlay alpha and contour leave the image where the map is zero; blend tints it', async () => {
    const original = await readRgb(scene);
    const untouched = async (mode: string): Promise<number> => {
      const { file } = await explainScene('--save', 'overlay', '--overlay', mode);
      const picture = await readRgb(file('overlay'));
      expect(picture).toHaveLength(original.length);
      let same = 0;
      for (let i = 0; i < picture.length; i += 3) {
        if (picture.subarray(i, i + 3).equals(original.subarray(i, i + 3))) same += 1;
      }
      return same;
    };
    // The net sees the middle 256 columns; what lies beside is the image in any mode.
    const unseen = (WIDTH - 256) * HEIGHT;
    const seen = 256 * HEIGHT;
    const [blend, alpha, contour] = [
      await untouched('blend'),
      await untouched('alpha'),
      await untouched('contour'),
    ];
    expect(blend).toBeGreaterThanOrEqual(unseen);
    expect(blend).toBeLessThan(unseen + 0.05 * seen);
    expect(alpha).toBeGreaterThan(unseen + 0.2 * seen);
    expect(contour).toBeGreaterThan(unseen + 0.85 * seen);
    expect(contour).toBeLessThan(unseen + seen);
  });

  test('--colormap diverging: red where the raw map is positive, blue where it is negative', async () => {
    const { file } = await explainScene('--save', 'heatmap,raw', '--colormap', 'diverging');
    const bytes = readFileSync(file('raw'));
    const { data, shape } = new npyjs().parse(new Uint8Array(bytes).buffer);
    const raw = data as Float32Array;
    const [rows, columns] = shape as [number, number];
    const heatmap = await readRgb(file('heatmap'));
    const colourAt = (cell: number): number[] => {
      // The crop is the middle square of 256 pixels.
      const x = (WIDTH - HEIGHT) / 2 + (((cell % columns) + 0.5) / columns) * HEIGHT;
      const y = ((Math.floor(cell / columns) + 0.5) / rows) * HEIGHT;
      const i = (Math.floor(y) * WIDTH + Math.floor(x)) * 3;
      return [...heatmap.subarray(i, i + 3)];
    };
    const [red, , blue] = colourAt(raw.indexOf(Math.max(...raw)));
    const [red2, , blue2] = colourAt(raw.indexOf(Math.min(...raw)));
    expect(red! - blue!).toBeGreaterThan(50);
    expect(red2! - blue2!).toBeLessThan(-5);
  });

  test('--format webp: nearly the same pictures, in a fraction of the bytes', async () => {
    const png = await explainScene('--save', 'overlay,heatmap');
    const webp = await explainScene('--save', 'overlay,heatmap', '--format', 'webp');
    for (const kind of ['overlay', 'heatmap'] as const) {
      const [exact, lossy] = [png.file(kind), webp.file(kind)];
      expect(path.extname(lossy)).toBe('.webp');
      const { format, width, height } = await sharp(lossy).metadata();
      expect([format, width, height]).toEqual(['webp', WIDTH, HEIGHT]);
      expect(statSync(lossy).size).toBeLessThan(statSync(exact).size / 2);
      const [a, b] = [await readRgb(exact), await readRgb(lossy)];
      const sum = a.reduce((total, value, i) => total + Math.abs(value - b[i]!), 0);
      // Levels of 255; the scene has noise everywhere.
      expect(sum / a.length).toBeLessThan(6);
    }
    const run = readFileSync(path.join(webp.out, 'run.json'), 'utf8');
    expect(JSON.parse(run)).toMatchObject({ settings: { format: 'webp' } });
    expect(readFileSync(path.join(png.out, 'run.json'), 'utf8')).not.toContain('"format"');
  });

  test('--legend adds to the height and nothing to the picture', async () => {
    const plain = await explainScene('--save', 'overlay');
    const labelled = await explainScene('--save', 'overlay', '--legend');
    const { width, height } = await sharp(labelled.file('overlay')).metadata();
    expect(width).toBe(WIDTH);
    expect(height).toBeGreaterThan(HEIGHT + 40);
    const upper = sharp(labelled.file('overlay')).extract({
      ...{ left: 0, top: 0, width: WIDTH, height: HEIGHT },
    });
    expect((await upper.raw().toBuffer()).equals(await readRgb(plain.file('overlay')))).toBe(true);
    const run = readFileSync(path.join(labelled.out, 'run.json'), 'utf8');
    expect(JSON.parse(run)).toMatchObject({ settings: { legend: true } });
  });
});

describe('maps at pixels', () => {
  const readRgb = (file: string): Promise<Buffer> => sharp(file).removeAlpha().raw().toBuffer();

  test('are drawn on gray and state their scale, and --figure puts them beside the image', async () => {
    const { out, line, file } = await explainScene(
      ...['--method', 'guided-backprop,grad-cam', '--figure', '--save', 'overlay,raw', '--legend'],
    );
    const [guided, cam] = line.explanations;
    const { data } = new npyjs().parse(new Uint8Array(readFileSync(file('raw'))).buffer);
    const magnitudes = Float64Array.from(data as Float32Array, Math.abs).sort();
    // The 99.5th percentile as numpy.percentile has it.
    const rank = 0.995 * (magnitudes.length - 1);
    const low = magnitudes[Math.floor(rank)]!;
    const expected = low + (rank % 1) * (magnitudes[Math.ceil(rank)]! - low);
    expect(guided!.scale!.percentile).toBe(99.5);
    expect(guided!.scale!.value / expected).toBeCloseTo(1, 6);
    expect(cam).not.toHaveProperty('scale');
    const run = JSON.parse(readFileSync(path.join(out, 'run.json'), 'utf8')) as object;
    expect(run).toMatchObject({ settings: { gradients: 'colour', figure: true } });

    // The panels of a figure are the overlays, without their legends: an image of this size is not resized.
    const [figure] = line.figures!;
    expect(figure).toMatchObject({ layer: 'block3', targets: [{ label: 'car' }] });
    const panel = (place: number): Promise<Buffer> =>
      sharp(path.join(out, figure!.file))
        .extract({ left: 11 + place * (WIDTH + 11), top: 11 + 17, width: WIDTH, height: HEIGHT })
        .raw()
        .toBuffer();
    const upper = (name: string): Promise<Buffer> =>
      sharp(name).extract({ left: 0, top: 0, width: WIDTH, height: HEIGHT }).raw().toBuffer();
    expect((await panel(0)).equals(await readRgb(scene))).toBe(true);
    expect((await panel(1)).equals(await upper(file('overlay', 1)))).toBe(true);
    expect((await panel(2)).equals(await upper(file('overlay', 0)))).toBe(true);
    // Beside the square that the net sees, the guided map shows the image.
    const unseen = (await panel(2)).subarray(0, 3 * ((WIDTH - HEIGHT) / 2));
    expect(unseen.equals((await readRgb(scene)).subarray(0, unseen.length))).toBe(true);

    const { code, stderr } = await runCommand([
      ...['explain', scene, '--model', 'demo-resnet', '--models', models, '--out', out, '--resume'],
      ...['--target', 'car', '--method', 'guided-backprop,grad-cam', '--figure'],
      ...['--save', 'overlay,raw', '--legend', '--gradients', 'signed'],
    ]);
    expect(code).toBe(64);
    expect(stderr).toMatch(/--gradients was colour and is signed/);
  });
});

test('every PNG says what it is', async () => {
  const { out, line, file } = await explainScene('--save', 'overlay,heatmap,masks');
  const { model, versions } = JSON.parse(readFileSync(path.join(out, 'run.json'), 'utf8')) as {
    model: { digest: string };
    versions: { gradcam: string };
  };
  for (const kind of ['overlay', 'heatmap', 'mask']) {
    expect(await readTexts(file(kind)), kind).toEqual({
      Software: `gradcam ${versions.gradcam}`,
      Method: 'grad-cam',
      Layer: 'block3',
      Target: 'car',
      Score: String(line.explanations[0]!.score),
      Model: 'demo-resnet',
      'Model-SHA256': model.digest,
    });
  }
});

test.each([
  ['--overlay', 'blended', /--overlay takes blend, alpha, contour; got 'blended'/],
  ['--gradients', 'gray', /--gradients takes colour, signed, magnitude; got 'gray'/],
  ['--box', 'half', /--box takes peak, paper, otsu; got 'half'/],
  ['--save', 'box', /--save takes overlay, heatmap, raw, display, boxes, masks; got 'box'/],
])('%s %s is refused', async (flag, value, message) => {
  const out = path.join(makeTemporaryFolder(), 'run');
  const { code, stdout, stderr } = await runCommand([
    ...['explain', scene, '--model', 'demo-resnet', '--models', models, '--out', out],
    ...[flag, value],
  ]);
  expect([code, stdout]).toEqual([64, '']);
  expect(stderr).toMatch(message);
});
