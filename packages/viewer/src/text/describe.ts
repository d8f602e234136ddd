import type { ResultExplanation, ResultLine } from '@gradcam/core';
import { methodTitle, targetName } from './format.ts';

/** Describes a map in words: method, layer and target. */
export function describeExplanation(line: ResultLine, explanation: ResultExplanation): string {
  const { method, layer } = explanation;
  return `${methodTitle(method)} at ${layer} for ${targetName(explanation, line.predictions)}`;
}

/** Describes a map only by the method and layer that distinguish it from the other maps of its image. */
export function distinguishExplanation(
  { explanations }: ResultLine,
  { method, layer }: ResultExplanation,
): string[] {
  return [
    ...(explanations.some((other) => other.method !== method) ? [methodTitle(method)] : []),
    ...(explanations.some((other) => other.layer !== layer) ? [layer] : []),
  ];
}
