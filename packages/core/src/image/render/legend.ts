import { getColormap, type ColormapName } from '../colormaps/colormap.ts';
import type { RgbImage } from '../rgb-image.ts';
import {
  createCanvas,
  drawText,
  fillRectangle,
  fitText,
  measureText,
  textHeight,
  type Canvas,
  type Rgb,
} from './canvas.ts';
import { divergingColour } from './signed.ts';

export interface LegendOptions {
  /** `diverging` for the colours of a signed map. */
  readonly colormap: ColormapName | 'diverging';
  /** Width of the picture in pixels. */
  readonly width: number;
  /** Values at the left and the right end of the bar. */
  readonly range: readonly [from: number, to: number];
  /** Values that get a tick and a number; default both ends and the middle. */
  readonly ticks?: readonly number[];
  /** A line of text above the bar; it is shortened where it is too long. */
  readonly caption?: string;
  /** Size of a font pixel; default 2. */
  readonly scale?: number;
}

const PAPER: Rgb = [255, 255, 255];
const INK: Rgb = [0, 0, 0];

/**
 * Draws a colour bar with ticks, their values below and a caption above. RGB, dark on white.
 *
 * @throws RangeError for a width that leaves no room for the bar.
 */
export function renderLegend(options: LegendOptions): RgbImage {
  const { width, range, caption = '', scale = 2 } = options;
  const { ticks = [range[0], (range[0] + range[1]) / 2, range[1]] } = options;
  const line = textHeight(scale);
  const gap = 2 * scale;
  const bar = {
    x: gap,
    y: caption === '' ? gap : gap + line + gap,
    width: width - 2 * gap,
    height: 2 * line,
  };
  if (bar.width < 2) throw new RangeError(`legend: a width of ${width} leaves no room for the bar`);
  const height = bar.y + bar.height + scale + gap + line + gap;
  const canvas = createCanvas(width, height, PAPER);
  drawText(canvas, fitText(caption, bar.width, scale), { x: gap, y: gap }, INK, scale);
  drawBar(canvas, bar, options.colormap);
  for (const tick of ticks) {
    const share = range[1] === range[0] ? 0 : (tick - range[0]) / (range[1] - range[0]);
    const x = bar.x + Math.round(share * (bar.width - 1));
    const below = bar.y + bar.height;
    fillRectangle(canvas, { x, y: below, width: 1, height: scale }, INK);
    const text = formatTick(tick);
    const wide = measureText(text, scale);
    // The numbers at the ends are moved so that they stay inside the picture.
    const left = Math.min(width - gap - wide, Math.max(gap, x - Math.floor(wide / 2)));
    drawText(canvas, text, { x: left, y: below + scale + gap }, INK, scale);
  }
  return canvas;
}

function drawBar(
  canvas: Canvas,
  bar: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  colormap: LegendOptions['colormap'],
): void {
  const table = colormap === 'diverging' ? null : getColormap(colormap);
  for (let i = 0; i < bar.width; i++) {
    const share = i / (bar.width - 1);
    const step = Math.round(share * 255) * 3;
    const colour: Rgb =
      table === null
        ? divergingColour(2 * share - 1)
        : [table[step]!, table[step + 1]!, table[step + 2]!];
    fillRectangle(canvas, { x: bar.x + i, y: bar.y, width: 1, height: bar.height }, colour);
  }
}

/** At most three significant digits, without trailing zeros. */
function formatTick(value: number): string {
  return String(Number(value.toPrecision(3)));
}
