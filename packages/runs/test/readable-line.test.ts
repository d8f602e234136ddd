import type { ResultLine } from '@gradcam/core';
import { expect, test } from 'vitest';
import { toReadableLine } from '../src/run/readable-line.ts';

const line: ResultLine = {
  ...{ image: 'a.png', sha256: 'ab'.repeat(32), width: 4, height: 3 },
  predictions: [{ index: 3, probability: 0.5, logit: 2 }],
  ...{ explanations: [], ms: 1 },
};

test('a line that readers take is written as it is', () => {
  expect(toReadableLine(line)).toBe(line);
});

// JSON has none of these, and would say null.
test.each([NaN, Infinity, -Infinity])(
  'a logit of %d makes it a failure that says where',
  (logit) => {
    const broken = { ...line, predictions: [{ index: 3, probability: 0.5, logit }] };
    expect(toReadableLine(broken)).toEqual({
      image: 'a.png',
      error:
        'a.png: a number of the result is not finite or out of range (predictions[0].logit: expected a number, found null); check the weights',
    });
  },
);
