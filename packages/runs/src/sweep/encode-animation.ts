import type { RgbImage } from '@gradcam/core';

/** Milliseconds that a frame is shown; the last frame is shown longer, since people look at it. */
const FRAME_DELAY = 400;
const LAST_DELAY = 1600;

/** Encodes RGB frames of equal width as a looping WebP animation; lower frames get white below. */
export async function encodeAnimation(frames: readonly RgbImage[]): Promise<Uint8Array> {
  const width = frames[0]!.width;
  const height = Math.max(...frames.map((frame) => frame.height));
  const size = width * height * 3;
  const data = new Uint8Array(frames.length * size).fill(255);
  frames.forEach((frame, i) => data.set(frame.data, i * size));
  const raw = { width, height: height * frames.length, channels: 3, pageHeight: height } as const;
  const delay = frames.map((_, i) => (i === frames.length - 1 ? LAST_DELAY : FRAME_DELAY));
  const { default: sharp } = await import('sharp');
  return sharp(data, { raw }).webp({ quality: 90, effort: 2, loop: 0, delay }).toBuffer();
}
