import { colormapNames, type RunSettings } from '@gradcam/core';
import type { View } from '../state/view.ts';
import type { Colours } from './paint.ts';

/** Opacity of a difference of maps. The image shows wherever the two maps agree. */
const DIFFERENCE_OPACITY = 0.9;

/** The colours of a view. Where the view does not choose, the settings of the run apply. */
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

/** Whether a view shows the difference of two maps, which has its own colours. */
export function showsDifference({
  sheet,
  comparison,
}: Partial<Pick<View, 'sheet' | 'comparison'>>): boolean {
  return sheet === 'map' && comparison === 'difference';
}
