import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import type { ScoreFunction } from '../../src/engines/port/score-function.ts';
import { resolveSeed, scoreSeed } from '../../src/engines/port/seed.ts';
import { explain } from '../../src/explain/explain.ts';
import { loadModel } from '../../src/model/model.ts';
import { createEngine } from '../helper/engines.ts';
import { expectClose } from '../helper/closeness.ts';
import { filesOf } from '../helper/model-files.ts';
import { residualNet } from '../helper/small-nets.ts';

/** Entropy of the prediction; its derivative by hand is -p_i (log p_i + H). */
const entropy: ScoreFunction = {
  name: 'entropy',
  score: ({ probabilities }) =>
    probabilities.reduce((sum, p) => sum - (p > 0 ? p * Math.log(p) : 0), 0),
};

const animals: ScoreFunction = {
  name: 'animals',
  score: ({ logits }) => logits[0]! + logits[2]!,
  gradient: ({ logits }) => logits.map((_, i) => (i === 0 || i === 2 ? 1 : 0)),
};

const of = (scalar: ScoreFunction) => ({ score: 'logit', of: { scalar } }) as const;

describe('a function of the scores as a seed', () => {
  test('without a gradient: central differences are the derivative by hand', () => {
    const anyLogits = fc.array(fc.double({ min: -8, max: 8, noNaN: true }), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(anyLogits, (logits) => {
        const { gradient, score, classIndex } = resolveSeed(of(entropy), logits, {
          activation: 'softmax',
        });
        const exponentials = logits.map(Math.exp);
        const sum = exponentials.reduce((a, b) => a + b, 0);
        const p = exponentials.map((value) => value / sum);
        const own = p.reduce((all, value) => all - value * Math.log(value), 0);
        expect([score, classIndex]).toEqual([expect.closeTo(own, 9), -1]);
        // Stored in float32.
        p.forEach((value, i) => {
          expect(gradient[i]).toBeCloseTo(-value * (Math.log(value) + own), 6);
        });
        expect(scoreSeed(of(entropy), logits, { activation: 'softmax' })).toBe(score);
      }),
    );
  });

  test('sees the head’s own probabilities', () => {
    const first: ScoreFunction = { name: 'p0', score: ({ probabilities }) => probabilities[0]! };
    expect(resolveSeed(of(first), [0, 5], { activation: 'sigmoid' }).score).toBe(0.5);
    expect(resolveSeed(of(first), [0, 0], { activation: 'softmax' }).score).toBe(0.5);
  });

  test.each([
    [
      { name: 'log of nothing', score: () => Math.log(0) },
      'log of nothing: its score is -Infinity',
    ],
    [{ name: 'short', score: () => 1, gradient: () => [1] }, 'short: expected a gradient of 2'],
    [{ name: 'broken', score: () => 1, gradient: () => [1, NaN] }, 'NaN at 1'],
  ])('%o is an error that names it', (scalar, message) => {
    expect(() => resolveSeed(of(scalar), [1, 2], { activation: 'softmax' })).toThrow(
      expect.objectContaining({ kind: 'argument', message: expect.stringContaining(message) }),
    );
  });
});

describe.each(['cpu', 'onnx'] as const)('in explain on %s', (backend) => {
  const picture = {
    width: 9,
    height: 11,
    channels: 3,
    data: Uint8Array.from({ length: 297 }, (_, i) => (i * 37) % 256),
  } as const;

  test('is what it is by classes, for every kind of method', { timeout: 60_000 }, async () => {
    const engine = await createEngine(backend);
    const model = await loadModel(filesOf(residualNet()), { engine });
    const methods = [
      'grad-cam',
      'gradient',
      'ablation-cam',
      'smoothgrad',
      'occlusion',
      'full-grad',
    ];
    const margin: ScoreFunction = {
      name: '1 rather than 3',
      score: ({ logits }) => logits[1]! - logits[3]!,
    };
    const { explanations } = await explain(model, picture, {
      methods,
      targets: ['1:3', margin, animals, entropy],
      layers: ['relu2'],
      runs: 3,
    });
    model.dispose();
    methods.forEach((method, i) => {
      const [contrast, own, sum, spread] = [0, 1, 2, 3].map(
        (target) => explanations[target * methods.length + i]!,
      ) as [(typeof explanations)[0], ...typeof explanations];
      expect([method, own!.target]).toEqual([
        method,
        { kind: 'function', index: -1, label: '1 rather than 3' },
      ]);
      expect(own!.score).toBeCloseTo(contrast.score, 5);
      // Differences in float64 of a linear score: exact to 1e-9, then the same float32 run.
      expectClose(own!.raw, contrast.raw, 2e-5);
      expect(sum!.target.label).toBe('animals');
      expect(spread!.raw.data.every(Number.isFinite)).toBe(true);
      expect(spread!.raw).not.toEqual(sum!.raw);
    });
  });
});
