import {
  CONTOUR_LEVELS,
  createDisplayMap,
  findPreset,
  renderContours,
  renderHeatmap,
  renderLabelled,
  renderLike,
  renderOverlay,
  renderOverlayByValue,
  renderSignedHeatmap,
  renderSignedOverlay,
  sumChannels,
  type ColormapName,
  type DisplayMap,
  type Explanation,
  type Geometry,
  type RgbImage,
} from '@gradcam/core';
import { describeAnswer } from './describe-answer.ts';
import { describeTarget } from './describe-target.ts';
import type { SaveSettings } from './picture-settings.ts';

/** An explanation with the map and the colours of its pictures. */
interface Painted {
  readonly explanation: Explanation;
  readonly map: DisplayMap;
  /** `diverging` for a map with values below zero. */
  readonly colormap: ColormapName | 'diverging';
}

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
    heatmap: () =>
      painted.colormap === 'diverging'
        ? renderSignedHeatmap(painted.map)
        : renderHeatmap(painted.map, painted.colormap),
  };
}

function chooseColours(
  explanation: Explanation,
  map: DisplayMap,
  geometry: Geometry,
  { colormap }: SaveSettings,
): Painted {
  const { like, raw } = explanation;
  if (like !== undefined) {
    return { explanation, map, colormap: findPreset(like.preset).overlay.colormap };
  }
  if (colormap !== 'diverging') return { explanation, map, colormap };
  return { explanation, map: createDisplayMap(sumChannels(raw), false, geometry), colormap };
}

function layOver(
  { explanation, map, colormap }: Painted,
  image: RgbImage,
  { alpha, overlay }: SaveSettings,
): RgbImage {
  if (explanation.like !== undefined) {
    return renderLike(image, map, findPreset(explanation.like.preset));
  }
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
  { explanation, colormap }: Painted,
  { overlay }: SaveSettings,
  note?: string,
): RgbImage {
  const { method, layer, target, diagnostics, like } = explanation;
  const answer = describeAnswer(diagnostics);
  const blank = diagnostics.blank === undefined ? '' : ', blank map';
  const by = like === undefined ? '' : ` like ${like.preset}`;
  return renderLabelled(picture, {
    lines: [
      `${describeTarget(target)} ${answer}${blank}`,
      `${method} at ${layer}${by}`,
      ...(note === undefined ? [] : [note]),
    ],
    colormap,
    range: colormap === 'diverging' ? [-1, 1] : [0, 1],
    ticks: overlay === 'contour' && like === undefined ? contourLevels(colormap) : undefined,
  });
}

function contourLevels(colormap: Painted['colormap']): readonly number[] {
  return colormap === 'diverging' ? SIGNED_LEVELS : CONTOUR_LEVELS;
}
