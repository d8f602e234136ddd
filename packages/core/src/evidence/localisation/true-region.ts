import { GradcamError } from '../../base/errors.ts';
import type { Region } from '../../base/rectangle.ts';
import type { Mask } from '../../image/localise/mask.ts';

/** Where an object really is, in pixels of the original image: boxes, or a mask of the image's size. */
export type TrueRegion = { readonly boxes: readonly Region[] } | { readonly mask: Mask };

/**
 * The region as a mask of the image: a pixel belongs to a box when its centre lies inside.
 *
 * @throws GradcamError `argument` for a mask of another size.
 */
export function regionMask(
  region: TrueRegion,
  { width, height }: { readonly width: number; readonly height: number },
): Uint8Array {
  if ('mask' in region) {
    const { mask } = region;
    if (mask.width === width && mask.height === height) return mask.data;
    throw new GradcamError(
      'argument',
      `mask: expected the image's size ${width}x${height}, got ${mask.width}x${mask.height}`,
    );
  }
  const data = new Uint8Array(width * height);
  const first = (start: number): number => Math.max(0, Math.ceil(start - 0.5));
  for (const box of region.boxes) {
    const right = Math.min(width, first(box.x + box.width));
    const bottom = Math.min(height, first(box.y + box.height));
    for (let y = first(box.y); y < bottom; y++) {
      const left = first(box.x);
      if (left < right) data.fill(1, y * width + left, y * width + right);
    }
  }
  return data;
}

/** The boxes of the region; for a mask the one box around all its pixels. Empty for an empty mask. */
export function regionBoxes(region: TrueRegion): readonly Region[] {
  if ('boxes' in region) return region.boxes;
  const { width, data } = region.mask;
  let [left, right, top, bottom] = [Infinity, -1, Infinity, -1];
  data.forEach((value, i) => {
    if (value !== 1) return;
    const [x, y] = [i % width, Math.floor(i / width)];
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  });
  if (right < 0) return [];
  return [{ x: left, y: top, width: right - left + 1, height: bottom - top + 1 }];
}

/** The area of the intersection of two rectangles as a share of the area of their union, 0..1. */
export function intersectionOverUnion(a: Region, b: Region): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (a.width * a.height + b.width * b.height - shared);
}
