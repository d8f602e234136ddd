import { describe, expect, test } from 'vitest';
import { createRandom } from '../../src/base/random.ts';
import {
  bootstrapMean,
  centreBlob,
  compareMaps,
  correlation,
  inputEdges,
  inputMapOf,
  measureAgreement,
  measureClassContrast,
  measureComplexity,
  measureSparseness,
  rankCorrelation,
  structuralSimilarity,
} from '../../src/evidence/index.ts';
import { imageOf, mapOf } from './linear-model.ts';

function randomMap(seed: number, side = 16) {
  const random = createRandom(seed);
  return mapOf(
    Array.from({ length: side * side }, () => random()),
    side,
  );
}

describe('rank correlation', () => {
  test('1 for any rising function, -1 for the reverse', () => {
    const values = [0.1, 0.7, 0.3, 2];
    expect(rankCorrelation(values, values.map(Math.exp))).toBe(1);
    expect(
      rankCorrelation(
        values,
        values.map((value) => -value),
      ),
    ).toBe(-1);
  });

  test('ties share the mean of their ranks: (1.5, 1.5, 3) against (1, 2, 3)', () => {
    // Deviations -0.5, -0.5, 1 and -1, 0, 1: 1.5 / sqrt(1.5 * 2).
    expect(rankCorrelation([5, 5, 9], [1, 2, 3])).toBeCloseTo(1.5 / Math.sqrt(3), 12);
  });

  test('a single value everywhere has no order', () => {
    expect(rankCorrelation([1, 1, 1], [1, 2, 3])).toBeNull();
    expect(correlation([1, 2, 3], [4, 4, 4])).toBeNull();
    expect(() => correlation([1], [1, 2])).toThrow('1 values against 2');
  });
});

describe('SSIM', () => {
  test('equal maps have 1, and the order of two maps does not count', () => {
    const [a, b] = [randomMap(1), randomMap(2)];
    expect(structuralSimilarity(a, a)).toBeCloseTo(1, 12);
    expect(structuralSimilarity(a, b)).toBeCloseTo(structuralSimilarity(b, a), 12);
    expect(structuralSimilarity(a, b)).toBeLessThan(0.2);
  });

  test('flat maps of 0.5 and 0.25: only their luminance differs', () => {
    const flat = (value: number) =>
      mapOf(
        Array.from({ length: 144 }, () => value),
        12,
      );
    const expected = (2 * 0.5 * 0.25 + 1e-4) / (0.25 + 0.0625 + 1e-4);
    expect(structuralSimilarity(flat(0.5), flat(0.25))).toBeCloseTo(expected, 7);
  });

  test('maps below 11 pixels, and of two sizes, are refused', () => {
    expect(() => structuralSimilarity(randomMap(1, 10), randomMap(2, 10))).toThrow('at least 11');
    expect(() => structuralSimilarity(randomMap(1, 12), randomMap(2, 13))).toThrow('[12, 12]');
  });
});

describe('agreement and class contrast', () => {
  test('each pair of methods once; a map agrees with itself', () => {
    const maps = new Map([
      ['a', randomMap(1)],
      ['b', randomMap(2)],
      ['c', randomMap(1)],
    ]);
    const found = measureAgreement(maps);
    expect(found.map(({ methods }) => methods.join())).toEqual(['a,b', 'a,c', 'b,c']);
    expect(found[1]!.similarity.spearman.value).toBeCloseTo(1, 12);
    expect(found[1]!.similarity.ssim.value).toBeCloseTo(1, 12);
    expect(Math.abs(found[0]!.similarity.spearman.value!)).toBeLessThan(0.3);
  });

  test('a map times ten is the same map', () => {
    const a = randomMap(4);
    const b = { ...a, data: a.data.map((value) => 10 * value) };
    expect(compareMaps(a, b).ssim.value).toBeCloseTo(1, 6);
  });

  test('class contrast is the mean over the other classes', () => {
    const map = randomMap(1);
    const turned = { ...map, data: map.data.map((value) => -value) };
    expect(measureClassContrast(map, [map]).spearman.value).toBeCloseTo(1, 12);
    expect(measureClassContrast(map, [map, turned]).spearman.value).toBeCloseTo(0, 12);
    expect(measureClassContrast(map, [map, turned]).spearman.settings).toEqual({ classes: 2 });
    expect(measureClassContrast(map, []).ssim).toMatchObject({ value: null });
    const flat = { ...map, data: map.data.map(() => 1) };
    expect(measureClassContrast(map, [flat]).spearman.reason).toContain('no order');
  });
});

describe('sparseness and complexity by hand', () => {
  test.each([
    // One pixel of n: the Gini index is (n - 1) / n.
    [[0, 0, 0, 5], 3 / 4, 0],
    [[2, 2, 2, 2], 0, Math.log(4)],
    // Sorted 1, 3: (-1 * 1 + 1 * 3) / (2 * 4); p = 1/4 and 3/4, the sign does not count.
    [[-3, 1], 1 / 4, -(0.25 * Math.log(0.25) + 0.75 * Math.log(0.75))],
  ])('%j', (values, gini, entropy) => {
    const map = mapOf(values, values.length);
    expect(measureSparseness(map).value).toBeCloseTo(gini, 12);
    expect(measureComplexity(map).value).toBeCloseTo(entropy, 12);
  });

  test('a map of zeros has no result', () => {
    expect(measureSparseness(mapOf([0, 0], 2)).reason).toContain('zero');
    expect(measureComplexity(mapOf([0, 0], 2)).value).toBeNull();
  });
});

describe('baselines', () => {
  test('the blob is largest in the middle, and exp(-1/2) one deviation away', () => {
    const { data } = centreBlob([5, 5], 0.2);
    expect(data[12]).toBe(1);
    expect(data[13]).toBeCloseTo(Math.exp(-0.5), 6);
    expect(data[18]).toBeCloseTo(Math.exp(-1), 6);
    expect(() => centreBlob([5, 5], 0)).toThrow('deviation');
  });

  test('edges: Sobel of a step from 0 to 1 is 4 on both sides, and 0 elsewhere', () => {
    const row = [0, 0, 0, 1, 1, 1];
    const { data } = inputEdges(imageOf([...row, ...row, ...row], 6));
    expect([...data]).toEqual([...Array(3)].flatMap(() => [0, 0, 4, 4, 0, 0]));
  });

  test('edges of a single bright pixel, of the mean of two channels', () => {
    const values = Array.from({ length: 50 }, (_, i) => (i === 24 || i === 25 ? 2 : 0));
    const { data } = inputEdges(imageOf(values, 5, 2));
    // Beside it 2 * 2, at its corners the root of 2 times 2, on it 0.
    expect([data[12], data[11], data[7]]).toEqual([0, 4, 4]);
    expect(data[6]).toBeCloseTo(2 * Math.SQRT2, 6);
  });
});

describe('the displayed map at the size of the input', () => {
  test('ReLU before the resize, bilinear, divided by the largest raw value', () => {
    const raw = mapOf([-4, 2], 2);
    const found = inputMapOf({ raw, relu: true }, [1, 4]);
    expect([...found.data]).toEqual([0, 0.25, 0.75, 1]);
    const signed = inputMapOf({ raw, relu: false }, [1, 4]);
    expect([...signed.data]).toEqual([-1, -0.625, 0.125, 0.5]);
  });

  test('the largest magnitude of the channels, above the value that means nothing', () => {
    const raw = { shape: [1, 2, 2], data: Float32Array.of(1, -4, 2, 0) };
    expect([...inputMapOf({ raw, relu: false }, [1, 2]).data]).toEqual([1, 0.5]);
    const above = inputMapOf({ raw: mapOf([3, 5], 2), relu: true, nothing: 3 }, [1, 2]);
    expect([...above.data]).toEqual([0, 1]);
  });
});

describe('bootstrap', () => {
  test('equal values have an interval without width; nulls are counted and left out', () => {
    const found = bootstrapMean([0.5, null, 0.5, 0.5]);
    expect(found).toMatchObject({ mean: 0.5, low: 0.5, high: 0.5, images: 3, without: 1, seed: 1 });
    expect(bootstrapMean([null, null])).toBeNull();
  });

  test('the interval of a share is that of the binomial distribution', () => {
    const values = Array.from({ length: 100 }, (_, i) => (i < 30 ? 1 : 0));
    const { low, high } = bootstrapMean(values, { resamples: 4000 })!;
    // 0.3 -+ 1.96 sqrt(0.3 * 0.7 / 100); quantiles of 4000 draws are good to about 0.01.
    expect(Math.abs(low - 0.21)).toBeLessThan(0.012);
    expect(Math.abs(high - 0.39)).toBeLessThan(0.012);
  });

  test('the same seed gives the same interval, a higher level a wider one', () => {
    const values = [0.1, 0.5, 0.9, 0.3, 0.7];
    const one = bootstrapMean(values, { seed: 4 })!;
    expect(bootstrapMean(values, { seed: 4 })).toEqual(one);
    const wide = bootstrapMean(values, { seed: 4, level: 0.99 })!;
    expect(wide.high - wide.low).toBeGreaterThan(one.high - one.low);
    expect(() => bootstrapMean(values, { level: 1 })).toThrow('level');
  });
});
