/**
 * A rectangle of an image, in whole pixels of the image. It lies inside the image and has at least one pixel.
 */
export interface Patch {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** The ways to erase a patch: with the mean colour of the image, with gray, or by a blur. */
export const erasures = ['mean', 'gray', 'blur'] as const;
export type Erasure = (typeof erasures)[number];

/** A change of one patch of an image. */
export type Edit =
  | { readonly kind: Erasure; readonly patch: Patch }
  | {
      readonly kind: 'move';
      readonly patch: Patch;
      /** The new place of the patch's upper left corner. */
      readonly to: Readonly<Record<'x' | 'y', number>>;
    };

/** Returns the patch with whole numbers, made smaller and moved as far as it must to lie inside the image. */
export function fitPatch(patch: Patch, image: ImageSize): Patch {
  const width = clamp(Math.round(patch.width), 1, image.width);
  const height = clamp(Math.round(patch.height), 1, image.height);
  return {
    x: clamp(Math.round(patch.x), 0, image.width - width),
    y: clamp(Math.round(patch.y), 0, image.height - height),
    width,
    height,
  };
}

/** The patch that is offered first: the middle of the image, a third of each side. */
export function middlePatch(image: ImageSize): Patch {
  const [width, height] = [image.width / 3, image.height / 3];
  return fitPatch({ x: width, y: height, width, height }, image);
}

const doneWords: Readonly<Record<Edit['kind'], string>> = {
  mean: 'filled with the mean colour of the image',
  gray: 'filled with gray',
  blur: 'blurred',
  move: 'moved',
};

/** Describes an edit in words. */
export function describeEdit(edit: Edit): string {
  const { x, y, width, height } = edit.patch;
  const to = edit.kind === 'move' ? ` to ${edit.to.x}, ${edit.to.y}` : '';
  return `${width} × ${height} px at ${x}, ${y} ${doneWords[edit.kind]}${to}`;
}

function clamp(value: number, least: number, most: number): number {
  // Of a text that is not a number, the least value is left.
  return Number.isNaN(value) ? least : Math.min(most, Math.max(least, value));
}
