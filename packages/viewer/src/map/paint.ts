import { getColormap, type ColormapName, type DisplayMap, type GradientStyle } from '@gradcam/core';

/** The colours of a map. */
export interface Colours {
  readonly colormap: ColormapName;
  /** Share of the colour over the image, 0..1. */
  readonly opacity: number;
  /** Share of the map's maximum below which the image is left as it is, 0..1. */
  readonly threshold: number;
  /**
   * Exponent that is applied to the values before they are coloured. An exponent below 1 makes weak values
   * stronger.
   */
  readonly gamma: number;
  /** How maps at pixels are drawn. */
  readonly gradients: GradientStyle;
}

/** RGBA pixels of a picture. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/**
 * Draws the coloured map over the image as core's `renderOverlay` does, with threshold and gamma.
 *
 * @param original the image at the map's size; null draws the map alone, transparent where it has no value.
 */
export function paintMap(
  map: DisplayMap,
  original: Pixels | null,
  colours: Omit<Colours, 'gradients'>,
): Pixels {
  const { width, height, values, visible } = map;
  const table = getColormap(colours.colormap);
  const steps = gammaSteps(colours.gamma);
  const { threshold } = colours;
  const opacity = original === null ? 1 : colours.opacity;
  const data = new Uint8ClampedArray(width * height * 4);
  if (original !== null) data.set(original.data);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (visible[i] === 0 || value < threshold) continue;
    const colour = 3 * steps[colourStep(value)]!;
    const at = 4 * i;
    for (let c = 0; c < 3; c++) {
      data[at + c] = Math.round(data[at + c]! * (1 - opacity) + table[colour + c]! * opacity);
    }
    data[at + 3] = 255;
  }
  return { width, height, data };
}

/** The largest share of the colour at which an overlay still keeps enough of its image to recover it. */
export const MAX_RECOVERABLE_OPACITY = 0.9;

/**
 * The largest share of an overlay's values that no image can have produced. Up to this share they count as
 * noise.
 */
const MAX_MISFITS = 0.002;

/**
 * Removes the coloured map from an overlay, because a run folder does not contain the images themselves.
 *
 * The result is exact up to the rounding of the overlay, which is 1 of 255 at the default opacity. Painting
 * the same map on the result gives exactly the same overlay again.
 *
 * @returns null if the overlay keeps too little of the image, or was painted in another way.
 */
export function recoverOriginal(
  overlay: Pixels,
  map: DisplayMap,
  { colormap, opacity }: Pick<Colours, 'colormap' | 'opacity'>,
): Pixels | null {
  if (opacity > MAX_RECOVERABLE_OPACITY) return null;
  const table = getColormap(colormap);
  const data = new Uint8ClampedArray(overlay.data);
  // Half a step of the overlay, in units of the image.
  const rounding = 0.5 / (1 - opacity) + 1e-6;
  let misfits = 0;
  for (let i = 0; i < map.values.length; i++) {
    if (map.visible[i] === 0) continue;
    const colour = 3 * colourStep(map.values[i]!);
    for (let c = 0; c < 3; c++) {
      const at = 4 * i + c;
      const value = (data[at]! - table[colour + c]! * opacity) / (1 - opacity);
      if (value < -rounding || value > 255 + rounding) misfits += 1;
      data[at] = Math.round(value);
    }
  }
  if (misfits > MAX_MISFITS * 3 * map.values.length) return null;
  return { width: overlay.width, height: overlay.height, data };
}

function colourStep(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 255);
}

function gammaSteps(gamma: number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, i) => Math.round((i / 255) ** gamma * 255));
}
