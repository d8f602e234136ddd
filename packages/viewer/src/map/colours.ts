import { colormapNames, type RunSettings } from '@gradcam/core';
import type { View } from '../state/view.ts';
import type { Colours } from './paint.ts';

/** The colours of a view; what it leaves open is as the run was made. */
export function resolveColours(
  view: Pick<View, 'colormap' | 'opacity' | 'threshold' | 'gamma'>,
  settings: Pick<RunSettings, 'colormap' | 'alpha'>,
): Colours {
  const { threshold, gamma } = view;
  const own = colormapNames.find((name) => name === settings.colormap);
  return {
    colormap: view.colormap ?? own ?? colormapNames[0],
    opacity: view.opacity ?? settings.alpha,
    threshold,
    gamma,
  };
}
