import type { Outline } from './glyph.ts';

/** How much of each pixel an outline covers. */
export interface Coverage {
  /** The upper left pixel. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Row-major, 0..1. */
  readonly shares: Float32Array;
}

/**
 * The share of each pixel that an outline covers, computed from areas and not from samples: each line
 * adds, to the pixels of its rows, the signed area between itself and the right border. Where contours of
 * one direction overlap, the shares are cut to 1, so at such a place the share of an edge pixel may be
 * too large.
 *
 * @param scale pixels for one unit of the outline.
 * @param x pixels that are added to the outline, after scaling; y likewise.
 */
export function coverOutline(outline: Outline, scale: number, x: number, y: number): Coverage {
  const lines = outline.map(
    ([x0, y0, x1, y1]) => [x0 * scale + x, y0 * scale + y, x1 * scale + x, y1 * scale + y] as const,
  );
  const xs = lines.flatMap(([x0, , x1]) => [x0, x1]);
  const ys = lines.flatMap(([, y0, , y1]) => [y0, y1]);
  if (lines.length === 0)
    return { left: 0, top: 0, width: 0, height: 0, shares: new Float32Array(0) };
  const [left, top] = [Math.floor(Math.min(...xs)), Math.floor(Math.min(...ys))];
  const width = Math.floor(Math.max(...xs)) - left + 1;
  const height = Math.floor(Math.max(...ys)) - top + 1;
  // One column more, into which the last pixel of a row may overflow.
  const sums = new Float64Array((width + 1) * height);
  for (const [x0, y0, x1, y1] of lines) {
    addLine(sums, width + 1, height, [x0 - left, y0 - top, x1 - left, y1 - top]);
  }
  const shares = new Float32Array(width * height);
  for (let row = 0; row < height; row++) {
    let sum = 0;
    for (let column = 0; column < width; column++) {
      sum += sums[row * (width + 1) + column]!;
      shares[row * width + column] = Math.min(1, Math.abs(sum));
    }
  }
  return { left, top, width, height, shares };
}

/** Adds the differences, from pixel to pixel along each row, of the area to the right of a line. */
function addLine(
  sums: Float64Array,
  stride: number,
  height: number,
  [x0, y0, x1, y1]: readonly [number, number, number, number],
): void {
  if (y0 === y1) return;
  const slope = (x1 - x0) / (y1 - y0);
  const [upper, lower] = y0 < y1 ? [y0, y1] : [y1, y0];
  const direction = y0 < y1 ? 1 : -1;
  for (let row = Math.floor(upper); row < Math.min(height, Math.ceil(lower)); row++) {
    const from = Math.max(upper, row);
    const to = Math.min(lower, row + 1);
    const tall = (to - from) * direction;
    const [a, b] = [x0 + (from - y0) * slope, x0 + (to - y0) * slope];
    addSpan(sums, row * stride, Math.min(a, b), Math.max(a, b), tall);
  }
}

/**
 * The part of a line in one row, from `left` to `right`, whose height `tall` has the line's direction as
 * its sign.
 */
function addSpan(
  sums: Float64Array,
  start: number,
  left: number,
  right: number,
  tall: number,
): void {
  const first = Math.floor(left);
  const last = Math.floor(right);
  if (first === last) {
    // The mean distance from the line to the pixel's right border.
    const area = tall * (first + 1 - (left + right) / 2);
    sums[start + first]! += area;
    sums[start + first + 1]! += tall - area;
    return;
  }
  const perPixel = tall / (right - left);
  let before = 0;
  for (let pixel = first; pixel <= last; pixel++) {
    const [from, to] = [Math.max(left, pixel), Math.min(right, pixel + 1)];
    const passed = (from - left) * perPixel;
    const inside = (to - from) * perPixel;
    const area = passed + inside * (pixel + 1 - (from + to) / 2);
    sums[start + pixel]! += area - before;
    before = area;
  }
  sums[start + last + 1]! += tall - before;
}
