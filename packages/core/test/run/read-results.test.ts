import { describe, expect, test } from 'vitest';
import { isFailure, parseResults, validateRun } from '../../src/run/read-results.ts';

const result = JSON.stringify({
  ...{ image: 'a.png', sha256: 'ab'.repeat(32), width: 4, height: 3 },
  ...{ predictions: [], explanations: [], ms: 1 },
});
const failure = JSON.stringify({ image: 'b.png', error: 'not an image' });

describe('results.jsonl', () => {
  test('tells results from failures', () => {
    const { lines, torn } = parseResults(`${result}\n${failure}\n`);
    expect(lines.map((line) => [line.image, isFailure(line)])).toEqual([
      ['a.png', false],
      ['b.png', true],
    ]);
    expect(torn).toBe(0);
  });

  test('a whole last line counts without its end of line', () => {
    expect(parseResults(`${failure}\n${result}`)).toMatchObject({ torn: 0, lines: [{}, {}] });
  });

  test('a last line torn at any byte is left out and counted', () => {
    for (let cut = 1; cut < result.length; cut++) {
      const { lines, torn } = parseResults(`${failure}\n${result.slice(0, cut)}`);
      expect([lines.length, torn]).toEqual([1, 1]);
    }
  });

  test('empty and blank', () => {
    expect(parseResults('')).toEqual({ lines: [], torn: 0 });
    expect(parseResults('\n\n')).toEqual({ lines: [], torn: 0 });
  });

  test.each([
    ['{"image":', 'not JSON'],
    ['{"image":"c"}', 'neither result nor failure'],
    ['null', 'nothing'],
    ['{"error":"x"}', 'no image'],
  ])('another broken line is an error with its number: %s', (row) => {
    expect(() => parseResults(`${result}\n${row}\n${result}\n`)).toThrow(
      expect.objectContaining({ kind: 'argument', message: expect.stringContaining('line 2') }),
    );
  });
});

describe('the text of a line', () => {
  const lineWith = (text: unknown): string => JSON.stringify({ ...JSON.parse(result), text });
  const word = { word: 'dog', logProbability: -0.5 };
  const caption = { caption: [word], by: 'model', logProbability: -1 };

  test.each([
    { question: 'what is it?' },
    { question: 'what is it?', answer: 'a dog' },
    caption,
    { ...caption, caption: [] },
    {
      ...{ ...caption, by: 'user', end: { logProbability: -0.5, instead: word } },
      caption: [{ ...word, instead: word, explanation: 3 }],
      own: { caption: 'a cat', logProbability: -0.25 },
    },
  ])('%j', (text) => {
    expect(parseResults(lineWith(text)).lines[0]).toMatchObject({ text });
  });

  test.each([
    ['no object', 'a dog', 'text: expected an object'],
    ['no question', {}, 'text.question: expected a string'],
    ['an answer in a list', { question: 'a', answer: ['b'] }, 'text.answer: expected a string'],
    [
      'a probability',
      { ...caption, logProbability: 0.5 },
      'text.logProbability: expected a number in',
    ],
    ['no words', { ...caption, caption: 'a dog' }, 'text.caption: expected a list, found "a dog"'],
    [
      'a word without its score',
      { ...caption, caption: [{ word: 'a' }] },
      'text.caption[0].logProbability',
    ],
    [
      'a place before the first',
      { ...caption, caption: [{ ...word, explanation: -1 }] },
      'text.caption[0].explanation',
    ],
    ['another author', { ...caption, by: 'me' }, 'text.by: expected one of model, user'],
  ])('%s', (_, text, message) => {
    expect(() => parseResults(`${lineWith(text)}\n`)).toThrow(message);
  });
});

describe('run.json', () => {
  const run = {
    ...{ schema: 1, status: 'done', startedAt: '2026-03-02T09:30:00.000Z', engine: 'tfjs-wasm' },
    model: { id: 'm', path: 'models/m', digest: 'ab'.repeat(32) },
    settings: {
      ...{ methods: [], targets: [], layers: [], save: [] },
      ...{ colormap: 'turbo', alpha: 0.5, fit: 'crop' },
    },
    ...{ versions: {}, assumptions: [] },
  };

  test('a run is returned as it is', () => {
    expect(validateRun(run)).toBe(run);
    expect(validateRun({ ...run, status: 'running' })).toMatchObject({ status: 'running' });
  });

  test.each([
    null,
    'x',
    {},
    { ...run, schema: 2 },
    { ...run, status: 'late' },
    { ...run, model: {} },
    {
      ...run,
      engine: undefined,
    },
  ])('not a run: %j', (value) => {
    expect(() => validateRun(value)).toThrow(expect.objectContaining({ kind: 'argument' }));
  });

  test('a schema of 100,000 levels is refused as any other', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    expect(() => validateRun({ ...run, schema: deep })).toThrow(
      'run.json: expected schema 1, found a list of 1',
    );
  });
});
