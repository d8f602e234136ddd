import { FULL_PERCENTILE, type GradientStyle } from '@gradcam/core';

/** The names of the ways to draw a map at pixels. */
export const styleNames: Readonly<Record<GradientStyle, string>> = {
  colour: 'Colour',
  signed: 'Signed',
  magnitude: 'Magnitude',
};

/** What their colours mean. */
export const styleMeanings: Readonly<Record<GradientStyle, string>> = {
  colour: `Gray is zero; each colour is its channel's value, full at the ${FULL_PERCENTILE}th percentile.`,
  signed: `The sum of the channels: red for the class, blue against it, full at the ${FULL_PERCENTILE}th percentile.`,
  magnitude: `The largest of the channels, full at the ${FULL_PERCENTILE}th percentile.`,
};
