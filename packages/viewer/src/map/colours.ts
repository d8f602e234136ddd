import { colormapNames, gradientStyles, type GradientStyle, type RunSettings } from '@gradcam/core';
import type { View } from '../state/view.ts';
import type { Colours } from './paint.ts';

/** Opacity of a difference of maps. The image shows wherever the two maps agree. */
const DIFFERENCE_OPACITY = 0.9;

/** The colours of a view. Where the view does not choose, the settings of the run apply. */
export function resolveColours(
  view: Pick<View, 'colormap' | 'opacity' | 'threshold' | 'gamma' | 'gradients'> &
    Partial<Pick<View, 'sheet' | 'comparison'>>,
  settings: Pick<RunSettings, 'colormap' | 'alpha' | 'gradients'>,
): Colours {
  const { threshold, gamma } = view;
  const own = colormapNames.find((name) => name === settings.colormap);
  return {
    colormap: view.colormap ?? own ?? colormapNames[0],
    opacity: view.opacity ?? (showsDifference(view) ? DIFFERENCE_OPACITY : settings.alpha),
    threshold,
    gamma,
    gradients: view.gradients ?? styleOf(settings),
  };
}

/** How a run drew its maps at pixels. Runs of versions that could not choose drew magnitudes. */
function styleOf({
  colormap,
  gradients,
}: Pick<RunSettings, 'colormap' | 'gradients'>): GradientStyle {
  if (colormap === 'diverging') return 'signed';
  return gradientStyles.find((name) => name === gradients) ?? 'magnitude';
}

/** Whether a view shows the difference of two maps, which has its own colours. */
export function showsDifference({
  sheet,
  comparison,
}: Partial<Pick<View, 'sheet' | 'comparison'>>): boolean {
  return sheet === 'map' && comparison === 'difference';
}
