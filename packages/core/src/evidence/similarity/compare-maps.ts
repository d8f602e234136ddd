import type { NdArray } from '../../base/nd-array.ts';
import { withoutResult, type Measurement } from '../measurement.ts';
import { checkMap } from '../subject.ts';
import { rankCorrelation } from './rank-correlation.ts';
import { structuralSimilarity } from './structural-similarity.ts';

/** How alike two maps are. */
export interface MapSimilarity {
  /** Spearman's rank correlation of the pixels, -1..1. */
  readonly spearman: Measurement;
  /** SSIM of the maps, each divided by its largest magnitude. */
  readonly ssim: Measurement;
}

const spearmanOf = { metric: 'spearman', better: 'neither', settings: {} } as const;
const ssimOf = {
  metric: 'ssim',
  better: 'neither',
  settings: { window: 11, deviation: 1.5, range: 1 },
} as const;

/**
 * Compares two maps [height, width] of one size, both sides at least 11.
 *
 * @throws GradcamError `argument` for maps of different or too small sizes, and values that are not finite.
 */
export function compareMaps(a: NdArray, b: NdArray): MapSimilarity {
  checkMap(a);
  checkMap(b, a.shape as [number, number]);
  const ranks = rankCorrelation(a.data, b.data);
  const ssim = structuralSimilarity(toUnitScale(a), toUnitScale(b));
  return {
    spearman:
      ranks === null
        ? withoutResult(spearmanOf, 'a map has one value everywhere, which has no order')
        : { ...spearmanOf, value: ranks },
    ssim: { ...ssimOf, value: ssim },
  };
}

/** Divided by the largest magnitude; a map of zeros stays. */
function toUnitScale({ shape, data }: NdArray): NdArray {
  const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return { shape, data: largest > 0 ? data.map((value) => value / largest) : data };
}

/**
 * The agreement between methods: how alike the maps of each pair of them are.
 *
 * @param maps maps [height, width] of one image and class by the names of their methods.
 * @returns each pair once, in the order of the names.
 */
export function measureAgreement(
  maps: ReadonlyMap<string, NdArray>,
): readonly { readonly methods: readonly [string, string]; readonly similarity: MapSimilarity }[] {
  const all = [...maps];
  return all.flatMap(([name, map], i) =>
    all.slice(i + 1).map(([other, otherMap]) => ({
      methods: [name, other] as const,
      similarity: compareMaps(map, otherMap),
    })),
  );
}

/**
 * Class contrast: how alike the map of one class and the maps of other classes are, on the same image. A
 * method whose maps of all classes are alike does not say why the model chose this class; low is good.
 *
 * @param others maps of other classes, at least one.
 * @returns the means over the other classes.
 */
export function measureClassContrast(
  map: NdArray,
  others: readonly NdArray[],
): { readonly spearman: Measurement; readonly ssim: Measurement } {
  const found = others.map((other) => compareMaps(map, other));
  const mean = (kind: 'spearman' | 'ssim'): Measurement => {
    const about = {
      metric: `class-contrast-${kind}`,
      better: 'lower',
      settings: { ...(kind === 'ssim' ? ssimOf.settings : {}), classes: others.length },
    } as const;
    const values = found.map((similarity) => similarity[kind].value);
    const known = values.filter((value) => value !== null);
    if (known.length === 0 || known.length < values.length) {
      return withoutResult(
        about,
        values.length === 0
          ? 'there is no other class to compare with'
          : 'a map has one value everywhere, which has no order',
      );
    }
    return { ...about, value: known.reduce((sum, value) => sum + value, 0) / known.length };
  };
  return { spearman: mean('spearman'), ssim: mean('ssim') };
}
