import { describe, expect, test } from 'vitest';
import {
  blocksInTurn,
  measureCompleteness,
  measureDeletion,
  measureInfidelity,
  measureInsertion,
  measureMaskedImage,
  measureRoad,
  measureSensitivity,
} from '../../src/evidence/index.ts';
import { imputeLinearly } from '../../src/evidence/faithfulness/impute.ts';
import { schedulePixels } from '../../src/evidence/faithfulness/pixel-schedule.ts';
import { orderPixels } from '../../src/evidence/order-pixels.ts';
import { createRandom } from '../../src/base/random.ts';
import { imageOf, linearModel, mapOf } from './linear-model.ts';

/** Four pixels in a row: the score is 4 a + 3 b + 2 c + d, 10 for the image of ones. */
const four = { predict: linearModel([4, 3, 2, 1]), input: imageOf([1, 1, 1, 1], 4) };

/** Of values in 0..1. The solver stops at a share of 1e-8 of the first error; what is left is spread over pixels. */
const EQUATION_ERROR = 1e-7;

describe('deletion and insertion by hand', () => {
  test('a perfect map: 10, 6, 3, 1, 0, whose mean by trapezoids is 15 / 4', async () => {
    const perfect = { ...four, map: mapOf([0.9, 0.5, 0.3, 0.1], 4) };
    const found = await measureDeletion(perfect, { steps: 4 });
    expect(found.scores).toEqual([10, 6, 3, 1, 0]);
    expect(found.shares).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(found.value).toBe(15 / 4);
    expect(found).toMatchObject({ metric: 'deletion', better: 'lower' });
    expect(found.settings).toEqual({
      ...{ score: 'score', points: 5, pixelsPerStep: 1, most: 1 },
      ...{ replacement: 0, ties: 'first', spacing: 'true' },
    });
  });

  test('insertion runs the other way: 0, 4, 7, 9, 10 is 25 / 4', async () => {
    const perfect = { ...four, map: mapOf([0.9, 0.5, 0.3, 0.1], 4) };
    const found = await measureInsertion(perfect, { steps: 4, replacement: 0 });
    expect(found.scores).toEqual([0, 4, 7, 9, 10]);
    expect(found.value).toBe(25 / 4);
  });

  test('steps of unequal length count by their length, or not', async () => {
    const perfect = { ...four, map: mapOf([0.9, 0.5, 0.3, 0.1], 4) };
    // Points 0, 3, 4 of 4: (10 + 1) / 2 * 3/4 + (1 + 0) / 2 * 1/4, and the mean of 5.5 and 0.5.
    const byLength = await measureDeletion(perfect, { pixelsPerStep: 3 });
    expect(byLength.scores).toEqual([10, 1, 0]);
    expect(byLength.value).toBe(4.25);
    const equal = await measureDeletion(perfect, { pixelsPerStep: 3, spacing: 'equal' });
    expect(equal.value).toBe(3);
  });

  test('all channels of a pixel go together', async () => {
    const predict = linearModel([1, 10, 100, 1000]);
    const subject = { predict, input: imageOf([1, 1, 1, 1], 2, 2), map: mapOf([0, 1], 2) };
    const { scores } = await measureDeletion(subject, { steps: 2 });
    expect(scores).toEqual([1111, 11, 0]);
  });

  test('replacement by the mean of each channel, by numbers, by a whole input', async () => {
    const predict = linearModel([1, 10, 100, 1000]);
    const subject = { predict, input: imageOf([1, 2, 3, 4], 2, 2), map: mapOf([1, 0], 2) };
    const lastOf = async (replacement: Parameters<typeof measureDeletion>[1]): Promise<number> =>
      (await measureDeletion(subject, { steps: 2, ...replacement })).scores.at(-1)!;
    expect(await lastOf({ replacement: 'mean' })).toBe(2 + 30 + 200 + 3000);
    expect(await lastOf({ replacement: [5, 6] })).toBe(5 + 60 + 500 + 6000);
    const whole = imageOf([1, 0, 0, 2], 2, 2);
    expect(await lastOf({ replacement: whole })).toBe(2001);
  });

  test('a perfect map beats every other order of the pixels', async () => {
    const random = createRandom(3);
    const weights = [9, 7, 4, 2, 1, 0.5];
    const input = imageOf([1, 1, 1, 1, 1, 1], 3);
    const predict = linearModel(weights);
    const perfect = { predict, input, map: mapOf(weights, 3) };
    const best = await measureDeletion(perfect, { steps: 6 });
    const bestInserted = await measureInsertion(perfect, { steps: 6, replacement: 0 });
    for (let draw = 0; draw < 40; draw++) {
      const map = mapOf(
        weights.map(() => random()),
        3,
      );
      const other = await measureDeletion({ ...perfect, map }, { steps: 6 });
      const inserted = await measureInsertion({ ...perfect, map }, { steps: 6, replacement: 0 });
      expect(other.value).toBeGreaterThanOrEqual(best.value);
      expect(inserted.value).toBeLessThanOrEqual(bestInserted.value);
      // Linear: what is not deleted yet is what would be inserted from the end.
      const reversed = mapOf(
        [...map.data].map((value) => -value),
        3,
      );
      const back = await measureInsertion(
        { ...perfect, map: reversed },
        { steps: 6, replacement: 0 },
      );
      expect(other.value).toBeCloseTo(back.value, 5);
    }
  });
});

describe('schedules', () => {
  test.each([
    [{ steps: 4 }, 10, [0, 3, 6, 9, 10]],
    [{ steps: 4, rounding: 'even' }, 10, [0, 2, 5, 7, 10]],
    [{ pixelsPerStep: 4 }, 10, [0, 4, 8, 10]],
    [{ steps: 20 }, 3, [0, 1, 2, 3]],
    [{ steps: 2, most: 0.5, rounding: 'even' }, 10, [0, 2, 5]],
  ] as const)('%j of %i pixels', (options, pixels, counts) => {
    expect(schedulePixels(pixels, options)).toEqual(counts);
  });

  test('orders: equal values in the order of the image, or the other way round', () => {
    expect([...orderPixels([1, 2, 1, 2])]).toEqual([1, 3, 0, 2]);
    expect([...orderPixels([1, 2, 1, 2], 'last')]).toEqual([3, 1, 2, 0]);
  });

  test.each([
    [{ steps: 0 }, 'steps'],
    [{ pixelsPerStep: 1.5 }, 'pixelsPerStep'],
    [{ most: 0 }, 'most'],
    [{ most: 1.1 }, 'most'],
    [{ most: 0.01 }, 'less than one pixel'],
  ])('%j is refused', (options, message) => {
    expect(() => schedulePixels(10, options)).toThrow(message);
  });
});

describe('ROAD by hand', () => {
  test('a missing pixel becomes the weighted mean of its neighbours', () => {
    // In the middle: (1 + 2 + 3 + 4) / 6 + (6 + 12 + 18 + 24) / 12.
    const values = Float32Array.of(6, 1, 12, 2, 99, 3, 18, 4, 24);
    const missing = Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0);
    const filled = imputeLinearly({ values, missing, height: 3, width: 3, channels: 1 });
    expect(filled[4]).toBeCloseTo(10 / 6 + 5, 12);
    expect(filled[0]).toBe(6);
  });

  test('at a corner the weights of the three neighbours are scaled to 1', () => {
    const values = Float32Array.of(0, 6, 12, 24);
    const missing = Uint8Array.of(1, 0, 0, 0);
    const filled = imputeLinearly({ values, missing, height: 2, width: 2, channels: 1 });
    expect(filled[0]).toBeCloseTo((6 / 6 + 12 / 6 + 24 / 12) / (1 / 6 + 1 / 6 + 1 / 12), 12);
  });

  test('two missing pixels of a row follow from each other: 0, ., ., 9 becomes 0, 3, 6, 9', () => {
    const values = Float32Array.of(0, 50, -50, 9);
    const missing = Uint8Array.of(0, 1, 1, 0);
    const filled = imputeLinearly({ values, missing, height: 1, width: 4, channels: 1 });
    expect([...filled].map((value) => Math.round(value * 1e9) / 1e9)).toEqual([0, 3, 6, 9]);
  });

  test('one known pixel fills the whole image, and none is refused', () => {
    const values = new Float32Array(60 * 50).fill(7);
    const missing = new Uint8Array(60 * 50).fill(1);
    missing[1234] = 0;
    values[1234] = 0.25;
    const filled = imputeLinearly({ values, missing, height: 60, width: 50, channels: 1 });
    for (const value of filled) expect(Math.abs(value - 0.25)).toBeLessThan(1e-6);
    missing[1234] = 1;
    expect(() => imputeLinearly({ values, missing, height: 60, width: 50, channels: 1 })).toThrow(
      'all pixels are missing',
    );
  });

  test.each([
    [1, 1, 40],
    [2, 37, 3],
    [3, 16, 16],
    [4, 33, 50],
    [5, 64, 31],
  ])('each missing pixel is the mean of its neighbours: %i', (seed, height, width) => {
    const random = createRandom(seed);
    const values = Float32Array.from({ length: height * width * 2 }, () => random());
    // A large hole, single holes, and single known pixels in the hole.
    const missing = Uint8Array.from({ length: height * width }, (_, i) =>
      Number(i > 0 && (i < 0.7 * height * width ? random() < 0.97 : random() < 0.1)),
    );
    const filled = imputeLinearly({ values, missing, height, width, channels: 2 });
    for (let i = 0; i < missing.length; i++) {
      for (const channel of [0, 1]) {
        const own = filled[2 * i + channel]!;
        if (missing[i] === 0) expect(own).toBe(values[2 * i + channel]);
        else expect(Math.abs(own - meanAround(filled, i, channel))).toBeLessThan(EQUATION_ERROR);
      }
    }

    function meanAround(image: Float64Array, i: number, channel: number): number {
      const [y, x] = [Math.floor(i / width), i % width];
      let [sum, weights] = [0, 0];
      for (let top = Math.max(0, y - 1); top <= Math.min(height - 1, y + 1); top++) {
        for (let left = Math.max(0, x - 1); left <= Math.min(width - 1, x + 1); left++) {
          if (top === y && left === x) continue;
          const weight = top === y || left === x ? 1 / 6 : 1 / 12;
          sum += weight * image[2 * (top * width + left) + channel]!;
          weights += weight;
        }
      }
      return sum / weights;
    }
  });

  test('the value of a row of four, half of it removed', async () => {
    // Removed: a, b of 8, 2, 0, 0 become 0: -(4*8 + 3*2). Least: c, d stay what b is: 2.
    const input = imageOf([8, 2, 0, 0], 4);
    const subject = { predict: linearModel([4, 3, 2, 1]), input, map: mapOf([4, 3, 2, 1], 4) };
    const found = await measureRoad(subject, { removed: [0.5], noise: 0 });
    expect(found.mostRelevant[0]).toBeCloseTo(-38, 4);
    expect(found.leastRelevant[0]).toBeCloseTo(2 * 2 + 2, 4);
    expect(found.value).toBeCloseTo((6 + 38) / 2, 4);
    expect(found.settings['seed']).toBeNull();
  });

  test('a map of ties loses the stated share, and not everything', async () => {
    const random = createRandom(5);
    const input = imageOf(
      Array.from({ length: 64 }, () => random()),
      8,
    );
    const missing: number[] = [];
    const predict = async ({ shape, data }: typeof input) => {
      for (let item = 0; item < shape[0]!; item++) {
        const own = data.subarray(item * 64, (item + 1) * 64);
        missing.push(own.filter((value, i) => value !== input.data[i]).length);
      }
      return { shape: [shape[0]!, 1], data: new Float32Array(shape[0]!) };
    };
    const map = mapOf(
      Array.from({ length: 64 }, (_, i) => (i === 20 ? 1 : 0)),
      8,
    );
    await measureRoad({ predict, input, map }, { removed: [0.25, 0.75], noise: 0 });
    // k = ceil(0.75 * 63) = 48 stay, and ceil(0.25 * 63) = 16; the first is the untouched input.
    expect(missing).toEqual([0, 16, 48, 16, 48]);
  });

  test('the noise has its seed: the same again, and another one', async () => {
    const input = imageOf([8, 2, 0, 0, 1, 2, 3, 4, 5], 3);
    const map = mapOf([9, 8, 7, 6, 5, 4, 3, 2, 1], 3);
    const subject = { predict: linearModel([4, 3, 2, 1, 1, 1, 1, 1, 1]), input, map };
    const one = await measureRoad(subject, { seed: 2 });
    expect(await measureRoad(subject, { seed: 2, batch: 1 })).toEqual(one);
    expect((await measureRoad(subject, { seed: 3 })).value).not.toBe(one.value);
    expect(one.settings).toMatchObject({ noise: 0.01, seed: 2 });
  });

  test.each([[[0]], [[1]], [[]], [[0.5, NaN]]])('removed %j is refused', async (removed) => {
    const subject = { ...four, map: mapOf([1, 2, 3, 4], 4) };
    await expect(measureRoad(subject, { removed })).rejects.toThrow('removed: expected shares');
  });
});

describe('drop, increase and gain by hand', () => {
  // 0.05 times 10 is 0.5; seen through the mask 1, 0.5, 0, 0 it is 0.05 times 5.5.
  const half = { predict: linearModel([0.2, 0.15, 0.1, 0.05]), input: imageOf([1, 1, 1, 1], 4) };

  test('a score of 0.5 that falls to 0.275', async () => {
    const { drop, increase, gain } = await measureMaskedImage({
      ...half,
      map: mapOf([4, 2, 0, -3], 4),
    });
    expect(drop.value).toBeCloseTo(0.45, 6);
    expect([increase.value, gain.value]).toEqual([0, 0]);
  });

  test('a score of 0.5 that rises to 0.7: the gain is 0.2 / 0.5', async () => {
    const predict = linearModel([0.5, 0.2, -0.1, -0.1]);
    const subject = { predict, input: half.input, map: mapOf([1, 1, 0, 0], 4) };
    const { drop, increase, gain } = await measureMaskedImage(subject);
    expect([drop.value, increase.value]).toEqual([0, 1]);
    expect(gain.value).toBeCloseTo(0.4, 6);
  });

  test('magnitudes from the smallest to the largest: 4, 2, 0, 3 of a signed map', async () => {
    const subject = { ...half, map: mapOf([4, 2, 0, -3], 4) };
    const { maskedScore } = await measureMaskedImage(subject, { mask: 'magnitude' });
    expect(maskedScore).toBeCloseTo(0.2 + 0.075 + 0.0375, 6);
  });

  test('a logit below 0 has no share and no gain, and says so', async () => {
    const subject = { ...half, predict: linearModel([-1, -1, 0, 0]), map: mapOf([1, 0, 0, 0], 4) };
    const { drop, increase, gain } = await measureMaskedImage(subject);
    expect(drop).toMatchObject({ value: null, reason: expect.stringContaining('the score is -2') });
    expect(gain).toMatchObject({ value: null, reason: expect.stringContaining('probability') });
    expect(increase.value).toBe(1);
    const { drop: difference } = await measureMaskedImage(subject, { drop: 'difference' });
    expect(difference.value).toBe(0);
  });
});

describe('infidelity and completeness by hand', () => {
  const linear = { predict: linearModel([4, 3, 2, 1], 5), input: imageOf([1, 2, 3, 4], 4) };
  /** What each value gives: weight times value. */
  const contributions = mapOf([4, 6, 6, 4], 4);
  const each = { perturbation: blocksInTurn(1), samples: 4 };

  test('the contributions of a linear model explain every change', async () => {
    const found = await measureInfidelity({ ...linear, map: contributions }, each);
    expect(found.value).toBeCloseTo(0, 10);
    expect(found.settings).toMatchObject({ perturbation: 'blocks of 1 in turn to 0', samples: 4 });
  });

  test('the gradient does so for changes of any kind', async () => {
    const map = mapOf([4, 3, 2, 1], 4);
    const options = { attribution: 'gradient', scaled: false } as const;
    expect((await measureInfidelity({ ...linear, map }, options)).value).toBeCloseTo(0, 9);
  });

  test('a map of ones, unscaled and with the best scale', async () => {
    const map = mapOf([1, 1, 1, 1], 4);
    const plain = await measureInfidelity({ ...linear, map }, { ...each, scaled: false });
    // Changes 4, 6, 6, 4 against 1: (9 + 25 + 25 + 9) / 4; against the best scale 5: 1.
    expect(plain.value).toBeCloseTo(17, 5);
    expect((await measureInfidelity({ ...linear, map }, each)).value).toBeCloseTo(1, 5);
  });

  test('a map of zeros has no scale', async () => {
    const map = mapOf([0, 0, 0, 0], 4);
    expect(await measureInfidelity({ ...linear, map }, each)).toMatchObject({
      value: null,
      reason: expect.stringContaining('no scale'),
    });
  });

  test('completeness: 20 of 20, and 19 of 20', async () => {
    const whole = await measureCompleteness({ ...linear, map: contributions });
    expect(whole).toMatchObject({ value: 0, total: 20, expected: 20 });
    const short = await measureCompleteness({ ...linear, map: mapOf([4, 6, 6, 3], 4) });
    expect(short.value).toBe(1);
    const fromOnes = await measureCompleteness({ ...linear, map: contributions }, { baseline: 1 });
    expect(fromOnes).toMatchObject({ expected: 10, value: 10 });
  });
});

describe('sensitivity by hand', () => {
  const input = imageOf([3, 4], 2);
  const addOne = {
    name: 'plus index',
    start: () => (copy: Float32Array, index: number) => {
      copy[0]! += index;
    },
  };

  test('the map is the input: the largest of 0, 1, 2 over 5', async () => {
    const found = await measureSensitivity((image) => image, input, {
      perturbation: addOne,
      samples: 3,
    });
    expect(found.value).toBeCloseTo(2 / 5, 6);
  });

  test('a constant map has 0, and a map of zeros is divided by 1', async () => {
    const constant = await measureSensitivity(() => mapOf([1, 1], 2), input);
    expect(constant.value).toBe(0);
    const { value } = await measureSensitivity(({ data }) => mapOf([data[0]! - 3, 0], 2), input, {
      perturbation: addOne,
      samples: 3,
    });
    expect(value).toBe(2);
  });
});

describe('what is refused, and what stops', () => {
  const map = mapOf([1, 2, 3, 4], 4);

  test.each([
    ['a map of another size', { ...four, map: mapOf([1, 2], 2) }, 'expected shape [1, 4]'],
    ['a map that is not finite', { ...four, map: mapOf([1, NaN, 3, 4], 4) }, 'NaN at index 1'],
    ['two inputs', { ...four, input: { shape: [2, 1, 2, 1], data: four.input.data }, map }, 'one'],
    ['a score that is not there', { ...four, map, score: 1 }, 'more than 1 scores'],
  ])('%s', async (_, subject, message) => {
    await expect(measureDeletion(subject)).rejects.toThrow(message);
  });

  test('an abort ends a measurement between two passes', async () => {
    const controller = new AbortController();
    let passes = 0;
    const predict = async (inputs: typeof four.input) => {
      passes += 1;
      if (passes === 2) controller.abort();
      return four.predict(inputs);
    };
    const { signal } = controller;
    await expect(measureDeletion({ ...four, predict, map }, { signal, batch: 1 })).rejects.toThrow(
      'aborted',
    );
    expect(passes).toBe(2);
    await expect(measureMaskedImage({ ...four, map }, { signal })).rejects.toThrow('aborted');
    await expect(measureSensitivity(() => map, four.input, { signal })).rejects.toThrow('aborted');
  });
});
