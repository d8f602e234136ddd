import { describe, expect, test } from 'vitest';
import { describeDoubt, evenness } from '../../src/explain/doubt.ts';
import type { OutputShape } from '../../src/network/output-kind.ts';

/** Sums of a few logarithms in double precision. */
const ROUNDING = 1e-12;

const names = { labels: ['cat', 'dog', 'car', 'sun'], wnids: [] };

function outputOf(classes: number, activation: OutputShape['activation'] = 'softmax'): OutputShape {
  return { activation, shape: [classes], classes };
}

function doubtOf(probabilities: readonly number[], output = outputOf(probabilities.length)) {
  const best = probabilities.indexOf(Math.max(...probabilities));
  const predictions = [{ index: best, probability: probabilities[best]!, logit: 0 }];
  return describeDoubt(predictions, probabilities, output, names);
}

describe('how even probabilities are', () => {
  test.each([
    [[1, 0, 0, 0], 0],
    [[0.25, 0.25, 0.25, 0.25], 1],
    // ln 2 of ln 4.
    [[0.5, 0.5, 0, 0], 0.5],
    // (0.5 ln 2 + 2 * 0.25 ln 4) / ln 4 = 1.5 / 2.
    [[0.5, 0.25, 0.25, 0], 0.75],
  ])('%j: %d', (probabilities, expected) => {
    expect(Math.abs(evenness(probabilities) - expected)).toBeLessThan(ROUNDING);
  });
});

describe('a picture that fits no class', () => {
  test('nearly even ones are said, with what the model knows', () => {
    const said = doubtOf([0.3, 0.28, 0.22, 0.2]);
    expect(said).toContain('the best has 30 %');
    expect(said).toContain('none of the 4 things that the model knows (cat, dog, car, sun)');
  });

  test.each<[string, number[], OutputShape?]>([
    ['a class that is likelier than not', [0.55, 0.15, 0.15, 0.15]],
    ['two that share all', [0.49, 0.49, 0.01, 0.01]],
    ['two classes, of which one always is likelier', [0.5, 0.5]],
    [
      'labels of their own, which may all be absent',
      [0.3, 0.28, 0.22, 0.2],
      outputOf(4, 'sigmoid'),
    ],
  ])('%s: nothing is said', (_, probabilities, output) => {
    expect(doubtOf(probabilities, output)).toBeUndefined();
  });
});
