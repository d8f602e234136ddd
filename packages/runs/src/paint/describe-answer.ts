import type { Prediction } from '@gradcam/core';

/**
 * What a model says of a class, for people: its probability, of a class of a map the share of the picture
 * that is of it, of an output that is one number this number; nothing where it says neither.
 */
export function describeAnswer({ probability, share, value }: Partial<Prediction>): string {
  if (value !== undefined) return String(Number(value.toPrecision(5)));
  if (share !== undefined) return `${percent(share)} of the picture`;
  return probability === undefined ? '' : percent(probability);
}

/** A rectangle of the picture: its upper left corner, then width and height, in whole pixels. */
export function describeRegion({ x, y, width, height }: NonNullable<Prediction['box']>): string {
  const [left, top, across, down] = [x, y, width, height].map(Math.round);
  return `x ${left}, y ${top}, ${across} x ${down} pixels`;
}

/** A prediction with its class, for people: `cat 42.0 %`, `road 31.2 % of the picture`, `33.2`, `cat 87.1 % at x 3, y 4, 10 x 12 pixels`. */
export function describePrediction(prediction: Prediction): string {
  const { index, label, value } = prediction;
  const name = label ?? (value === undefined ? String(index) : '');
  const at = prediction.box === undefined ? '' : ` at ${describeRegion(prediction.box)}`;
  return `${name} ${describeAnswer(prediction)}${at}`.trim();
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
