import { checkPixelCount } from '../image-limits.ts';
import type { RgbImage } from '../rgb-image.ts';

export type Rgb = readonly [red: number, green: number, blue: number];

/** An RGB image that can be drawn on. */
export interface Canvas extends RgbImage {
  readonly channels: 3;
  readonly data: Uint8Array;
}

/**
 * Creates a canvas of one colour.
 *
 * @throws RangeError for a side below 1; GradcamError `image` above `MAX_IMAGE_PIXELS`, which a legend
 *   below a picture of extreme proportions can reach.
 */
export function createCanvas(width: number, height: number, [red, green, blue]: Rgb): Canvas {
  if (!(width >= 1 && height >= 1)) {
    throw new RangeError(`a picture of ${width}x${height} cannot be drawn`);
  }
  checkPixelCount(width, height, 'a picture with its texts');
  const data = new Uint8Array(width * height * 3);
  if (red === green && green === blue) data.fill(red);
  else for (let i = 0; i < data.length; i += 3) data.set([red, green, blue], i);
  return { width, height, channels: 3, data };
}

/**
 * Draws an image onto the canvas, blended by its alpha if it has one. Parts outside the canvas are cut off.
 */
export function pasteImage(canvas: Canvas, image: RgbImage, left: number, top: number): void {
  for (let y = Math.max(0, -top); y < Math.min(image.height, canvas.height - top); y++) {
    if (image.channels === 3) {
      const first = Math.max(0, -left);
      const end = Math.min(image.width, canvas.width - left);
      if (first >= end) return;
      const row = image.data.subarray((y * image.width + first) * 3, (y * image.width + end) * 3);
      canvas.data.set(row, ((top + y) * canvas.width + left + first) * 3);
      continue;
    }
    for (let x = Math.max(0, -left); x < Math.min(image.width, canvas.width - left); x++) {
      const from = (y * image.width + x) * 4;
      const to = ((top + y) * canvas.width + left + x) * 3;
      const alpha = image.data[from + 3]! / 255;
      for (let c = 0; c < 3; c++) {
        const mixed = canvas.data[to + c]! * (1 - alpha) + image.data[from + c]! * alpha;
        canvas.data[to + c] = Math.round(mixed);
      }
    }
  }
}

/** Fills a rectangle of whole pixels. Parts outside the canvas are cut off. */
export function fillRectangle(
  canvas: Canvas,
  area: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  colour: Rgb,
): void {
  for (let y = Math.max(0, area.y); y < Math.min(canvas.height, area.y + area.height); y++) {
    for (let x = Math.max(0, area.x); x < Math.min(canvas.width, area.x + area.width); x++) {
      canvas.data.set(colour, (y * canvas.width + x) * 3);
    }
  }
}
