import { isFailure, type FailureLine, type ResultLine } from '@gradcam/core';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chooseImages, type ImageChoice } from '../src/commands/view/report/choose-images.ts';
import { describeNoMatch } from '../src/commands/view/report/describe-no-match.ts';
import { runCommand } from './run-command.ts';
import { models, readLines, scenes } from './run/demo-run.ts';

const all: ImageChoice = { filter: '', only: 'all', certainty: 'any', limit: 100 };

/** A line of which only the fields that choose matter. */
function lineOf(
  image: string,
  predicted: number,
  probability: number,
  truth?: number,
  blank?: string,
): ResultLine {
  const labels = ['cat', 'dog', 'owl'];
  const target = { kind: 'class', index: predicted, label: labels[predicted] };
  return {
    image,
    predictions: [{ index: predicted, label: labels[predicted], probability }],
    explanations: [{ method: 'grad-cam', layer: 'block4', target, diagnostics: { blank } }],
    ...(truth === undefined
      ? {}
      : { truth: { index: truth, label: labels[truth] }, correct: truth === predicted }),
  } as unknown as ResultLine;
}

const lines = [
  lineOf('a.png', 0, 0.95, 0),
  lineOf('b.png', 1, 0.5, 0),
  lineOf('c.png', 1, 0.4, 1, 'no evidence'),
  lineOf('d.png', 2, 0.9),
  { image: 'e.png', error: 'not an image' },
];

describe('the images of a report', () => {
  test.each([
    [{}, 'abcde'],
    [{ only: 'wrong' }, 'b'],
    [{ only: 'failed' }, 'e'],
    [{ only: 'blank' }, 'c'],
    [{ predicted: 'DOG' }, 'bc'],
    [{ predicted: '1' }, 'bc'],
    [{ truth: 'cat' }, 'ab'],
    [{ truth: 'cat', predicted: 'dog' }, 'b'],
    // Of d the true class is not known, and of e no class at all.
    [{ truth: '2' }, ''],
    [{ certainty: 'unsure' }, 'c'],
    [{ certainty: 'between' }, 'b'],
    [{ certainty: 'sure' }, 'ad'],
    // The true class is among the words, as on the page.
    [{ filter: 'cat' }, 'ab'],
    [{ filter: 'dog block4', only: 'wrong' }, 'b'],
    [{ limit: 2 }, 'ab'],
  ] as const)('%o', (choice, expected) => {
    const { lines: chosen } = chooseImages(lines, { ...all, ...choice });
    expect(chosen.map(({ image }) => image[0]).join('')).toBe(expected);
  });

  test('those beyond the limit are counted', () => {
    expect(chooseImages(lines, { ...all, only: 'all', limit: 2 }).matching).toBe(5);
  });

  test('an image that was explained again counts once, by its last line', () => {
    const again = [...lines, lineOf('b.png', 0, 0.9, 0)];
    const { lines: chosen, matching } = chooseImages(again, { ...all, truth: 'cat' });
    expect(matching).toBe(2);
    expect((chosen[1] as ResultLine).correct).toBe(true);
  });
});

describe('where no image passes', () => {
  const withoutTruth: (ResultLine | FailureLine)[] = [lineOf('d.png', 2, 0.9), lines[4]!];
  test.each([
    [[], {}, 'this run has no explained image yet'],
    [
      withoutTruth,
      { only: 'wrong' },
      '--only wrong needs true classes, and this run has none; explain its images again with --truth',
    ],
    [withoutTruth, { truth: 'cat' }, '--true-class needs true classes'],
    [
      lines,
      { predicted: 'catt' },
      "--class catt: no image is predicted as 'catt'; did you mean cat?",
    ],
    [lines, { predicted: '7' }, "--class 7: no image is predicted as '7'"],
    [lines, { truth: 'dgo' }, "--true-class dgo: no image is truly 'dgo'; did you mean dog?"],
    [
      lines,
      { truth: 'dog', only: 'wrong' },
      'no image matches --only wrong and --true-class dog (of 5)',
    ],
    [[...lines, lines[0]!], { filter: 'zebra' }, "no image matches 'zebra' (of 5)"],
  ] as const)('%#', (given, choice, message) => {
    expect(chooseImages(given, { ...all, ...choice }).matching).toBe(0);
    expect(describeNoMatch(given, { ...all, ...choice })).toContain(message);
  });
});

/** The files that a report contains, by their paths: content type and bytes. */
function embedded(report: string): Map<string, { type: string; bytes: Buffer }> {
  const [, json = ''] = /id="run-files">(.*?)<\/script>/s.exec(readFileSync(report, 'utf8')) ?? [];
  const files = Object.entries(JSON.parse(json) as Record<string, string>);
  return new Map(
    files.map(([name, address]) => {
      const [, type = '', text = ''] = /^data:([^,]*);base64,(.*)$/s.exec(address) ?? [];
      return [name, { type, bytes: Buffer.from(text, 'base64') }];
    }),
  );
}

const imagesOf = (report: string): string[] =>
  embedded(report)
    .get('results.jsonl')!
    .bytes.toString()
    .trim()
    .split('\n')
    .map((row) => path.basename((JSON.parse(row) as { image: string }).image));

describe('gradcam view --export of chosen images', { timeout: 120_000 }, () => {
  let folder: string;
  let run: string;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'gradcam-report-choice-'));
    run = path.join(folder, 'run');
    const data = path.join(folder, 'data');
    // By demo/expected.json the net says dog of the first scene and turtle of the second.
    for (const [truth, scene] of [
      ['cat', 'cat-and-dog.png'],
      ['turtle', 'garden.png'],
    ] as const) {
      mkdirSync(path.join(data, truth), { recursive: true });
      copyFileSync(path.join(scenes, scene), path.join(data, truth, scene));
    }
    const model = ['--model', 'demo-resnet', '--models', models];
    const flags = ['--truth', data, '--save', 'overlay,heatmap,raw', '--out', run];
    const { code, stderr } = await runCommand(['explain', data, ...model, ...flags]);
    expect(code, stderr).toBe(0);
  }, 120_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function exportTo(name: string, ...flags: string[]): Promise<string> {
    const target = path.join(folder, name);
    const { code, stderr } = await runCommand(['view', run, '--export', target, ...flags]);
    expect(code, stderr).toBe(0);
    // The size is said before and after.
    const [before, after] = [...stderr.matchAll(/([\d.]+) MB/g)].map(([, size]) => Number(size));
    expect(Math.abs(before! - after!)).toBeLessThanOrEqual(0.11);
    return target;
  }

  test('wrong ones, one predicted class, one true class, a certainty', async () => {
    expect(imagesOf(await exportTo('wrong.html', '--only', 'wrong'))).toEqual(['cat-and-dog.png']);
    expect(imagesOf(await exportTo('turtles.html', '--class', 'turtle'))).toEqual(['garden.png']);
    // One of the two predictions is surer than 50 %, but not 90.
    const probabilities = readLines(run).map((line) =>
      isFailure(line) ? NaN : line.predictions[0]!.probability!,
    );
    const between = ['cat-and-dog.png', 'garden.png'].filter((_, i) => {
      const probability = probabilities[i]!;
      return probability >= 0.5 && probability < 0.9;
    });
    expect(between.length).toBeGreaterThan(0);
    const unsure = await exportTo('between.html', '--certainty', 'between');
    expect(imagesOf(unsure)).toEqual(between);
    const cats = await exportTo('cats.html', '--true-class', 'cat');
    expect(imagesOf(cats)).toEqual(['cat-and-dog.png']);
    const target = path.join(folder, 'none.html');
    const none = ['view', run, '--export', target, '--only', 'wrong', '--true-class', 'turtle'];
    const { code, stderr } = await runCommand(none);
    expect(code).toBe(66);
    expect(stderr).toContain('no image matches --only wrong and --true-class turtle (of 2)');
  });

  test('as webp and jpeg: smaller, nearly the same pixels, and as large as --sizes says', async () => {
    const asked = await runCommand(['view', run, '--export', 'unused.html', '--sizes']);
    expect(asked.code, asked.stderr).toBe(0);
    const sizes = [...asked.stdout.matchAll(/^ *([\d.]+) MB {2}/gm)].map(([, size]) =>
      Number(size),
    );
    const reports = [
      await exportTo('kept.html'),
      await exportTo('webp.html', '--format', 'webp'),
      await exportTo('jpeg.html', '--format', 'jpeg'),
    ];
    reports.forEach((report, i) => {
      expect(Math.abs(statSync(report).size / 1e6 - sizes[i]!)).toBeLessThan(0.06);
    });
    const [kept, webp, jpeg] = reports.map(embedded);
    const overlays = [...kept!.keys()].filter((name) => name.endsWith('overlay.png'));
    expect(overlays.length).toBeGreaterThanOrEqual(2);
    for (const name of overlays) {
      const pixels = await sharp(kept!.get(name)!.bytes).removeAlpha().raw().toBuffer();
      for (const [type, files] of [
        ['image/webp', webp!],
        ['image/jpeg', jpeg!],
      ] as const) {
        const picture = files.get(name)!;
        expect(picture.type).toBe(type);
        expect(picture.bytes.length).toBeLessThan(kept!.get(name)!.bytes.length / 3);
        const lossy = await sharp(picture.bytes).removeAlpha().raw().toBuffer();
        const differences = pixels.map((value, i) => Math.abs(value - lossy[i]!));
        const mean = differences.reduce((sum, value) => sum + value, 0) / pixels.length;
        // The scenes have noise everywhere; another picture differs by tens of levels.
        expect(mean).toBeLessThan(6);
      }
    }
    // Raw maps are values, which no format of pictures may change.
    for (const [name, { bytes }] of kept!) {
      if (name.endsWith('.npy')) expect(webp!.get(name)!.bytes.equals(bytes)).toBe(true);
    }
  });

  test('what none of them takes is told', async () => {
    const refuse = async (...flags: string[]): Promise<string> => {
      const { code, stderr } = await runCommand(['view', run, ...flags]);
      expect(code).toBe(64);
      return stderr;
    };
    const target = path.join(folder, 'no.html');
    expect(await refuse('--export', target, '--only', 'right')).toContain(
      '--only takes all, failed, blank, wrong',
    );
    expect(await refuse('--export', target, '--certainty', 'high')).toContain('--certainty takes');
    expect(await refuse('--export', target, '--format', 'png')).toContain('--format takes kept');
    expect(await refuse('--export', target, '--sizes', '--format', 'png')).toContain(
      '--format takes kept',
    );
    const one = await runCommand(['view', run, '--export', target, '--sizes', '--format', 'webp']);
    expect(one.code, one.stderr).toBe(0);
    expect(one.stdout).toMatch(/^ *[\d.]+ MB {2}--format webp\n$/);
    expect(await refuse('--only', 'wrong')).toContain('add --export <file>, or leave --only out');
    expect(await refuse('--sizes')).toContain('add --export <file>, or leave --sizes out');
  });
});
