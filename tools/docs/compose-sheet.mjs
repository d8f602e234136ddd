// @ts-check
/** Arranges small pictures in rows, each group above its caption. */
import { renderSheet } from '@gradcam/core';
import sharp from 'sharp';

const SIDE = 112;
/** Pixels between the pictures of a group. */
const NEAR = 2;

/** @typedef {import('@gradcam/core').RgbImage} RgbImage */

/**
 * Converts a picture to a panel of a sheet, SIDE pixels wide and high.
 *
 * @param {RgbImage} image
 */
export function toPanel({ data, width, height, channels }) {
  return sharp(data, { raw: { width, height, channels } })
    .resize(SIDE, SIDE, { fit: 'fill' })
    .png()
    .toBuffer();
}

/**
 * Writes the sheet as a PNG with few colours.
 *
 * @param {readonly { caption: string, panels: readonly Buffer[] }[]} tiles
 * @param {number} columns tiles in a row
 * @param {string} out
 */
export async function composeSheet(tiles, columns, out) {
  const across = Math.max(...tiles.map(({ panels }) => panels.length));
  const width = across * (SIDE + NEAR) - NEAR;
  const panels = await Promise.all(
    tiles.map(async ({ panels, caption }) => ({ image: await join(panels, width), caption })),
  );
  await writePicture(renderSheet(panels, { columns, gap: 10 }), out);
}

/**
 * Writes a picture as a PNG with few colours.
 *
 * @param {RgbImage} picture
 * @param {string} out
 */
export async function writePicture({ width, height, channels, data }, out) {
  await sharp(data, { raw: { width, height, channels } })
    .png({ palette: true, quality: 90, effort: 8 })
    .toFile(out);
}

/**
 * @param {readonly Buffer[]} panels
 * @param {number} width
 * @returns {Promise<RgbImage>}
 */
async function join(panels, width) {
  const composed = panels.map((input, i) => ({ input, left: i * (SIDE + NEAR), top: 0 }));
  const data = await sharp({ create: { width, height: SIDE, channels: 3, background: '#ffffff' } })
    .composite(composed)
    .removeAlpha()
    .raw()
    .toBuffer();
  return { width, height: SIDE, channels: 3, data };
}
