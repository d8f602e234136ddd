import {
  latestLines,
  lineKey,
  nounOfLines,
  parseResults,
  questionOfLine,
  type FailureLine,
  type ResultLine,
} from '@gradcam/core';
import { expect, test } from 'vitest';

const lineOf = (image: string, text?: ResultLine['text']): ResultLine => ({
  ...{
    image,
    sha256: 'a'.repeat(64),
    width: 2,
    height: 2,
    predictions: [],
    explanations: [],
    ms: 1,
  },
  ...(text && { text }),
});
const asked = (image: string, question: string, answer = 'yes'): ResultLine =>
  lineOf(image, { question, answer });
const failed = (image: string, question?: string): FailureLine => ({
  ...{ image, error: 'no picture' },
  ...(question !== undefined && { question }),
});

test('the last line of an image counts, and of several questions about it each one', () => {
  const lines = [
    asked('a', 'one', 'no'),
    asked('a', 'two'),
    failed('b', 'one'),
    asked('a', 'one', 'yes'),
    asked('b', 'one'),
    lineOf('c'),
    lineOf('c'),
  ];
  expect(latestLines(lines)).toEqual([lines[3], lines[1], lines[4], lines[6]]);
  expect(nounOfLines(latestLines(lines))).toBe('question');
  expect(nounOfLines([lineOf('a'), lineOf('b')])).toBe('image');
});

test('a failure of an early version, which names no question, gives way to a later line of its image', () => {
  const lines = [failed('a'), failed('b'), asked('a', 'one')];
  expect(latestLines(lines)).toEqual([lines[1], lines[2]]);
  // Where nothing later is about the image, it stays.
  expect(latestLines([failed('a'), asked('b', 'one')])).toHaveLength(2);
});

test('lines of captions and of classes are known by their image', () => {
  const caption = { caption: [], by: 'model', logProbability: -1 } as const;
  expect(lineKey(lineOf('a', caption))).toBe('a');
  expect(questionOfLine(lineOf('a', caption))).toBeUndefined();
  expect(lineKey(asked('a', 'one'))).not.toBe(lineKey(asked('a', 'two')));
  expect(lineKey(failed('a', 'one'))).toBe(lineKey(asked('a', 'one')));
});

test('a failure may name its question, which is a text', () => {
  const row = JSON.stringify(failed('a', 'one'));
  expect(parseResults(`${row}\n`).lines).toEqual([failed('a', 'one')]);
  const wrong = row.replace('"one"', '1');
  expect(() => parseResults(`${wrong}\n`)).toThrow('question: expected a string');
});
