/** A rectangle in pixels of the original image; all four numbers may be fractions. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A rectangle of whole pixels: columns x to x + width - 1 and rows y to y + height - 1. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
