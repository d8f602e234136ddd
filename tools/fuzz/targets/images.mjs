// @ts-check
import { readImage } from '@gradcam/core/node';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { digestOf } from '../digest.mjs';
import { avifMutations } from '../formats/boxes.mjs';
import { gifMutations } from '../formats/gif.mjs';
import { jpegMutations } from '../formats/jpeg.mjs';
import { pngMutations } from '../formats/png.mjs';
import { webpMutations } from '../formats/riff.mjs';
import { tiffMutations } from '../formats/tiff.mjs';
import { Disagreement } from '../oracle.mjs';
import { createRandom } from '../random.mjs';
import { makeScratch } from '../scratch.mjs';

const WIDTH = 24;
const HEIGHT = 16;

/** @typedef {(image: import('sharp').Sharp) => import('sharp').Sharp} Encode */

/** A gradient with noise; some variants have alpha, one channel or several frames. @param {3 | 4} channels */
function picture(channels) {
  const noise = createRandom(channels);
  const data = Uint8Array.from(
    { length: WIDTH * HEIGHT * channels },
    (_, i) => (i + noise.below(40)) & 0xff,
  );
  return sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels } });
}

const frames = () =>
  sharp(createRandom(9).bytes(WIDTH * HEIGHT * 3), {
    raw: { width: WIDTH, height: HEIGHT, channels: 3, pageHeight: HEIGHT / 2 },
  });

/**
 * The variants of each format that sharp writes as seeds.
 *
 * @type {Readonly<Record<string, readonly (() => import('sharp').Sharp)[]>>}
 */
const VARIANTS = {
  png: [
    () => picture(3).png(),
    () => picture(4).png({ progressive: true }),
    () => picture(3).png({ palette: true, colours: 8 }),
    () => picture(3).toColourspace('rgb16').png(),
    () => picture(3).greyscale().png(),
    () => picture(3).withMetadata({ orientation: 6 }).withIccProfile('p3').png(),
  ],
  jpeg: [
    () => picture(3).jpeg(),
    () => picture(3).jpeg({ progressive: true }),
    () => picture(3).greyscale().jpeg(),
    () => picture(3).toColourspace('cmyk').jpeg(),
    () => picture(3).withMetadata({ orientation: 8 }).jpeg({ chromaSubsampling: '4:4:4' }),
  ],
  webp: [
    () => picture(3).webp(),
    () => picture(4).webp({ lossless: true }),
    () => picture(4).webp({ alphaQuality: 50 }),
    () => picture(3).withMetadata({ orientation: 3 }).webp(),
    () => frames().webp(),
  ],
  gif: [() => picture(3).gif(), () => picture(4).gif(), () => frames().gif()],
  tiff: [
    () => picture(3).tiff({ compression: 'none' }),
    () => picture(3).tiff({ compression: 'lzw', predictor: 'horizontal' }),
    () => picture(4).tiff({ compression: 'deflate' }),
    () => picture(3).tiff({ compression: 'jpeg' }),
    () => picture(3).tiff({ compression: 'none', tile: true, tileWidth: 16, tileHeight: 16 }),
    () => picture(3).toColourspace('rgb16').tiff({ compression: 'lzw' }),
    () =>
      picture(3).toColourspace('b-w').threshold().tiff({ compression: 'ccittfax4', bitdepth: 1 }),
    () => picture(3).withMetadata({ orientation: 5 }).tiff({ compression: 'packbits' }),
  ],
  avif: [
    () => picture(3).avif({ effort: 0 }),
    () => picture(4).avif({ effort: 0, lossless: true }),
  ],
};

/**
 * @type {Readonly<Record<string, readonly [share: number, mutations: readonly
 * import('../mutate/bytes.mjs').Mutation[]]>>}
 */
const FORMATS = {
  png: [4, pngMutations],
  jpeg: [2, jpegMutations],
  webp: [3, webpMutations],
  gif: [2, gifMutations],
  tiff: [3, tiffMutations],
  avif: [1, avifMutations],
};

/**
 * @param {string} format
 * @returns {import('../target.mjs').Target}
 */
function imageTarget(format) {
  const [share, mutations] = FORMATS[format];
  const open = `picture.${format}`;
  return {
    name: `image-${format}`,
    share,
    pixelsOf(detail) {
      const [width, height] = detail.split(' x ').map(Number);
      return width * height;
    },
    mutationsOf: () => mutations,
    async start() {
      // One thread for a mutant: more threads would only add to the CPU time that is measured.
      sharp.concurrency(1);
      sharp.cache(false);
      const folder = makeScratch('image');
      const made = VARIANTS[format].map(async (make, i) => ({
        name: `${format} ${i}`,
        open,
        files: { [open]: new Uint8Array(await make().toBuffer()) },
      }));
      return {
        seeds: await Promise.all(made),
        async run({ files }) {
          const file = path.join(folder, open);
          writeFileSync(file, files[open]);
          const { width, height, channels, data } = await readImage(file);
          if (data.length !== width * height * channels)
            throw new Disagreement('an image of another length than its size');
          const pixels = new Uint8Array(data.buffer, data.byteOffset, data.length);
          return `${width} x ${height} x ${channels} ${digestOf(pixels)}`;
        },
      };
    },
  };
}

/** Targets for the pictures of each format that is read. */
export const imageTargets = Object.keys(FORMATS).map(imageTarget);
