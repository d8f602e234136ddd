import { targetKey, type ResultExplanation, type ResultLine } from '@gradcam/core';
import { methodTitle, targetName } from '../text/format.ts';

/** In what the maps of an image differ. */
export const axisNames = ['target', 'method', 'layer'] as const;
export type AxisName = (typeof axisNames)[number];

/** One of the ways in which an image's maps differ, with all that there is of it. */
export interface MapAxis {
  readonly name: AxisName;
  /** In the order of their first use. */
  readonly options: readonly { readonly value: string; readonly text: string }[];
  readonly chosen: string;
}

/** The axes along which the maps of an image differ, and where a map stands on them. */
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
 * The map at another place of one axis that stays where it is on the most of the others: of another
 * method that was not asked for at this layer, the same class at its own layer.
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
