// @ts-check
/** Arranges small pictures in rows, each group under its caption. */
import sharp from 'sharp';

const SIDE = 112;
const GAP = 6;
const CAPTION = 18;

/**
 * Converts a picture to a panel of a sheet.
 *
 * @param {{ width: number, height: number, channels: 3 | 4, data: Uint8Array | Uint8ClampedArray }} image
 */
export function toPanel({ data, width, height, channels }) {
  const raw = { width, height, channels };
  return sharp(data, { raw }).resize(SIDE, SIDE, { fit: 'fill' }).png().toBuffer();
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
  const columnWidth = across * (SIDE + 2) + 2 * GAP;
  const rowHeight = SIDE + CAPTION + GAP;
  /** @param {number} i */
  const left = (i) => (i % columns) * columnWidth + GAP;
  /** @param {number} i */
  const top = (i) => Math.floor(i / columns) * rowHeight + CAPTION;
  const composed = tiles.flatMap(({ panels }, i) =>
    panels.map((input, k) => ({ input, left: left(i) + k * (SIDE + 2), top: top(i) })),
  );
  const captions = tiles.map(
    ({ caption }, i) => `<text x="${left(i)}" y="${top(i) - 5}">${caption}</text>`,
  );
  const width = columns * columnWidth;
  const height = Math.ceil(tiles.length / columns) * rowHeight;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="DejaVu Sans, sans-serif" font-size="12" fill="#222">${captions.join('')}</svg>`;
  await sharp({ create: { width, height, channels: 3, background: '#ffffff' } })
    .composite([...composed, { input: Buffer.from(svg), left: 0, top: 0 }])
    .png({ palette: true, quality: 90, effort: 8 })
    .toFile(out);
}
