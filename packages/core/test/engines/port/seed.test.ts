import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { softmax, type ScoreRule } from '../../../src/engines/port/probabilities.ts';
import { rankScores, resolveSeed, type Seed } from '../../../src/engines/port/seed.ts';

const logits = [1, 3, 2];
/** exp(1 - 3) + exp(0) + exp(2 - 3) */
const sum = Math.exp(-2) + 1 + Math.exp(-1);
const [p0, p1, p2] = [Math.exp(-2) / sum, 1 / sum, Math.exp(-1) / sum];

function resolve(
  score: Seed['score'],
  of: Seed['of'],
  z = logits,
  activation: ScoreRule['activation'] = 'softmax',
) {
  const seed = resolveSeed({ score, of }, z, { activation });
  return { ...seed, gradient: [...seed.gradient] };
}

/** Gradients are stored in float32: a relative rounding of 2^-24. */
function expectGradient(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs(found[i]! - value)).toBeLessThanOrEqual(1e-7 * Math.abs(value));
  });
}

describe('seeds of logits', () => {
  test('class: one at the class', () => {
    expect(resolve('logit', { class: 2 })).toEqual({
      classIndex: 2,
      score: 2,
      gradient: [0, 0, 1],
    });
  });

  test('rank: the class in that place', () => {
    expect(resolve('logit', { rank: 0 })).toEqual({ classIndex: 1, score: 3, gradient: [0, 1, 0] });
    expect(resolve('logit', { rank: 2 })).toEqual({ classIndex: 0, score: 1, gradient: [1, 0, 0] });
  });

  test('rank: equal scores keep their order', () => {
    expect(rankScores([2, 5, 5, 1, 5])).toEqual([1, 2, 4, 0, 3]);
    expect(resolve('logit', { rank: 1 }, [5, 5, 5]).classIndex).toBe(1);
  });

  test('not: the negative', () => {
    expect(resolve('logit', { not: 0 })).toEqual({
      classIndex: 0,
      score: -1,
      gradient: [-1, 0, 0],
    });
  });

  test('contrast: the difference, which is about the first', () => {
    expect(resolve('logit', { contrast: [2, 1] })).toEqual({
      classIndex: 2,
      score: -1,
      gradient: [0, -1, 1],
    });
  });

  test('contrast of a class with itself is nothing', () => {
    expect(resolve('logit', { contrast: [1, 1] })).toEqual({
      classIndex: 1,
      score: 0,
      gradient: [0, 0, 0],
    });
  });
});

describe('seeds of probabilities', () => {
  test('softmax: p (e_c - p)', () => {
    const { score, gradient } = resolve('probability', { class: 1 });
    expect(score).toBeCloseTo(p1, 15);
    expectGradient(gradient, [-p1 * p0, p1 * (1 - p1), -p1 * p2]);
  });

  test('logarithm of softmax: e_c - p', () => {
    const { score, gradient } = resolve('logProbability', { class: 0 });
    expect(score).toBeCloseTo(Math.log(p0), 14);
    expectGradient(gradient, [1 - p0, -p1, -p2]);
  });

  test('a model that ends in logits is read as a softmax', () => {
    expect(resolve('probability', { class: 1 }, logits, 'linear')).toEqual(
      resolve('probability', { class: 1 }),
    );
  });

  test('sigmoid: each class by itself', () => {
    const p = 1 / (1 + Math.exp(-2));
    const own = resolve('probability', { class: 2 }, logits, 'sigmoid');
    expect(own.score).toBeCloseTo(p, 15);
    expectGradient(own.gradient, [0, 0, p * (1 - p)]);
    const log = resolve('logProbability', { class: 2 }, logits, 'sigmoid');
    expect(log.score).toBeCloseTo(Math.log(p), 14);
    expectGradient(log.gradient, [0, 0, 1 - p]);
  });
});

describe('logits far beyond what exp can hold', () => {
  test('softmax stays a distribution', () => {
    expect([...softmax([1000, 999, -1000])]).toEqual([
      1 / (1 + Math.exp(-1)),
      Math.exp(-1) / (1 + Math.exp(-1)),
      0,
    ]);
  });

  test('the logarithm of a probability that is rounded to 0 is the difference of the logits', () => {
    const { score, gradient } = resolve('logProbability', { class: 2 }, [1000, 999, -1000]);
    expect(score).toBeCloseTo(-2000 - Math.log1p(Math.exp(-1)), 9);
    expectGradient(gradient, [-1 / (1 + Math.exp(-1)), -Math.exp(-1) / (1 + Math.exp(-1)), 1]);
  });

  test('a class that is nearly certain keeps its gradient: exp(-40), not 1 - 1', () => {
    const { gradient } = resolve('probability', { class: 0 }, [40, 0]);
    expectGradient(gradient, [Math.exp(-40), -Math.exp(-40)]);
  });

  test('sigmoid of +-800', () => {
    expect(resolve('logProbability', { class: 0 }, [-800], 'sigmoid').score).toBe(-800);
    expect(resolve('probability', { class: 0 }, [800], 'sigmoid').score).toBe(1);
    expectGradient(resolve('probability', { class: 0 }, [60], 'sigmoid').gradient, [Math.exp(-60)]);
  });

  test('every finite logit gives a finite seed, and a softmax gradient that sums to nothing', () => {
    const anyLogits = fc.array(fc.double({ min: -1e30, max: 1e30, noNaN: true }), {
      minLength: 1,
      maxLength: 6,
    });
    const anyScore = fc.constantFrom<Seed['score']>('logit', 'probability', 'logProbability');
    const anyHead = fc.constantFrom('softmax', 'sigmoid', 'linear');
    fc.assert(
      fc.property(anyLogits, anyScore, anyHead, fc.nat(5), (z, score, head, rank) => {
        const seed = resolve(score, { rank: rank % z.length }, z, head);
        expect(Number.isFinite(seed.score)).toBe(true);
        expect(seed.gradient.every(Number.isFinite)).toBe(true);
        if (score === 'logit' || head === 'sigmoid') return;
        expect(Math.abs(seed.gradient.reduce((a, b) => a + b, 0))).toBeLessThan(1e-6);
      }),
    );
  });
});

test.each([
  { class: 3 },
  { class: -1 },
  { class: 0.5 },
  { rank: 3 },
  { not: 7 },
  { contrast: [0, 9] },
] as const)('a class that the model does not have is an error: %j', (of) => {
  expect(() => resolve('logit', of)).toThrow(
    expect.objectContaining({ kind: 'argument', message: expect.stringContaining('0..2') }),
  );
});
