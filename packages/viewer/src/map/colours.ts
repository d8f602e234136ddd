import { colormapNames, type RunSettings } from '@gradcam/core';
import type { View } from '../state/view.ts';
import type { Colours } from './paint.ts';

/** Of a difference of maps, which lets the image through wherever the two agree. */
const DIFFERENCE_OPACITY = 0.9;

/** The colours of a view; what it leaves open is as the run was made. */
export function resolveColours(
  view: Pick<View, 'colormap' | 'opacity' | 'threshold' | 'gamma'> &
    Partial<Pick<View, 'sheet' | 'comparison'>>,
  settings: Pick<RunSettings, 'colormap' | 'alpha'>,
): Colours {
  const { threshold, gamma } = view;
  const own = colormapNames.find((name) => name === settings.colormap);
  return {
    colormap: view.colormap ?? own ?? colormapNames[0],
    opacity: view.opacity ?? (showsDifference(view) ? DIFFERENCE_OPACITY : settings.alpha),
    threshold,
    gamma,
  };
}

/** Whether a view shows the difference of two maps, which has colours of its own. */
export function showsDifference({
  sheet,
  comparison,
}: Partial<Pick<View, 'sheet' | 'comparison'>>): boolean {
  return sheet === 'map' && comparison === 'difference';
}
