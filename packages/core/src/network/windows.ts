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
