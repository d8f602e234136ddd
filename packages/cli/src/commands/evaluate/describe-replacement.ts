import type { ModelDescription } from '@gradcam/core';
import type { EvaluateSettings } from './flags.ts';

/**
 * One line that says which colour deletion puts in place of a pixel. Zero on the model's own scale is
 * another colour for each preprocessing: black for pixels of 0..1, middle gray for -1..1, the mean of
 * ImageNet where that mean is taken off. Null if deletion is not measured.
 */
export function describeReplacement(
  { input }: Pick<ModelDescription, 'input'>,
  { metrics, replacement }: Pick<EvaluateSettings, 'metrics' | 'replacement'>,
): string | null {
  if (!metrics.includes('deletion')) return null;
  const other = '--replace chooses another';
  if (replacement === 'mean')
    return `deletion replaces pixels by the mean colour of the image; ${other}`;
  if (replacement === 'blur') return `deletion replaces pixels by a blurred image; ${other}`;
  return `deletion replaces pixels by 0 on the model's scale, here the colour ${zeroColour(input)}; ${other}`;
}

/** The pixel value whose preprocessing gives 0: `value * scale - mean` is 0, and `std` changes nothing. */
function zeroColour({ scale, mean, channelOrder }: ModelDescription['input']): string {
  const values = mean.length === 0 ? [0] : mean;
  const levels = values.map((value) => Math.round(value / scale));
  const colour = levels.length === 3 && channelOrder === 'bgr' ? levels.reverse() : levels;
  const isGray = colour.every((level) => level === colour[0]);
  return isGray ? `${colour[0]} of 255` : `${colour.join(', ')} (RGB, of 255)`;
}
