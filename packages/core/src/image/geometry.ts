import type { InputDescription } from '../artifact/artifact.ts';
import type { Region } from '../base/rectangle.ts';

/**
 * How an original image and the model's input lie over each other. Every map, peak and box is brought back
 * to the original image through this one record.
 */
export interface Geometry {
  readonly image: { readonly width: number; readonly height: number };
  readonly input: { readonly width: number; readonly height: number };
  /**
   * The region that the model's input shows, in pixels of the original. For `crop` it is a part of the
   * image; for `squash` the whole image, or its middle where the model keeps a part; for `letterbox` it is
   * larger than the image.
   */
  readonly view: Region;
}

/** Places an image of the given size into a model's input. */
export function fitImage(
  image: { readonly width: number; readonly height: number },
  input: Pick<InputDescription, 'height' | 'width' | 'fit' | 'cropFraction'>,
): Geometry {
  return {
    image: { width: image.width, height: image.height },
    input: { width: input.width, height: input.height },
    view: chooseView(image, input),
  };
}

function chooseView(
  image: { readonly width: number; readonly height: number },
  input: Pick<InputDescription, 'height' | 'width' | 'fit' | 'cropFraction'>,
): Region {
  if (input.fit === 'squash') return squashView(image, input);
  const perCell = [image.width / input.width, image.height / input.height] as const;
  const scale =
    input.fit === 'crop' ? Math.min(...perCell) * input.cropFraction : Math.max(...perCell);
  // Crops start at whole pixels, as in the programs that trained the weights.
  const place = (size: number, part: number): number =>
    input.fit === 'crop' ? Math.floor((size - part) / 2) : (size - part) / 2;
  const width = input.width * scale;
  const height = input.height * scale;
  return { x: place(image.width, width), y: place(image.height, height), width, height };
}

/**
 * The view of an image that is first squashed to the input's sides divided by the crop fraction, and then
 * cropped to its middle. The crop starts at whole pixels of the squashed image, half pixels rounded down,
 * as in Hugging Face's `int((size - crop) / 2)`.
 */
function squashView(
  image: { readonly width: number; readonly height: number },
  { width, height, cropFraction }: Pick<InputDescription, 'height' | 'width' | 'cropFraction'>,
): Region {
  const along = (size: number, cells: number): { start: number; length: number } => {
    // 224 of 256 pixels is a share of 0.875; 224 / 0.9 are 248.
    const squashed = Math.max(cells, Math.floor(cells / cropFraction + 1e-6));
    const perCell = size / squashed;
    return { start: Math.floor((squashed - cells) / 2) * perCell, length: cells * perCell };
  };
  const [across, down] = [along(image.width, width), along(image.height, height)];
  return { x: across.start, y: down.start, width: across.length, height: down.length };
}

/** The part of the image that the model saw: the intersection of the view and the image. */
export function visibleRegion({ image, view }: Geometry): Region {
  const x = Math.max(0, view.x);
  const y = Math.max(0, view.y);
  return {
    x,
    y,
    width: Math.min(image.width, view.x + view.width) - x,
    height: Math.min(image.height, view.y + view.height) - y,
  };
}

/** The centre of a grid cell, in pixels of the original image. */
export function cellCentre(
  { view }: Geometry,
  grid: readonly [height: number, width: number],
  row: number,
  column: number,
): { x: number; y: number } {
  return {
    x: view.x + ((column + 0.5) / grid[1]) * view.width,
    y: view.y + ((row + 0.5) / grid[0]) * view.height,
  };
}

/** The grid cell that shows a point of the original image; null where the model did not see the point. */
export function cellAt(
  { image, view }: Geometry,
  grid: readonly [height: number, width: number],
  { x, y }: { readonly x: number; readonly y: number },
): { row: number; column: number } | null {
  const row = Math.floor(((y - view.y) / view.height) * grid[0]);
  const column = Math.floor(((x - view.x) / view.width) * grid[1]);
  const isInImage = x >= 0 && y >= 0 && x < image.width && y < image.height;
  const isInView = row >= 0 && column >= 0 && row < grid[0] && column < grid[1];
  return isInImage && isInView ? { row, column } : null;
}

/**
 * Rounding error of a view's arithmetic, as a share of a cell. A cell whose edge meets the image's edge
 * within this error counts as wholly inside or wholly outside.
 */
const EDGE_ROUNDING = 1e-6;

/**
 * The share of a grid's row or column that lies on the original image, 0 to 1. It is below 1 at the bars of a
 * letterbox.
 *
 * @param axis `x` for a column, `y` for a row.
 * @param cells number of cells of the grid along that axis.
 * @param index of the column or row.
 */
export function visibleShare(
  { image, view }: Geometry,
  axis: 'x' | 'y',
  cells: number,
  index: number,
): number {
  const extent = axis === 'x' ? 'width' : 'height';
  const size = view[extent] / cells;
  const start = view[axis] + index * size;
  const shown = Math.min(image[extent], start + size) - Math.max(0, start);
  const share = shown / size;
  if (share < EDGE_ROUNDING) return 0;
  return share > 1 - EDGE_ROUNDING ? 1 : share;
}
