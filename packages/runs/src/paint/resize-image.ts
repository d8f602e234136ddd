import type { Geometry, RgbImage } from '@gradcam/core';

/** An image in another size, with the geometry that maps of it have there. */
export interface SizedImage {
  readonly image: RgbImage;
  readonly geometry: Geometry;
}

/** The image and its geometry with a longest side from `least` to `most` pixels; unchanged where it is. */
export async function resizeImage(
  image: RgbImage,
  { view, ...geometry }: Geometry,
  { least = 1, most }: { readonly least?: number; readonly most: number },
): Promise<SizedImage> {
  const { width, height, channels, data } = image;
  const longest = Math.max(width, height);
  const scale = Math.min(most, Math.max(least, longest)) / longest;
  if (scale === 1) return { image, geometry: { ...geometry, view } };
  const size = {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
  const { default: sharp } = await import('sharp');
  const [across, down] = [size.width / width, size.height / height];
  const pixels = await sharp(data, { raw: { width, height, channels } })
    .resize(size.width, size.height, { fit: 'fill' })
    .raw()
    .toBuffer();
  return {
    image: { ...size, channels, data: pixels },
    geometry: {
      ...geometry,
      image: size,
      view: {
        x: view.x * across,
        y: view.y * down,
        width: view.width * across,
        height: view.height * down,
      },
    },
  };
}
