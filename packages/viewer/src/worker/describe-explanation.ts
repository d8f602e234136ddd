import {
  aboveNothing,
  createDisplayMap,
  findPart,
  gradientScale,
  mergeChannels,
  type Explanation,
  type Geometry,
  type ResultExplanation,
} from '@gradcam/core';

/** Describes an explanation as a run's result line does, without files. */
export function describeExplanation(
  explanation: Explanation,
  geometry: Geometry,
): ResultExplanation {
  const { kind, method, layer, target, score, raw, relu, nothing, points } = explanation;
  const { peak, diagnostics } = explanation;
  const [rows, columns] = raw.shape as [number, number];
  // Core's `displayMapOf` also shows maps as other libraries do, which the page never asks for.
  const showMap = () => createDisplayMap(mergeChannels(aboveNothing(raw, nothing)), relu, geometry);
  const part = diagnostics.blank === undefined ? findPart(showMap(), 'peak', peak) : null;
  const box = part === null ? null : { ...part.box, rule: 'peak' as const };
  const grid = [rows, columns] as const;
  const display = nothing === undefined ? { relu } : { relu, nothing };
  const scale = kind === 'pixels' ? { scale: gradientScale(raw, 'colour') } : {};
  const places = points === undefined ? {} : { points };
  const facts = { method, layer, target, score, grid, ...display, ...scale, ...places };
  return { ...facts, files: {}, peak, box, diagnostics };
}
