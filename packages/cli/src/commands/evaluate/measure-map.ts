import {
  createPredict,
  displayMapOf,
  forwardPassOf,
  type Geometry,
  type Model,
  type NdArray,
} from '@gradcam/core';
import {
  compareMaps,
  inputMapOf,
  measureClassContrast,
  measureComplexity,
  measureDeletion,
  measureEnergyPointing,
  measureInfidelity,
  measureInsertion,
  measureLocalisation,
  measureMaskedImage,
  measurePointing,
  measureRoad,
  measureSensitivity,
  measureSparseness,
  uniformNoise,
  type CurveMeasurement,
  type EvidenceSubject,
  type Measurement,
  type RoadMeasurement,
  type TrueRegion,
} from '@gradcam/core/evidence';
import type { MapNumbers } from './evaluation.ts';
import type { MetricGroup } from '../../metrics/metrics.ts';
import type { Row, RowMap } from './rows.ts';

/** One map of a row, with everything that its metrics read. */
export interface MeasuredMap {
  readonly row: Row;
  /** The row's maps for all classes of the image. */
  readonly maps: readonly RowMap[];
  /** The index in `maps` of the map that is measured. */
  readonly place: number;
  readonly classes: readonly number[];
  /** The class's rank in the model's answer; 0 is the best. */
  readonly rank: number;
  readonly region: TrueRegion | null;
  readonly input: NdArray;
  readonly geometry: Geometry;
  /** The same map from the model with random weights; null if randomisation is not measured. */
  readonly randomised: RowMap | null;
  /** The map of another class, with which the contrast is measured; null if it is not measured. */
  readonly other: RowMap | null;
}

/** The settings with which maps are measured. */
export interface MeasureOptions {
  readonly model: Model;
  readonly metrics: readonly MetricGroup[];
  readonly score: 'probability' | 'logit';
  readonly steps: number;
  /** What deletion puts in place of a pixel; `zero` is 0 on the model's own scale. */
  readonly replacement: 'zero' | 'mean' | 'blur';
  readonly seed: number;
  readonly batch: number;
  readonly signal: AbortSignal;
}

/**
 * Computes all numbers of one map.
 *
 * @param keep receives each measurement, so that the caller can store the settings of its metric.
 */
export async function measureMap(
  measured: MeasuredMap,
  options: MeasureOptions,
  keep: (measurement: Measurement) => void,
): Promise<MapNumbers> {
  const found: Measurement[] = [];
  const curves: Record<string, readonly number[]> = {};
  for (const group of options.metrics) {
    for (const measurement of await measurers[group](measured, options)) {
      keep(measurement);
      found.push(measurement);
      Object.assign(curves, curvesOf(measurement));
    }
  }
  const without = found.filter(({ value }) => value === null);
  return {
    row: measured.row.row,
    values: Object.fromEntries(found.map(({ metric, value }) => [metric, value])),
    ...(Object.keys(curves).length === 0 ? {} : { curves }),
    ...(without.length === 0
      ? {}
      : { reasons: Object.fromEntries(without.map(({ metric, reason }) => [metric, reason!])) }),
  };
}

/** The curves of a measurement by their names: one of deletion and insertion each, two of ROAD. */
function curvesOf(measurement: Measurement): Record<string, readonly number[]> {
  if ('scores' in measurement) {
    return { [measurement.metric]: rounded((measurement as CurveMeasurement).scores) };
  }
  if (!('mostRelevant' in measurement)) return {};
  const { mostRelevant, leastRelevant } = measurement as RoadMeasurement;
  return { 'road-most': rounded(mostRelevant), 'road-least': rounded(leastRelevant) };
}

/** Scores rounded to six digits. They are only drawn as curves; the areas are stored in full. */
function rounded(scores: readonly number[]): number[] {
  return scores.map((score) => Number(score.toPrecision(6)));
}

/** The noise of the metric sensitivity as a share of the range of pixels: 5 of 255 levels. */
const NOISE_SHARE = 0.02;

/** The difference between a white and a black pixel in the model's own scale. */
function pixelRange({ input: { scale, std } }: Model): number {
  const deviation = std.length === 0 ? 1 : std.reduce((sum, value) => sum + value, 0) / std.length;
  return (255 * scale) / deviation;
}

type Measure = (
  measured: MeasuredMap,
  options: MeasureOptions,
) => Promise<readonly Measurement[]> | readonly Measurement[];

const measurers: Readonly<Record<MetricGroup, Measure>> = {
  deletion: async (measured, options) => [
    await measureDeletion(subjectOf(measured, options), {
      ...options,
      replacement: options.replacement === 'zero' ? 0 : options.replacement,
    }),
  ],
  insertion: async (measured, options) => [
    await measureInsertion(subjectOf(measured, options), { ...options, replacement: 'blur' }),
  ],
  async drop(measured, options) {
    const { signal } = options;
    const found = await measureMaskedImage(subjectOf(measured, options), { signal });
    return [found.drop, found.increase, found.gain];
  },
  road: async (measured, options) => [await measureRoad(subjectOf(measured, options), options)],
  infidelity: async (measured, options) => [
    await measureInfidelity(subjectOf(measured, options), options),
  ],
  sparseness(measured) {
    const map = inputMap(measured);
    return [measureSparseness(map), measureComplexity(map)];
  },
  async sensitivity({ row, input, classes, place }, { seed, signal, model }) {
    const perturbation = uniformNoise(NOISE_SHARE * pixelRange(model));
    const target = [classes[place]!];
    const explain = async (changed: NdArray): Promise<NdArray> =>
      (await row.explain(changed, target))[0]!.raw;
    return [await measureSensitivity(explain, input, { perturbation, seed, signal })];
  },
  contrast(measured) {
    const other = inputMap(measured, measured.other!);
    const { spearman, ssim } = measureClassContrast(inputMap(measured), [other]);
    return [spearman, ssim];
  },
  randomisation(measured, { seed }) {
    const noise = inputMap(measured, measured.randomised!);
    const { spearman, ssim } = compareMaps(inputMap(measured), noise);
    const settings = { layers: 'all', seed };
    return [
      { ...spearman, metric: 'randomised-spearman', better: 'lower', settings },
      { ...ssim, metric: 'randomised-ssim', better: 'lower', settings },
    ];
  },
  pointing(measured) {
    const map = displayMapOf(ownMap(measured), measured.geometry);
    return [measurePointing(map, measured.region!), measureEnergyPointing(map, measured.region!)];
  },
  localisation(measured) {
    const map = displayMapOf(ownMap(measured), measured.geometry);
    const { overlap, top1, top5 } = measureLocalisation(map, measured.region!, measured.rank);
    return [overlap, top1, top5];
  },
};

function ownMap({ maps, place }: MeasuredMap): Parameters<typeof displayMapOf>[0] {
  const { raw, relu, nothing } = maps[place]!;
  return { raw, relu, ...(nothing === undefined ? {} : { nothing }) };
}

function inputMap(measured: MeasuredMap, map = measured.maps[measured.place]!): NdArray {
  const [, height, width] = measured.input.shape as [number, number, number];
  return inputMapOf(map, [height, width]);
}

function subjectOf(
  measured: MeasuredMap,
  { model, score }: Pick<MeasureOptions, 'model' | 'score'>,
): EvidenceSubject {
  const seed = { score, of: { class: measured.classes[measured.place]! } } as const;
  return {
    predict: createPredict(forwardPassOf(model.session), [seed]),
    input: measured.input,
    map: inputMap(measured),
    scoreName: score,
  };
}
