// @ts-check
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';

/**
 * Writes pictures of noise in several sizes. They compress about as badly as photographs.
 *
 * @param {string} folder
 * @param {number} count
 */
export async function writePhotos(folder, count) {
  mkdirSync(folder, { recursive: true });
  for (let i = 0; i < count; i++) {
    const width = 63;
    const coarse = Buffer.from(
      Uint8Array.from(
        { length: width * 47 * 3 },
        (_, j) => ((j + 1) * (i + 3) * 2654435761) >>> 24,
      ),
    );
    await sharp(coarse, { raw: { width, height: 47, channels: 3 } })
      .resize(500, 375)
      .jpeg()
      .toFile(path.join(folder, `photo-${String(i).padStart(2, '0')}.jpg`));
  }
}
