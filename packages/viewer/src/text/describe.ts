import type { ResultExplanation, ResultLine } from '@gradcam/core';
import { methodTitle, targetName } from './format.ts';

/** A map in words: method, layer and what it is of. */
export function describeExplanation(line: ResultLine, explanation: ResultExplanation): string {
  const { method, layer } = explanation;
  return `${methodTitle(method)} at ${layer} for ${targetName(explanation, line.predictions)}`;
}

/** Of method and layer only what tells the map from the others of its image. */
export function distinguishExplanation(
  { explanations }: ResultLine,
  { method, layer }: ResultExplanation,
): string[] {
  return [
    ...(explanations.some((other) => other.method !== method) ? [methodTitle(method)] : []),
    ...(explanations.some((other) => other.layer !== layer) ? [layer] : []),
  ];
}
