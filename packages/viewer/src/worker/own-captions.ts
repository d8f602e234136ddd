import { caption, type Model, type RgbImage, type WrittenCaption } from '@gradcam/core';

/** What a model itself says of an image. */
export type OwnCaption = (
  model: Model,
  image: RgbImage,
  signal: AbortSignal,
) => Promise<WrittenCaption>;

/**
 * Keeps what models say of images, so that each word that the reader presses is explained at once. A caption
 * is kept no longer than its image. Calls run one after the other.
 *
 * @param write lets a model write.
 */
export function keepOwnCaptions(write: typeof caption = caption): OwnCaption {
  const known = new WeakMap<RgbImage, { readonly model: Model; readonly said: WrittenCaption }>();
  return async (model, image, signal) => {
    const before = known.get(image);
    if (before?.model === model) return before.said;
    const said = await write(model, image, { signal });
    known.set(image, { model, said });
    return said;
  };
}
