import type { ResultExplanation } from '@gradcam/core';
import { expect, test } from 'vitest';
import { fileAddress } from '../src/run/file-address.ts';
import { className, formatPercent, formatScore, targetName } from '../src/text/format.ts';

test.each([
  [0, '0.0 %'],
  [0.0004, '< 0.1 %'],
  [0.3461, '34.6 %'],
  [0.9999, '100 %'],
  [1, '100 %'],
])('probability %d reads %s', (probability, text) => {
  expect(formatPercent(probability)).toBe(text);
});

test.each([
  [0, '0.00'],
  [9.126, '9.13'],
  [-34.56, '-34.6'],
  [1234.5, '1235'],
  [0.00012, '1.20e-4'],
])('score %d reads %s', (score, text) => {
  expect(formatScore(score)).toBe(text);
});

test('one number is a value, and no class of the index 0', () => {
  const prediction = { index: 0, value: 33.2, logit: 33.2 };
  expect(className(prediction)).toBe('value');
  expect(className({ index: 0 })).toBe('class 0');
  const not = { target: { kind: 'not', index: 0 } } as ResultExplanation;
  expect(targetName(not, [prediction])).toBe('not value');
  expect(targetName(not, [{ index: 0, probability: 0.4, logit: 1 }])).toBe('not class 0');
});

test('addresses of files keep the folders and escape the names', () => {
  expect(fileAddress('./run/', 'images/a b#1?/x%.png')).toBe('./run/images/a%20b%231%3F/x%25.png');
});
