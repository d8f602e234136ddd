import { colormapNames, type ColormapName, type RunSettings } from '@gradcam/core';
import { MAX_RECOVERABLE_OPACITY } from './paint.ts';

/** The settings that say how a run's overlays were made. */
export type OverlaySettings = Pick<
  RunSettings,
  'alpha' | 'colormap' | 'overlay' | 'legend' | 'like'
>;

/** The colormap of a run's overlays; undefined if they are coloured in another way. */
export function findColormap({ colormap }: OverlaySettings): ColormapName | undefined {
  return colormapNames.find((name) => name === colormap);
}

/**
 * Whether the image can be computed from its overlays. This needs a known colormap, one known opacity, and
 * no legend beside the image.
 */
export function isRecoverable(settings: OverlaySettings): boolean {
  const { alpha, overlay = 'blend', legend = false, like } = settings;
  const isBlend = overlay === 'blend' && !legend && like === undefined;
  return isBlend && findColormap(settings) !== undefined && alpha <= MAX_RECOVERABLE_OPACITY;
}
