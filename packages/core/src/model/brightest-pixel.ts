import { findOwnScaling, listScalingWeights } from '../readers/beside/own-scaling.ts';
import { readRecipes, type TranslatedWeights } from './translated-weights.ts';

/**
 * The largest pixel of the pictures on which a translation is compared with its file: 255 where the network
 * rescales such pixels first, else 1. Pixels 0..1 are one gray picture to a network for 0..255. Then its
 * layers see small differences of large numbers, where two right programs in float32 differ by more than a
 * proof allows: by 1.2e-3 in Keras's EfficientNetB0 with random weights, by 4e-6 on pixels 0..255.
 */
export function brightestPixel({ network, weights }: TranslatedWeights): number {
  const found = findOwnScaling(network, readRecipes(weights, listScalingWeights(network)));
  return found?.range === '0..255' ? 255 : 1;
}
