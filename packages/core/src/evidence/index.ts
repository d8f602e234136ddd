/**
 * Evidence: is a heatmap worth believing? Plain functions that need a model only as `predict(batch)`, and a
 * map. Every number carries its settings and its seed.
 *
 * ```ts
 * import { createPredict, explain, forwardPassOf } from '@gradcam/core';
 * import { inputMapOf, measureDeletion } from '@gradcam/core/evidence';
 *
 * const { values, geometry } = prepareInput(image, model.input);
 * const { explanations } = await explain(model, { values, geometry }, { targets: ['cat'] });
 * const [, height, width] = values.shape;
 * const seed = { score: 'probability', of: { class: explanations[0].target.index } };
 * const { value, settings } = await measureDeletion({
 *   predict: createPredict(forwardPassOf(model.session), [seed]),
 *   input: values,
 *   map: inputMapOf(explanations[0], [height, width]),
 * });
 * ```
 *
 * @module
 */
export type { Measurement, SettingValue } from './measurement.ts';
export type { EvidenceSubject, ScoredInput } from './subject.ts';
export type { TieRule } from './order-pixels.ts';
export { inputMapOf } from './input-map.ts';

export { measureDeletion, measureInsertion } from './faithfulness/deletion-insertion.ts';
export type { CurveMeasurement, DeletionOptions } from './faithfulness/deletion-insertion.ts';
export type { ScheduleOptions } from './faithfulness/pixel-schedule.ts';
export type { Replacement } from './faithfulness/replacement.ts';
export { blurLikeRise } from './faithfulness/blur.ts';
export { measureRoad } from './faithfulness/road.ts';
export type { RoadMeasurement, RoadOptions } from './faithfulness/road.ts';
export { imputeLinearly } from './faithfulness/impute.ts';
export type { ImageSize, MissingPixels } from './faithfulness/impute.ts';
export { measureMaskedImage } from './faithfulness/masked-image.ts';
export type {
  MaskedImageMeasurements,
  MaskedImageOptions,
  MaskRule,
} from './faithfulness/masked-image.ts';
export { measureInfidelity } from './faithfulness/infidelity.ts';
export type { InfidelityOptions } from './faithfulness/infidelity.ts';
export {
  blocksInTurn,
  gaussianNoise,
  randomSquares,
  uniformNoise,
} from './faithfulness/perturbations.ts';
export type { Perturb, Perturbation } from './faithfulness/perturbations.ts';
export { measureCompleteness } from './faithfulness/completeness.ts';
export type { CompletenessMeasurement, CompletenessOptions } from './faithfulness/completeness.ts';

export { measureSensitivity } from './sensitivity.ts';
export type { ExplainInput, SensitivityOptions } from './sensitivity.ts';
export { measureComplexity, measureSparseness } from './sparseness.ts';

export { measureEnergyPointing, measurePointing } from './localisation/pointing-game.ts';
export type { PointingOptions } from './localisation/pointing-game.ts';
export { measureLocalisation } from './localisation/localisation-error.ts';
export type {
  LocalisationMeasurements,
  LocalisationOptions,
} from './localisation/localisation-error.ts';
export { intersectionOverUnion, regionBoxes, regionMask } from './localisation/true-region.ts';
export type { TrueRegion } from './localisation/true-region.ts';

export { correlation, rankCorrelation } from './similarity/rank-correlation.ts';
export { structuralSimilarity } from './similarity/structural-similarity.ts';
export { compareMaps, measureAgreement, measureClassContrast } from './similarity/compare-maps.ts';
export type { MapSimilarity } from './similarity/compare-maps.ts';

export { measureRandomisation, readAllWeights } from './randomisation/cascade.ts';
export type {
  Cascade,
  CascadeModel,
  CascadeOptions,
  CascadeStep,
} from './randomisation/cascade.ts';
export { listRandomisableLayers, randomiseWeights } from './randomisation/randomise-weights.ts';
export type { RandomisedLayer } from './randomisation/randomise-weights.ts';

export { judgeMap, SURVIVES, withoutEvidence } from './judge-map.ts';
export type { MapFindings } from './judge-map.ts';
export { shuffleMap } from './shuffle-map.ts';

export { centreBlob, inputEdges } from './baselines.ts';
export { bootstrapMean } from './bootstrap.ts';
export type { BootstrapOptions, MeanWithInterval } from './bootstrap.ts';
export { evidencePresets, findEvidencePreset } from './presets.ts';
export type { EvidencePreset } from './presets.ts';
