import { getColormap, type ColormapName } from '../colormaps/colormap.ts';
import { peerColour, type PeerColours } from '../colormaps/peer-colours.ts';
import type { RgbImage } from '../rgb-image.ts';
import { createCanvas, fillRectangle, type Canvas, type Rgb } from './canvas.ts';
import { divergingColour } from './signed.ts';
import { drawText, fitText, measureText, textHeight } from './text.ts';

/**
 * The colours of a bar: a colormap; `diverging` for a signed map; `gradient` for the coloured picture of
 * a map at pixels, one ramp for each of red, green and blue. Its range says whether zero is gray (from
 * below 0) or black.
 */
export type BarColours = ColormapName | PeerColours | 'diverging' | 'gradient';

export interface LegendOptions {
  readonly colormap: BarColours;
  /** Width of the picture in pixels. */
  readonly width: number;
  /** Values at the left and the right end of the bar. */
  readonly range: readonly [from: number, to: number];
  /** Values that get a tick and a number; default both ends and the middle. */
  readonly ticks?: readonly number[];
  /** A line of text above the bar; it is shortened where it is too long. */
  readonly caption?: string;
  /** The font size in pixels; default 12. */
  readonly fontSize?: number;
}

const PAPER: Rgb = [255, 255, 255];
const INK: Rgb = [0, 0, 0];

/**
 * Draws a colour bar with ticks, their values below and a caption above. RGB, dark on white.
 *
 * @throws RangeError for a width that leaves no room for the bar.
 */
export function renderLegend(options: LegendOptions): RgbImage {
  const { width, range, caption = '', fontSize = 12 } = options;
  const { ticks = [range[0], (range[0] + range[1]) / 2, range[1]] } = options;
  const line = textHeight(fontSize);
  const gap = gapOf(fontSize);
  const tickSide = Math.max(1, Math.round(fontSize / 12));
  const bar = {
    x: gap,
    y: caption === '' ? gap : gap + line + gap,
    width: width - 2 * gap,
    height: Math.round(fontSize * 1.25),
  };
  if (bar.width < 2) throw new RangeError(`legend: a width of ${width} leaves no room for the bar`);
  const below = bar.y + bar.height;
  const numbers = below + 2 * tickSide + Math.round(gap / 4);
  const canvas = createCanvas(width, numbers + line + Math.round(gap / 2), PAPER);
  drawText(canvas, fitText(caption, bar.width, fontSize), { x: gap, y: gap }, INK, fontSize);
  drawBar(canvas, bar, options);
  let taken = 0;
  for (const tick of ticks) {
    const share = range[1] === range[0] ? 0 : (tick - range[0]) / (range[1] - range[0]);
    const x = bar.x + Math.round(share * (bar.width - tickSide));
    fillRectangle(canvas, { x, y: below, width: tickSide, height: 2 * tickSide }, INK);
    const text = formatTick(tick);
    const wide = Math.ceil(measureText(text, fontSize));
    // The numbers at the ends are moved so that they stay inside the picture.
    const left = Math.min(width - gap - wide, Math.max(gap, x - Math.floor(wide / 2)));
    // A number that would touch the one before it is left out; its tick stays.
    if (left < taken) continue;
    taken = left + wide + Math.round(gap / 2);
    drawText(canvas, text, { x: left, y: numbers }, INK, fontSize);
  }
  return canvas;
}

/** The space around text and bar, in whole pixels. */
export function gapOf(fontSize: number): number {
  return Math.round(fontSize / 2);
}

function drawBar(
  canvas: Canvas,
  bar: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  { colormap, range }: LegendOptions,
): void {
  const ramps = colormap === 'gradient' ? 3 : 1;
  for (let ramp = 0; ramp < ramps; ramp++) {
    const top = bar.y + Math.round((ramp * bar.height) / ramps);
    const height = bar.y + Math.round(((ramp + 1) * bar.height) / ramps) - top;
    for (let i = 0; i < bar.width; i++) {
      const colour = colourAt(colormap, i / (bar.width - 1), ramp, range[0] < 0);
      fillRectangle(canvas, { x: bar.x + i, y: top, width: 1, height }, colour);
    }
  }
}

/** @param share of the way from the left end to the right end. */
function colourAt(colormap: BarColours, share: number, channel: number, isSigned: boolean): Rgb {
  if (colormap === 'diverging') return divergingColour(2 * share - 1);
  if (colormap === 'blues') return peerColour(colormap, share);
  if (colormap === 'red-white-green') return peerColour(colormap, 2 * share - 1);
  if (colormap === 'gradient') {
    const colour: [number, number, number] = isSigned ? [128, 128, 128] : [0, 0, 0];
    colour[channel] = Math.round(255 * share);
    return colour;
  }
  const table = getColormap(colormap);
  const step = Math.round(share * 255) * 3;
  return [table[step]!, table[step + 1]!, table[step + 2]!];
}

/** Below this magnitude a number is written with an exponent, which is shorter. */
const SMALL = 1e-3;

/** At most three significant digits, without trailing zeros, with the minus sign of the font. */
function formatTick(value: number): string {
  const short = Number(value.toPrecision(3));
  const isSmall = short !== 0 && Math.abs(short) < SMALL;
  const text = isSmall ? short.toExponential() : String(short);
  return text.replaceAll('-', '−');
}
