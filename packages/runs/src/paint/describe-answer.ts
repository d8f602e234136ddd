import type { Prediction } from '@gradcam/core';

/**
 * A model's answer about a class, for people: the probability; for a class of a map, the share of the picture
 * that it covers; for an output that is one number, the number; else an empty text.
 */
export function describeAnswer({ probability, share, value }: Partial<Prediction>): string {
  if (value !== undefined) return String(Number(value.toPrecision(5)));
  if (share !== undefined) return `${percent(share)} of the picture`;
  return probability === undefined ? '' : percent(probability);
}

/** A rectangle of the picture, for people: upper left corner, width and height, in whole pixels. */
export function describeRegion({ x, y, width, height }: NonNullable<Prediction['box']>): string {
  const [left, top, across, down] = [x, y, width, height].map(Math.round);
  return `x ${left}, y ${top}, ${across} x ${down} pixels`;
}

/**
 * A prediction with its class, for people: `cat 42.0 %`, `road 31.2 % of the picture`, `33.2`,
 * `cat 87.1 % at x 3, y 4, 10 x 12 pixels`.
 */
export function describePrediction(prediction: Prediction): string {
  const { index, label, value } = prediction;
  const name = label ?? (value === undefined ? String(index) : '');
  const at = prediction.box === undefined ? '' : ` at ${describeRegion(prediction.box)}`;
  return `${name} ${describeAnswer(prediction)}${at}`.trim();
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
