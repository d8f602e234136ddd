import type { Geometry, NdArray, ResultExplanation, ResultLine } from '@gradcam/core';

/**
 * How an image and the grid of its map are aligned. The result line states it; for runs of older versions,
 * whose lines do not, it is recovered.
 *
 * @param raw [rows, columns]
 */
export function geometryOf(
  line: Pick<ResultLine, 'width' | 'height' | 'view'>,
  explanation: Pick<ResultExplanation, 'peak' | 'diagnostics'>,
  raw: NdArray,
): Geometry {
  const { width, height, view } = line;
  if (view === undefined) return recoverGeometry(line, explanation, raw);
  const [rows, columns] = raw.shape as [number, number];
  // Maps are drawn from image and view alone, so the model's input size is not needed.
  return { image: { width, height }, input: { width: columns, height: rows }, view };
}

/**
 * Recovers how an image and the grid of its map are aligned from the result line: the peak is the centre of
 * the raw map's largest cell, and the size of the cells is among the diagnostics.
 *
 * @param raw [rows, columns]
 */
export function recoverGeometry(
  line: Pick<ResultLine, 'width' | 'height'>,
  { peak, diagnostics }: Pick<ResultExplanation, 'peak' | 'diagnostics'>,
  raw: NdArray,
): Geometry {
  const [rows, columns] = raw.shape as [number, number];
  const [cellWidth, cellHeight] = diagnostics.cellSize;
  const largest = indexOfLargest(raw.data);
  const [row, column] = [Math.floor(largest / columns), largest % columns];
  return {
    image: { width: line.width, height: line.height },
    // Maps are drawn from image and view alone; the model's input size is not in the line.
    input: { width: columns, height: rows },
    view: {
      x: withoutNoise(peak.x - (column + 0.5) * cellWidth),
      y: withoutNoise(peak.y - (row + 0.5) * cellHeight),
      width: cellWidth * columns,
      height: cellHeight * rows,
    },
  };
}

/** The same geometry for a scaled copy of the image. */
export function scaleGeometry({ image, input, view }: Geometry, scale: number): Geometry {
  return {
    image: {
      width: Math.max(1, Math.round(image.width * scale)),
      height: Math.max(1, Math.round(image.height * scale)),
    },
    input,
    view: {
      x: view.x * scale,
      y: view.y * scale,
      width: view.width * scale,
      height: view.height * scale,
    },
  };
}

/**
 * Crops begin at whole pixels and bars at half pixels, so a value that differs from one of these by a
 * rounding error is rounded to it.
 */
function withoutNoise(value: number): number {
  const half = Math.round(value * 2) / 2;
  return Math.abs(value - half) < 1e-6 ? half : value;
}

/** The index of the first of the largest values, row by row. The peak is defined in this way. */
function indexOfLargest(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
