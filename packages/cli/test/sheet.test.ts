import type { ResultLine } from '@gradcam/core';
import { cpSync, existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { makeTemporaryFolder, root, runCommand } from './run-command.ts';
import { models } from './demo-nets.ts';

const scenes = path.join(root, 'demo/scenes');

async function explainTo(out: string, images: string, ...flags: string[]): Promise<void> {
  const { code, stderr } = await runCommand([
    ...['explain', images, '--model', 'demo-resnet', '--models', models, '--out', out],
    ...['--quiet', ...flags],
  ]);
  expect(code, stderr).toBe(0);
}

function readLine(out: string): ResultLine {
  const [line] = readFileSync(path.join(out, 'results.jsonl'), 'utf8').split('\n');
  return JSON.parse(line!) as ResultLine;
}

/** Pixels of a part of a picture, RGB. */
async function readPart(
  file: string,
  left: number,
  top: number,
  width: number,
  height: number,
): Promise<Buffer> {
  return sharp(file).extract({ left, top, width, height }).removeAlpha().raw().toBuffer();
}

/** Mean difference of the levels of two pictures. */
function distance(a: Buffer, b: Buffer): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}

describe('gradcam sheet', () => {
  test('a picture above the limit of images is not read, which is said with the limit', async () => {
    const out = path.join(makeTemporaryFolder(), 'run');
    await explainTo(out, path.join(scenes, 'cat-and-dog-128.png'), '--save', 'overlay');
    const { explanations } = readLine(out);
    // A hole of 257 MB after the picture: it would decode, and takes no disk.
    truncateSync(path.join(out, explanations[0]!.files['overlay']!), 257 * 2 ** 20);
    const { code, stderr } = await runCommand(['sheet', out]);
    expect([code, stderr]).toEqual([
      0,
      'gradcam: 1 pictures are grey: their files have more than 256 MB, the limit for images\n',
    ]);
  });

  test('puts each image before its maps, four pairs in a row', async () => {
    const out = path.join(makeTemporaryFolder(), 'run');
    await explainTo(out, scenes, '--save', 'overlay');
    const { code, stdout, stderr } = await runCommand(['sheet', out]);
    const sheet = path.join(out, 'sheet.png');
    expect([code, stdout, stderr]).toEqual([0, `${sheet}\n`, '']);
    // Eight places of 224 and gaps of 8; six pairs are two rows, each with two lines of 15 pixels below a
    // gap of 3.
    const { width, height, comments } = await sharp(sheet).metadata();
    expect([width, height]).toEqual([8 * 232 + 8, 2 * (224 + 33 + 8) + 8]);
    expect(comments!.find(({ keyword }) => keyword === 'Model')?.text).toBe('demo-resnet');
    // The first image by name is cat-and-dog-128.png, of 128 pixels.
    const original = await sharp(path.join(scenes, 'cat-and-dog-128.png'))
      .resize(224, 224)
      .removeAlpha()
      .raw()
      .toBuffer();
    const first = await readPart(sheet, 8, 8, 224, 224);
    const second = await readPart(sheet, 8 + 232, 8, 224, 224);
    expect(distance(first, original)).toBe(0);
    expect(distance(second, original)).toBeGreaterThan(5);
  });

  test('--out and --tile; an image that has changed since is not shown for the old one', async () => {
    const folder = makeTemporaryFolder();
    const image = path.join(folder, 'scene.png');
    cpSync(path.join(scenes, 'street.png'), image);
    const run = path.join(folder, 'run');
    await explainTo(run, image, '--save', 'heatmap');
    cpSync(path.join(scenes, 'garden.png'), image);
    const out = path.join(folder, 'sheets/one.png');
    const { code, stdout } = await runCommand(['sheet', run, '--out', out, '--tile', '96']);
    expect([code, stdout]).toEqual([0, `${out}\n`]);
    // In place of the image a grey tile; the map of 384 x 256 is 64 high in 96 pixels.
    const place = await readPart(out, 8, 8, 96, 64);
    expect(new Set(place)).toEqual(new Set([200]));
    const map = await readPart(out, 8 + 104, 8, 96, 64);
    expect(map.filter((value) => value !== 255).length).toBeGreaterThan(96 * 64);
  });

  test('with --sheet a run ends with it; overlays with legends are as large as those without', async () => {
    const out = path.join(makeTemporaryFolder(), 'run');
    await explainTo(out, path.join(scenes, 'street.png'), '--sheet', '--legend');
    const sheet = path.join(out, 'sheet.png');
    const { width } = await sharp(sheet).metadata();
    expect(width).toBe(2 * 232 + 8);
    // 384 x 256 fills a tile's width of 224; 74 pixels below its row, the sheet is white.
    const { explanations } = readLine(out);
    const overlay = path.join(out, explanations[0]!.files['overlay']!);
    const expected = await sharp(overlay)
      .extract({ left: 0, top: 0, width: 384, height: 256 })
      .resize(224, 224, { fit: 'inside' })
      .raw()
      .toBuffer();
    expect(distance(await readPart(sheet, 8 + 232, 8, 224, 149), expected)).toBe(0);
  });

  test('what it cannot do', async () => {
    const folder = makeTemporaryFolder();
    const raw = path.join(folder, 'raw');
    await explainTo(raw, path.join(scenes, 'street.png'), '--save', 'raw');
    const broken = path.join(folder, 'broken');
    mkdirSync(broken);
    writeFileSync(path.join(broken, 'run.json'), '{"schema": 9}');
    const cases: [string[], number, RegExp][] = [
      [[path.join(folder, 'nothing')], 66, /no run here \(no run.json\)/],
      [[raw], 65, /no pictures in this run; explain with --save overlay/],
      [[broken], 65, /expected schema 1/],
      [[raw, '--tile', '5'], 64, /--tile takes a whole number from 64 to 1024; got '5'/],
      [[raw, '--out', 'sheet.jpg'], 64, /--out takes a name that ends in .png; got 'sheet.jpg'/],
    ];
    for (const [args, exitCode, message] of cases) {
      const { code, stdout, stderr } = await runCommand(['sheet', ...args]);
      expect(stderr).toMatch(message);
      expect([code, stdout]).toEqual([exitCode, '']);
    }
    const out = path.join(folder, 'never');
    const { code, stderr } = await runCommand([
      ...['explain', scenes, '--model', 'demo-resnet', '--models', models, '--out', out],
      ...['--sheet', '--save', 'raw'],
    ]);
    expect([code, existsSync(out)]).toEqual([64, false]);
    expect(stderr).toContain('--sheet needs --save overlay or heatmap');
  });
});

test.each([
  ['run.json', '{', /damaged run: run.json: expected schema 1/],
  ['results.jsonl', '{"image"\n', /damaged run: results.jsonl line 1 is not a result/],
])('a damaged %s is named, by sheet and by view --export', async (name, text, message) => {
  const run = makeTemporaryFolder();
  const settings = {
    ...{ methods: [], targets: [], layers: [], save: [] },
    ...{ colormap: 'turbo', alpha: 0.5, fit: 'crop' },
  };
  const file = {
    ...{ schema: 1, status: 'done', startedAt: '2026-03-02T09:30:00.000Z', engine: 'x' },
    model: { id: 'x', path: 'x', digest: 'ab'.repeat(32) },
    ...{ versions: {}, settings, assumptions: [] },
  };
  writeFileSync(path.join(run, 'run.json'), JSON.stringify(file));
  writeFileSync(path.join(run, 'results.jsonl'), '');
  writeFileSync(path.join(run, name), text);
  for (const args of [
    ['sheet', run],
    ['view', run, '--export', path.join(run, 'page.html')],
  ]) {
    const { code, stdout, stderr } = await runCommand(args);
    expect([code, stdout], stderr).toEqual([65, '']);
    expect(stderr).toMatch(message);
    expect(stderr.trim()).not.toContain('\n');
  }
});
