import { GradcamError } from '../base/errors.ts';
import type { ColormapName } from '../image/colormaps/colormap.ts';
import { renderOverlay } from '../image/render/colour.ts';
import type { RgbImage } from '../image/rgb-image.ts';
import { displayMapOf, type ImageExplanation } from './explanation.ts';

/** An explained image with its pixels, so that its maps can be painted over it. */
export interface ExplainedPicture extends ImageExplanation {
  readonly image: RgbImage;
  /** One line for each assumption about the model or the picture, with what changes it. */
  readonly assumptions: readonly string[];
}

/** How {@link paintOverlay} paints. */
export interface OverlayOptions {
  /** Which of the explanations, from 0; default 0. */
  readonly explanation?: number;
  /** Default `turbo`. */
  readonly colormap?: ColormapName;
  /** Share of the map's colour in 0..1; default 0.5. */
  readonly alpha?: number;
}

/**
 * Paints the map of an explanation over its image.
 *
 * @returns RGB, of the image's size.
 * @throws GradcamError `argument` for an explanation that is not there.
 */
export function paintOverlay(
  { image, explanations, geometry }: ExplainedPicture,
  { explanation = 0, colormap = 'turbo', alpha = 0.5 }: OverlayOptions = {},
): RgbImage {
  const chosen = explanations[explanation];
  if (chosen === undefined) {
    throw new GradcamError(
      'argument',
      `explanation: expected 0 to ${explanations.length - 1}, got ${explanation}`,
    );
  }
  return renderOverlay(image, displayMapOf(chosen, geometry), colormap, alpha);
}
