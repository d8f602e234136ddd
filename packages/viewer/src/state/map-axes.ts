import { targetKey, type ResultExplanation, type ResultLine } from '@gradcam/core';
import { methodTitle, targetName } from '../text/format.ts';

/** The ways in which the maps of an image differ. */
export const axisNames = ['target', 'method', 'layer'] as const;
export type AxisName = (typeof axisNames)[number];

/** One way in which an image's maps differ, with all values that occur. */
export interface MapAxis {
  readonly name: AxisName;
  /** The values in the order of their first use. */
  readonly options: readonly { readonly value: string; readonly text: string }[];
  readonly chosen: string;
}

/** The axes along which the maps of an image differ, and the value of the shown map on each. */
export function listAxes(line: ResultLine, shown: ResultExplanation): MapAxis[] {
  const axes = axisNames.map((name) => {
    const texts = new Map<string, string>();
    for (const explanation of line.explanations) {
      texts.set(valueOn(name, explanation), textOn(name, explanation, line));
    }
    const options = [...texts].map(([value, text]) => ({ value, text }));
    return { name, options, chosen: valueOn(name, shown) };
  });
  return axes.filter(({ options }) => options.length > 1);
}

/**
 * Finds the map with another value on one axis that agrees with the shown map on as many other axes as
 * possible. For example, if the run has no map by another method at this layer, it is that method's map of
 * the same class at another layer.
 */
export function moveOnAxis(
  explanations: readonly ResultExplanation[],
  shown: ResultExplanation,
  axis: AxisName,
  value: string,
): ResultExplanation {
  const others = axisNames.filter((name) => name !== axis);
  let best = shown;
  let most = -1;
  for (const one of explanations) {
    if (valueOn(axis, one) !== value) continue;
    const kept = others.filter((name) => valueOn(name, one) === valueOn(name, shown)).length;
    if (kept > most) [best, most] = [one, kept];
  }
  return best;
}

function valueOn(axis: AxisName, { target, method, layer }: ResultExplanation): string {
  if (axis === 'method') return method;
  return axis === 'layer' ? layer : targetKey(target);
}

function textOn(axis: AxisName, explanation: ResultExplanation, line: ResultLine): string {
  if (axis === 'method') return methodTitle(explanation.method);
  return axis === 'layer' ? explanation.layer : targetName(explanation, line.predictions);
}
