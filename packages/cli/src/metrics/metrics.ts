import type { Measurement } from '@gradcam/core/evidence';

/**
 * The names that `--metric` takes. Each has the numbers that it computes and says whether a good map has high
 * or low values.
 */
export const metricGroups = {
  deletion: { deletion: 'lower' },
  insertion: { insertion: 'higher' },
  drop: { drop: 'lower', increase: 'higher', gain: 'higher' },
  road: { road: 'higher' },
  infidelity: { infidelity: 'lower' },
  sparseness: { sparseness: 'neither', complexity: 'neither' },
  sensitivity: { 'sensitivity-max': 'lower' },
  contrast: { 'class-contrast-spearman': 'lower', 'class-contrast-ssim': 'lower' },
  randomisation: { 'randomised-spearman': 'lower', 'randomised-ssim': 'lower' },
  pointing: { pointing: 'higher', 'energy-pointing': 'higher' },
  localisation: {
    'box-overlap': 'higher',
    'localisation-error-top1': 'lower',
    'localisation-error-top5': 'lower',
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Measurement['better']>>>>;

/** A name that `--metric` takes. */
export type MetricGroup = keyof typeof metricGroups;

/** All names that `--metric` takes. */
export const metricNames = Object.keys(metricGroups) as readonly MetricGroup[];

/** The metrics that need to know where the objects are. */
export const regionMetrics: readonly MetricGroup[] = ['pointing', 'localisation'];

/**
 * The metrics that are measured by default, which are the cheap ones. With annotations, `regionMetrics` are
 * measured too.
 */
export const defaultMetrics: readonly MetricGroup[] = [
  'deletion',
  'insertion',
  'drop',
  'sparseness',
];
