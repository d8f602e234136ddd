import { compositeOnWhite, type RgbImage } from '@gradcam/core';
import { blurPatch } from './blur-patch.ts';
import type { Edit, Patch } from './edit.ts';

/** The middle of 0..255. */
const GRAY = 128;

/**
 * Applies edits to a copy of an image, one after the other.
 *
 * Alpha is composited on white first, as the model sees the image. A fill with the mean uses the mean
 * colour of the given image, rounded, whatever was edited before. A moved patch leaves the mean colour
 * behind.
 *
 * @returns the edited image with three channels.
 */
export function applyEdits(image: RgbImage, edits: readonly Edit[]): RgbImage {
  const { width, height, data } = compositeOnWhite(image);
  const edited = { width, height, channels: 3, data: Uint8Array.from(data) } as const;
  const mean = meanColour(data);
  for (const edit of edits) {
    switch (edit.kind) {
      case 'mean':
        fill(edited, edit.patch, mean);
        break;
      case 'gray':
        fill(edited, edit.patch, [GRAY, GRAY, GRAY]);
        break;
      case 'blur':
        paste(edited, edit.patch, blurPatch(edited, edit.patch));
        break;
      case 'move': {
        const moved = copy(edited, edit.patch);
        fill(edited, edit.patch, mean);
        paste(edited, { ...edit.patch, ...edit.to }, moved);
      }
    }
  }
  return edited;
}

/** The mean of each channel, rounded. */
function meanColour(data: RgbImage['data']): number[] {
  const sums = [0, 0, 0];
  for (let i = 0; i < data.length; i++) sums[i % 3]! += data[i]!;
  return sums.map((sum) => Math.round((3 * sum) / data.length));
}

function fill(image: RgbImage, patch: Patch, colour: readonly number[]): void {
  for (let y = patch.y; y < patch.y + patch.height; y++) {
    for (let x = patch.x; x < patch.x + patch.width; x++) {
      image.data.set(colour, 3 * (y * image.width + x));
    }
  }
}

function copy(image: RgbImage, { x, y, width, height }: Patch): Uint8Array {
  const pixels = new Uint8Array(3 * width * height);
  for (let row = 0; row < height; row++) {
    const from = 3 * ((y + row) * image.width + x);
    pixels.set(image.data.subarray(from, from + 3 * width), 3 * row * width);
  }
  return pixels;
}

function paste(image: RgbImage, { x, y, width, height }: Patch, pixels: Uint8Array): void {
  for (let row = 0; row < height; row++) {
    const line = pixels.subarray(3 * row * width, 3 * (row + 1) * width);
    image.data.set(line, 3 * ((y + row) * image.width + x));
  }
}
