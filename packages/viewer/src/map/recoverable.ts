import { colormapNames, type ColormapName, type RunSettings } from '@gradcam/core';
import { MAX_RECOVERABLE_OPACITY } from './paint.ts';

/** What a run says of how its overlays were made. */
export type OverlaySettings = Pick<
  RunSettings,
  'alpha' | 'colormap' | 'overlay' | 'legend' | 'like'
>;

/** The table of a run's overlays; undefined for colours of another kind. */
export function findColormap({ colormap }: OverlaySettings): ColormapName | undefined {
  return colormapNames.find((name) => name === colormap);
}

/**
 * Whether the image can be computed from its overlays: where they are a known colour in one known
 * share, with nothing beside them.
 */
export function isRecoverable(settings: OverlaySettings): boolean {
  const { alpha, overlay = 'blend', legend = false, like } = settings;
  const isBlend = overlay === 'blend' && !legend && like === undefined;
  return isBlend && findColormap(settings) !== undefined && alpha <= MAX_RECOVERABLE_OPACITY;
}
