import {
  CONTOUR_LEVELS,
  createDisplayMap,
  createGradientMap,
  findMethod,
  findPreset,
  gradientScale,
  hasNegative,
  renderContours,
  renderGradient,
  renderGradientOver,
  renderHeatmap,
  renderLabelled,
  renderLike,
  renderOverlay,
  renderOverlayByValue,
  renderPeerMap,
  renderSignedHeatmap,
  renderSignedOverlay,
  sumChannels,
  type BarColours,
  type ColormapName,
  type DisplayMap,
  type PeerMap,
  type Explanation,
  type Geometry,
  type RgbImage,
  type RobustScale,
} from '@gradcam/core';
import { capitalise } from './capitalise.ts';
import { describeAnswer } from './describe-answer.ts';
import { describeTarget } from './describe-target.ts';
import type { SaveSettings } from './picture-settings.ts';

/** An explanation with the map and the colours of its pictures. */
type Painted = {
  readonly explanation: Explanation;
  /** For a map at pixels: the magnitude that is drawn at full strength. */
  readonly scale?: RobustScale;
} & (
  | {
      readonly map: DisplayMap;
      /** `diverging` for a map with values below zero. */
      readonly colormap: ColormapName | 'diverging';
    }
  /** As a peer draws it. */
  | { readonly map: DisplayMap; readonly peer: PeerMap; readonly geometry: Geometry }
  /** A map at pixels in its own colours. */
  | { readonly map: null; readonly geometry: Geometry }
);

/**
 * Width of contour lines as a share of the picture's shorter side, so that they are visible in a large
 * picture.
 */
const LINE_SHARE = 1 / 300;

const SIGNED_LEVELS = [...CONTOUR_LEVELS.map((level) => -level), ...CONTOUR_LEVELS];

/** Paints the pictures of one explanation. */
export interface Painter {
  /** The map over the image; `note` is one more line in the legend. */
  overlay(image: RgbImage, note?: string): RgbImage;
  heatmap(): RgbImage;
  /**
   * For a map at pixels: the magnitude that is drawn at full strength. Absent for other maps, whose
   * largest value is, and where a preset says how to draw.
   */
  readonly scale?: RobustScale;
}

/**
 * Creates the painter of an explanation. Where a preset was asked for, its pictures look like those of its
 * peer.
 */
export function createPainter(
  explanation: Explanation,
  displayed: DisplayMap,
  geometry: Geometry,
  settings: SaveSettings,
): Painter {
  const painted = chooseColours(explanation, displayed, geometry, settings);
  return {
    overlay(image, note) {
      const picture = layOver(painted, image, settings);
      return settings.legend ? addLegend(picture, painted, settings, note) : picture;
    },
    heatmap: () => drawAlone(painted),
    ...(painted.scale && { scale: painted.scale }),
  };
}

function chooseColours(
  explanation: Explanation,
  map: DisplayMap,
  geometry: Geometry,
  { colormap, gradients }: SaveSettings,
): Painted {
  const { like, raw, kind } = explanation;
  if (like !== undefined) {
    return { explanation, map, peer: like, geometry };
  }
  if (kind === 'pixels') {
    const style = colormap === 'diverging' ? 'signed' : gradients;
    if (style === 'colour') {
      return { explanation, map: null, geometry, scale: gradientScale(raw, style) };
    }
    const drawn = createGradientMap(raw, style, geometry);
    return {
      ...{ explanation, ...drawn },
      colormap: style === 'signed' || colormap === 'diverging' ? 'diverging' : colormap,
    };
  }
  if (colormap !== 'diverging') return { explanation, map, colormap };
  return { explanation, map: createDisplayMap(sumChannels(raw), false, geometry), colormap };
}

function drawAlone(painted: Painted): RgbImage {
  if ('peer' in painted) return renderPeerMap(painted.peer, painted.map, painted.geometry);
  if (painted.map === null)
    return renderGradient(painted.explanation.raw, painted.geometry, painted.scale);
  return painted.colormap === 'diverging'
    ? renderSignedHeatmap(painted.map)
    : renderHeatmap(painted.map, painted.colormap);
}

function layOver(painted: Painted, image: RgbImage, { alpha, overlay }: SaveSettings): RgbImage {
  const { explanation, map } = painted;
  if (map === null)
    return renderGradientOver(image, explanation.raw, painted.geometry, painted.scale);
  if ('peer' in painted) return renderLike(image, map, findPreset(painted.peer.preset));
  const { colormap } = painted;
  if (overlay === 'contour') {
    const lineWidth = Math.max(1, Math.round(Math.min(map.width, map.height) * LINE_SHARE));
    return renderContours(image, map, colormap, { levels: contourLevels(colormap), lineWidth });
  }
  // White is the middle of the scale. Blended, it would pale every place where the map is zero.
  if (colormap === 'diverging') return renderSignedOverlay(image, map, alpha);
  const render = overlay === 'alpha' ? renderOverlayByValue : renderOverlay;
  return render(image, map, colormap, alpha);
}

function addLegend(
  picture: RgbImage,
  painted: Painted,
  { overlay }: SaveSettings,
  note?: string,
): RgbImage {
  const { explanation, scale } = painted;
  const { method, layer, target, diagnostics, like } = explanation;
  const answer = describeAnswer(diagnostics);
  const blank = diagnostics.blank === undefined ? '' : ', blank map';
  const by = like === undefined ? '' : ` like ${like.preset}`;
  const bar = describeBar(painted);
  const contours = overlay === 'contour' && 'colormap' in painted ? painted.colormap : null;
  return renderLabelled(picture, {
    lines: [
      `${capitalise(describeTarget(target))} ${answer}${blank}`,
      `${findMethod(method).title} at ${layer}${by}`,
      ...(scale === undefined ? [] : [describeScale(scale)]),
      ...(note === undefined ? [] : [note]),
    ],
    ...bar,
    ...(contours !== null && { ticks: contourLevels(contours), range: unitRange(contours) }),
  });
}

/** What the ends of the bar mean: shares of the map's largest value, or raw values of a map at pixels. */
function describeBar({ explanation, scale, ...painted }: Painted): {
  colormap: BarColours;
  range: readonly [number, number];
} {
  if (painted.map === null) {
    const most = scale?.value ?? 0;
    return { colormap: 'gradient', range: [hasNegative(explanation.raw) ? -most : 0, most] };
  }
  if ('peer' in painted) {
    const { colormap } = findPreset(painted.peer.preset).overlay;
    return { colormap, range: colormap === 'red-white-green' ? [-1, 1] : [0, 1] };
  }
  const [from, to] = unitRange(painted.colormap);
  const most = scale?.value ?? 1;
  return { colormap: painted.colormap, range: [from * most, to * most] };
}

function unitRange(colormap: ColormapName | 'diverging'): readonly [number, number] {
  return colormap === 'diverging' ? [-1, 1] : [0, 1];
}

/** `Full colour at the 99th percentile of the magnitudes`. */
function describeScale({ percentile }: RobustScale): string {
  return `Full colour at the ${percentile}th percentile of the magnitudes`;
}

/** What the colours of maps at pixels mean, in one sentence for several maps. */
export function describeGradients(
  { colormap, gradients }: Pick<SaveSettings, 'colormap' | 'gradients'>,
  { percentile }: RobustScale,
): string {
  const style = colormap === 'diverging' ? 'signed' : gradients;
  const zero = {
    colour: 'gray is zero',
    signed: 'red speaks for the class and blue against it',
    magnitude: 'the largest of the three channels',
  }[style];
  return `Gradients: ${zero}; full colour at the ${percentile}th percentile of each map's magnitudes.`;
}

function contourLevels(colormap: ColormapName | 'diverging'): readonly number[] {
  return colormap === 'diverging' ? SIGNED_LEVELS : CONTOUR_LEVELS;
}
