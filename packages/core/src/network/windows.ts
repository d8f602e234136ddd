/** Cells added at each edge. */
export interface Padding {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** How the windows of a convolution are placed. */
export interface Convolution {
  readonly strides: readonly [height: number, width: number];
  readonly dilations: readonly [height: number, width: number];
  readonly padding: Padding;
}

/** The windows of a pool. */
export interface Window {
  readonly size: readonly [height: number, width: number];
  readonly strides: readonly [height: number, width: number];
  readonly padding: Padding;
}

/**
 * The windows of an average pool without the cells that can never count: along an axis whose only window
 * covers the whole image, the window becomes as long as the image. Hugging Face's EfficientNet ends in a
 * window of 1280 x 1280 cells over an image of 2 x 2, and a kernel of that size would take 8 GB.
 *
 * @param image height and width of the image.
 * @param steps the numbers of windows along both axes.
 */
export function trimWindow(
  { size, strides, padding }: Window,
  image: readonly [height: number, width: number],
  [rows = 1, columns = 1]: readonly number[],
): Window {
  const isWhole = [
    rows === 1 && size[0] - padding.top >= image[0],
    columns === 1 && size[1] - padding.left >= image[1],
  ] as const;
  return {
    size: [isWhole[0] ? image[0] : size[0], isWhole[1] ? image[1] : size[1]],
    strides: [isWhole[0] ? 1 : strides[0], isWhole[1] ? 1 : strides[1]],
    padding: {
      ...padding,
      ...(isWhole[0] ? { top: 0, bottom: 0 } : {}),
      ...(isWhole[1] ? { left: 0, right: 0 } : {}),
    },
  };
}

/** Height and width of the result of an adjoint. The strides alone do not determine them. */
export interface OutputSize {
  readonly height: number;
  readonly width: number;
}

/** How many times a nearest-neighbour resize repeats each cell. */
export interface WholeFactors {
  readonly factors: readonly [height: number, width: number];
}

/** No cells at any edge. */
export const noPadding: Padding = { top: 0, bottom: 0, left: 0, right: 0 };

/** Whether any edge is padded. */
export function isPadded(padding: Padding): boolean {
  return padding.top + padding.bottom + padding.left + padding.right > 0;
}
