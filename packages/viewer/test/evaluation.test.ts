import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { planAxis } from '../src/evaluation/axis.ts';
import { loadEvaluation } from '../src/evaluation/load-evaluation.ts';
import { listCurves, meanCurves } from '../src/evaluation/mean-curves.ts';
import { formatNumber, inSentence } from '../src/evaluation/names.ts';
import {
  EvaluationError,
  parseEvaluatedImages,
  parseEvaluation,
} from '../src/evaluation/parse-evaluation.ts';
import { nextSorting, sortRows, type Sorting } from '../src/evaluation/sort-rows.ts';
import { lineOfImage, planEvaluation } from './helper/synthetic-evaluation.ts';

describe('evaluation.json', () => {
  test('is read with its rows, baselines and cells', () => {
    const { rows, metrics, removed, model } = parseEvaluation(JSON.stringify(planEvaluation()));
    expect(model).toBe('demo-resnet');
    expect(metrics.map(({ name }) => name)).toEqual(['deletion', 'insertion', 'road']);
    expect(rows.map(({ row, isBaseline }) => [row, isBaseline])).toEqual([
      ['grad-cam', false],
      ['layer-cam', false],
      ['random-cam', true],
    ]);
    expect(rows[0]!.cells.get('deletion')).toMatchObject({ mean: 0.2, doesNotBeat: [] });
    expect(rows[1]!.cells.has('road')).toBe(false);
    expect(rows[2]!.cells.get('deletion')!.doesNotBeat).toBeNull();
    expect(removed).toEqual([0.1, 0.5, 0.9]);
  });

  test.each([
    ['{', /evaluation\.json: expected JSON/],
    ['[]', /evaluation\.json: expected an object, found \[\]/],
    [JSON.stringify({ ...planEvaluation(), schema: 2 }), /schema: expected 1, found 2/],
    [JSON.stringify({ ...planEvaluation(), rows: 'x' }), /rows: expected a list, found "x"/],
    [
      JSON.stringify({
        ...planEvaluation(),
        rows: [{ row: 'a', kind: 'method', cells: { b: 1 } }],
      }),
      /a\.b: expected an object, found 1/,
    ],
    [
      JSON.stringify({ ...planEvaluation(), metrics: [{ name: 'a', better: 'blue' }] }),
      /metrics\.better: expected higher, lower or neither, found "blue"/,
    ],
  ])('%s is refused by its field', (text, message) => {
    expect(() => parseEvaluation(text)).toThrow(EvaluationError);
    expect(() => parseEvaluation(text)).toThrow(message);
  });
});

test('a file that is too large is not read', async () => {
  const server = createServer((_, response) => {
    // The body never comes.
    response.writeHead(200, { 'Content-Length': String(2 ** 28 + 1) }).flushHeaders();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const loaded = await loadEvaluation(`http://127.0.0.1:${port}/run/`);
  expect(loaded).toMatchObject({ kind: 'broken' });
  expect((loaded as { message: string }).message).toContain(
    'evaluation.json: the file has 268435457 bytes, and the page reads at most 268435456',
  );
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('evaluation.jsonl', () => {
  const good = JSON.stringify(lineOfImage('a.png', { 'grad-cam': [1, 0.5, 0] }));

  test('has a head, images, failures, and a line that is being written', () => {
    const failed = JSON.stringify({ image: 'b.png', error: 'b.png: not an image' });
    const images = parseEvaluatedImages(`{"schema":1}\n${good}\n${failed}\n${good.slice(0, 9)}`);
    expect(images.map(({ image }) => image)).toEqual(['a.png']);
    expect(images[0]!.classes[0]!.maps[0]!.curves.get('deletion')).toEqual([1, 0.5, 0]);
    expect(parseEvaluatedImages('')).toEqual([]);
  });

  test('names the line and the field of a fault', () => {
    const bad = good.replace('"index":1', '"index":"one"');
    expect(() => parseEvaluatedImages(`{}\n${good}\n${bad}\n`)).toThrow(
      /line 3: classes\.index: expected a number, found "one"/,
    );
  });
});

describe('mean curves', () => {
  test('each image counts once, with the mean of its questions', () => {
    const ask = (image: string, question: string, middle: number): string =>
      JSON.stringify({ ...lineOfImage(image, { 'grad-cam': [1, middle, 0] }), question });
    const lines = [ask('a.png', 'one', 0), ask('b.png', 'one', 0.75), ask('a.png', 'two', 0.5)];
    const images = parseEvaluatedImages(`{}\n${lines.join('\n')}\n`);
    expect(images.map(({ question }) => question)).toEqual(['one', 'one', 'two']);
    // (0 + 0.5) / 2 of one picture, 0.75 of the other.
    expect(meanCurves(images, 'deletion', ['grad-cam'])).toEqual([
      { row: 'grad-cam', points: [1, 0.5, 0], images: 2 },
    ]);
    const wrong = lines[0]!.replace('"one"', '1');
    expect(() => parseEvaluatedImages(`{}\n${wrong}\n`)).toThrow('question: expected a text');
  });

  test('each image counts once, with the mean of its classes', () => {
    const line = JSON.stringify({
      ...lineOfImage('b.png', {}),
      // Two classes with 0 and 0.5 at the second point: 0.25, and with the other image (0.25 + 0.75) / 2.
      classes: [
        ...lineOfImage('b.png', { 'grad-cam': [1, 0, 0] }).classes,
        ...lineOfImage('b.png', { 'grad-cam': [0, 0.5, 0] }).classes,
      ],
    });
    const other = JSON.stringify(
      lineOfImage('a.png', { 'grad-cam': [1, 0.75, 0], 'layer-cam': [1, 1, 1] }),
    );
    const images = parseEvaluatedImages(`{}\n${other}\n${line}\n`);
    expect(listCurves(images)).toEqual(['deletion']);
    expect(meanCurves(images, 'deletion', ['layer-cam', 'grad-cam', 'none'])).toEqual([
      { row: 'layer-cam', points: [1, 1, 1], images: 1 },
      { row: 'grad-cam', points: [0.75, 0.5, 0], images: 2 },
    ]);
  });
});

describe('sorting', () => {
  const evaluation = parseEvaluation(JSON.stringify(planEvaluation()));
  const order = (sorting: Sorting): string[] =>
    sortRows(evaluation, sorting, (row) => row).map(({ row }) => row);

  test('by a metric, by name, by time; rows without a value are last', () => {
    const up = { direction: 'ascending' } as const;
    const down = { direction: 'descending' } as const;
    expect(order({ column: null, ...up })).toEqual(['grad-cam', 'layer-cam', 'random-cam']);
    expect(order({ column: 'deletion', ...up })).toEqual(['layer-cam', 'grad-cam', 'random-cam']);
    expect(order({ column: 'road', ...up })).toEqual(['random-cam', 'grad-cam', 'layer-cam']);
    expect(order({ column: 'road', ...down })).toEqual(['grad-cam', 'random-cam', 'layer-cam']);
    expect(order({ column: 'row', ...down })).toEqual(['random-cam', 'layer-cam', 'grad-cam']);
    expect(order({ column: 'ms', ...down })).toEqual(['layer-cam', 'grad-cam', 'random-cam']);
  });

  test('a column begins with its good end, turns, and goes back', () => {
    const none: Sorting = { column: null, direction: 'ascending' };
    const first = nextSorting(none, 'insertion', 'higher');
    expect(first).toEqual({ column: 'insertion', direction: 'descending' });
    const second = nextSorting(first, 'insertion', 'higher');
    expect(second).toEqual({ column: 'insertion', direction: 'ascending' });
    expect(nextSorting(second, 'insertion', 'higher')).toEqual(none);
    expect(nextSorting(second, 'deletion', 'lower').direction).toBe('ascending');
  });
});

describe('axes and numbers', () => {
  test.each([
    [[0, 1], { from: 0, to: 1, ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] }],
    [[0.1, 0.49], { from: 0, to: 0.5, ticks: [0, 0.1, 0.2, 0.3, 0.4, 0.5] }],
    [[-0.3, 0.1], { from: -0.3, to: 0.1, ticks: [-0.3, -0.2, -0.1, 0, 0.1] }],
    [[0, 30], { from: 0, to: 30, ticks: [0, 10, 20, 30] }],
    [[], { from: 0, to: 1, ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] }],
  ])('over %j', (values, expected) => {
    expect(planAxis(values)).toEqual(expected);
  });

  test('a curve of one value has an axis', () => {
    const { from, to } = planAxis([0, 0]);
    expect(to).toBeGreaterThan(from);
  });

  test('as people write them', () => {
    expect([0.12345, -0.5, 12.345, 123.4, 12345].map(formatNumber)).toEqual([
      ...['0.123', '−0.500', '12.35', '123', '12,345'],
    ]);
    expect(['random-cam', 'centre-blob'].map(inSentence)).toEqual([
      'RandomCAM',
      'blob in the centre',
    ]);
  });
});
